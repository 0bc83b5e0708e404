#!/usr/bin/env bash
# Runs once, when PostgreSQL makes a new data folder. Creates a database that belongs only to the device manager, which
# creates its own tables in it.
set -euo pipefail

: "${TPEDM_DB_PASSWORD:?}"
export TPEDM_DB_PASSWORD

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres <<'SQL'
\getenv password TPEDM_DB_PASSWORD
set log_statement = 'none';
set log_min_error_statement = 'panic';
create role tpedm login nosuperuser nocreatedb nocreaterole password :'password';
create database tpedm owner tpedm;
-- Nobody else may connect, not even to create temporary tables.
revoke all on database tpedm from public;
SQL
