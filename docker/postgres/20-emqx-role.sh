#!/usr/bin/env bash
# Creates the role with which EMQX reads credentials, or changes its password. The role may read the view
# emqx_credential, and nothing else. Safe to run again, before and after the device manager has created the view. The
# stack runs it for a new database. For an existing one, run it as a superuser, with psql 15 or later:
#   PGHOST=... PGUSER=postgres PGPASSWORD=... PGDATABASE=tpedm EMQX_DB_PASSWORD=... docker/postgres/20-emqx-role.sh
# If the tables are not in the schema public, run it once more after the device manager has created the view.
set -euo pipefail

: "${EMQX_DB_PASSWORD:?Set EMQX_DB_PASSWORD to the password that EMQX is going to use}"
export EMQX_DB_PASSWORD
export EMQX_DB_USER="${EMQX_DB_USER:-tpedm_emqx}"

# psql reads both from the environment, because every user of the machine could see the password on its command line.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="${PGDATABASE:-tpedm}" <<'SQL'
\getenv user EMQX_DB_USER
\getenv password EMQX_DB_PASSWORD
set standard_conforming_strings = on;
begin read write;
-- There are two roles because the migration that creates the view must know the name of the first one, whatever the
-- login is called.
select 'create role tpe_emqx_reader nologin'
  where not exists (select from pg_roles where rolname = 'tpe_emqx_reader') \gexec
select format('create role %I', :'user') where not exists (select from pg_roles where rolname = :'user') \gexec
-- Keeps statements with the password out of the server's log.
set local log_statement = 'none';
set local log_min_error_statement = 'panic';
alter role :"user" login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls
  connection limit 50 password :'password';
alter role :"user" set default_transaction_read_only = on;
-- Sets no statement_timeout, transaction_timeout or the like: EMQX 4.4 prepares its query and leaves the transaction
-- open until the first login. A time-out would end it, and refuse that login, although nothing runs. Only a lock can
-- make EMQX wait.
alter role :"user" reset statement_timeout;
alter role :"user" set lock_timeout = '5s';
grant tpe_emqx_reader to :"user";
select format('grant connect on database %I to tpe_emqx_reader', current_database()) \gexec
-- The schema that has the view, or else the one that will have it.
select coalesce((select nspname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where relname = 'emqx_credential' and relkind = 'v' order by nspname = 'public' limit 1), 'public') as home \gset
select format('grant usage on schema %I to tpe_emqx_reader', :'home') \gexec
select format('grant select on %I.emqx_credential to tpe_emqx_reader', :'home')
  where to_regclass(format('%I.emqx_credential', :'home')) is not null \gexec
select format('alter role %I in database %I set search_path = %I', :'user', current_database(), :'home') \gexec
-- The open transaction of EMQX 4.4 keeps tables locked. The manager may end it for a migration, and EMQX reconnects by
-- itself.
select format('grant %I to %I', :'user', owner.rolname)
  from pg_roles owner where not rolsuper and rolname <> :'user' and owner.oid = coalesce(
    (select relowner from pg_class where oid = to_regclass(format('%I.emqx_credential', :'home'))),
    (select datdba from pg_database where datname = current_database())) \gexec
commit;
SQL
