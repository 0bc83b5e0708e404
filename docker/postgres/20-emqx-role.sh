#!/usr/bin/env bash
# Makes the role by which EMQX reads credentials, or gives it another password: it may read the view emqx_credential,
# and nothing else. Safe to run again, before and after the device manager made the view. The stack runs it for a new
# database; for one that is there already run it as a superuser, with psql 15 or later:
#   PGHOST=... PGUSER=postgres PGPASSWORD=... PGDATABASE=tpedm EMQX_DB_PASSWORD=... docker/postgres/20-emqx-role.sh
# Where the tables are not in the schema public, run it once more when the device manager has made the view.
set -euo pipefail

: "${EMQX_DB_PASSWORD:?Set EMQX_DB_PASSWORD to the password that EMQX is going to use}"
export EMQX_DB_PASSWORD
export EMQX_DB_USER="${EMQX_DB_USER:-tpedm_emqx}"

# psql reads both from the environment: on its command line every user of the machine could see the password.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="${PGDATABASE:-tpedm}" <<'SQL'
\getenv user EMQX_DB_USER
\getenv password EMQX_DB_PASSWORD
set standard_conforming_strings = on;
begin read write;
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
-- No statement_timeout, transaction_timeout or the like: EMQX 4.4 prepares its query and leaves it open until the first
-- login, so that they would end it, and refuse that login, while nothing runs. What can keep it waiting is a lock.
alter role :"user" reset statement_timeout;
alter role :"user" set lock_timeout = '5s';
grant tpe_emqx_reader to :"user";
select format('grant connect on database %I to tpe_emqx_reader', current_database()) \gexec
-- Where the view is, else where it will be.
select coalesce((select nspname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where relname = 'emqx_credential' and relkind = 'v' order by nspname = 'public' limit 1), 'public') as home \gset
select format('grant usage on schema %I to tpe_emqx_reader', :'home') \gexec
select format('grant select on %I.emqx_credential to tpe_emqx_reader', :'home')
  where to_regclass(format('%I.emqx_credential', :'home')) is not null \gexec
select format('alter role %I in database %I set search_path = %I', :'user', current_database(), :'home') \gexec
-- What EMQX 4.4 leaves open keeps tables locked. The manager may end that for a migration: EMQX connects again by itself.
select format('grant %I to %I', :'user', owner.rolname)
  from pg_roles owner where not rolsuper and rolname <> :'user' and owner.oid = coalesce(
    (select relowner from pg_class where oid = to_regclass(format('%I.emqx_credential', :'home'))),
    (select datdba from pg_database where datname = current_database())) \gexec
commit;
SQL
