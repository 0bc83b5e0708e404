#!/usr/bin/env bash
# Makes the role by which EMQX reads credentials, or gives it another password: it may read the view emqx_credential,
# and nothing else. Safe to run again, before and after the device manager made the view. The stack runs it for a new
# database; for one that is there already run it as a superuser, with psql 15 or later:
#   PGHOST=... PGUSER=postgres PGPASSWORD=... PGDATABASE=tpedm EMQX_DB_PASSWORD=... docker/postgres/20-emqx-role.sh
set -euo pipefail

: "${EMQX_DB_PASSWORD:?Set EMQX_DB_PASSWORD to the password that EMQX is going to use}"
export EMQX_DB_PASSWORD
export EMQX_DB_USER="${EMQX_DB_USER:-tpedm_emqx}"

# psql reads both from the environment: on its command line every user of the machine could see the password.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="${PGDATABASE:-tpedm}" <<'SQL'
\getenv user EMQX_DB_USER
\getenv password EMQX_DB_PASSWORD
begin;
-- Two roles: the migration that makes the view knows the name of the first one, whatever the login is called.
select 'create role tpe_emqx_reader nologin'
  where not exists (select from pg_roles where rolname = 'tpe_emqx_reader') \gexec
select format('create role %I', :'user') where not exists (select from pg_roles where rolname = :'user') \gexec
-- No statement with the password in the server's log.
set local log_statement = 'none';
set local log_min_error_statement = 'panic';
alter role :"user" login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls
  connection limit 50 password :'password';
alter role :"user" set default_transaction_read_only = on;
alter role :"user" set statement_timeout = '5s';
grant tpe_emqx_reader to :"user";
select format('grant connect on database %I to tpe_emqx_reader', current_database()) \gexec
grant usage on schema public to tpe_emqx_reader;
select 'grant select on public.emqx_credential to tpe_emqx_reader'
  where to_regclass('public.emqx_credential') is not null \gexec
commit;
SQL
