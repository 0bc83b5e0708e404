#!/usr/bin/env bash
# Runs once, when PostgreSQL makes a new data folder: a database that belongs to the device manager alone, which makes
# its own tables in it.
set -euo pipefail

: "${TPEDM_DB_PASSWORD:?}"
export TPEDM_DB_PASSWORD

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres <<'SQL'
\getenv password TPEDM_DB_PASSWORD
set log_statement = 'none';
set log_min_error_statement = 'panic';
create role tpedm login nosuperuser nocreatedb nocreaterole password :'password';
create database tpedm owner tpedm;
-- Nobody else comes in, also not to make temporary tables.
revoke all on database tpedm from public;
SQL
