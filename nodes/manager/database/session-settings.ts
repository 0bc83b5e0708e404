/**
 * Settings that our statements rely on. Each session sets all of them, whatever the defaults of server, database and role are. The site
 * decides on what changes no result and loses nothing: where tables lie, how plans are made, what is logged, in which language.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  // How values are written and read.
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  array_nulls: 'on',
  xmlbinary: 'base64',
  xmloption: 'content',
  quote_all_identifiers: 'off',
  // A statement finds all rows or fails; none are left out.
  row_security: 'off',
  gin_fuzzy_search_limit: '0',
  transform_null_equals: 'off',
  restrict_nonsystem_relation_kind: '',
  // How transactions behave.
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  exit_on_error: 'off',
  // No limits by default; the manager sets its own where it wants them.
  lock_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  // Our statements are small, and we choose ourselves which of them are planned once.
  plan_cache_mode: 'auto',
  jit: 'off',
};

/** PostgreSQL's own schemas, in which nobody has tables. */
const SYSTEM = '^(pg_|information_schema$)';

/**
 * The schema of the search_path that contains our tables, else TPEDM's, else the first one, where new tables would go; `public` if the
 * search_path names only PostgreSQL's own.
 */
const HOME = `coalesce(
  (select path.name from unnest(current_schemas(false)) with ordinality as path (name, place)
    join pg_namespace on pg_namespace.nspname = path.name
    join pg_class on pg_class.relnamespace = pg_namespace.oid
      and pg_class.relname in ('tpe_migration', 'clientid_profile', 'mqtt_user')
    where path.name !~ '${SYSTEM}' order by pg_class.relname = 'tpe_migration' desc, path.place limit 1),
  (select name from unnest(current_schemas(false)) with ordinality as path (name, place)
    where name !~ '${SYSTEM}' order by place limit 1),
  'public')`;

/** The setting that holds the schema of our tables in each session. */
export const SCHEMA_SETTING = 'tpedm.schema';

/** Runs first and alone, because limits of the role also apply to the statement that lifts them. */
const NO_HURRY = `
  set statement_timeout = 0;
  select set_config(name, '0', false) from (values ('transaction_timeout'), ('idle_session_timeout')) as one (name)
    where current_setting(name, true) is not null;`;

/**
 * SQL that sets up a session, to be sent in one query; settings that the server does not know are skipped. `limits` adds settings. A commit
 * is on the disk when it is acknowledged, even if the role is set not to wait for that.
 */
export function sessionSetup(limits: Readonly<Record<string, string>> = {}): string {
  const wanted = Object.entries({ ...SETTINGS, ...limits });
  const rows = wanted.map(([name, value]) => `('${name}', '${value}')`).join(', ');
  return `
    ${NO_HURRY}
    with home as materialized (select ${HOME} as name),
    -- Extensions may lie elsewhere. What the site names behind that stays, since triggers of its own on our tables find by it
    -- what they use. Temporary objects come last, so that they stand in for nothing, and PostgreSQL's own first.
    path as (
      select concat_ws(', ', quote_ident(home.name),
        (select quote_ident(nspname) from pg_extension join pg_namespace on pg_namespace.oid = extnamespace
          where extname = 'pg_trgm'),
        (select string_agg(quote_ident(site.name), ', ' order by place)
          from unnest(current_schemas(false)) with ordinality as site (name, place)
          where site.name <> home.name and site.name !~ '${SYSTEM}'), 'pg_temp') as value from home)
    select set_config(name, value, false) from (
      select name, value from (values ${rows}) as wanted (name, value) where current_setting(name, true) <> value
      union all select 'synchronous_commit', 'local' where current_setting('synchronous_commit') = 'off'
      union all select '${SCHEMA_SETTING}', home.name from home
      union all select 'search_path', path.value from path
    ) as needed`;
}
