import { TpeError } from '../../shared/tpe-error.js';
import type { Database, Queryable, Row } from '../database.js';
import { identifier } from '../postgresql/refused-connection.js';
import { SCHEMA_SETTING } from '../session-settings.js';
import type { Obstacle } from './obstacle.js';

/** The oldest version of PostgreSQL that has everything the migrations use. */
const OLDEST = { number: 130_000, name: '13' };
/** Connections of a manager: its two pools and its listener. */
const CONNECTIONS = 17;

interface ServerFacts extends Row {
  version: number;
  version_name: string;
  encoding: string;
  replication_role: string;
  is_standby: boolean;
  fsync: string;
  full_page_writes: string;
  /** The role whose rights apply. */
  role: string;
  /** The role that signed in and whose settings apply; another one if the login has `SET role`. */
  login: string;
  database: string;
  schema: string;
  schema_exists: boolean;
  may_use: boolean | null;
  may_create: boolean | null;
  role_limit: number;
  database_limit: number;
  max_connections: number;
  trgm_schema: string | null;
  may_use_trgm: boolean | null;
  trgm_available: boolean;
  may_extend: boolean;
  /** Schemas outside the search_path that contain tables of TPEDM or of the manager. */
  elsewhere: string[];
  /** Tables of TPEDM that are in another schema than the others. */
  apart: string[];
}

const FACTS = `
  with home as (select current_setting('${SCHEMA_SETTING}') as name)
  select current_setting('server_version_num')::integer as version, current_setting('server_version') as version_name,
    current_setting('server_encoding') as encoding, current_setting('session_replication_role') as replication_role,
    pg_is_in_recovery() as is_standby, current_setting('fsync') as fsync,
    current_setting('full_page_writes') as full_page_writes, current_user::text as role, session_user::text as login,
    current_database()::text as database,
    home.name as schema, namespace.oid is not null as schema_exists,
    has_schema_privilege(namespace.oid, 'usage') as may_use, has_schema_privilege(namespace.oid, 'create') as may_create,
    (select case when rolsuper then -1 else rolconnlimit end from pg_roles where rolname = session_user) as role_limit,
    (select datconnlimit from pg_database where datname = current_database()) as database_limit,
    current_setting('max_connections')::integer as max_connections,
    (select nspname::text from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'pg_trgm')
      as trgm_schema,
    (select has_schema_privilege(extnamespace, 'usage') from pg_extension where extname = 'pg_trgm') as may_use_trgm,
    exists (select from pg_available_extensions where name = 'pg_trgm') as trgm_available,
    has_database_privilege(current_database(), 'create') as may_extend,
    (select coalesce(array_agg(distinct other.nspname::text), '{}') from pg_class
      join pg_namespace other on other.oid = relnamespace
      where relname in ('tpe_migration', 'mqtt_user', 'clientid_profile') and relkind in ('r', 'p', 'v', 'f')
        and other.nspname <> home.name and other.nspname !~ '^pg_'
        and not exists (select from pg_class mine where mine.relnamespace = namespace.oid
          and mine.relname in ('tpe_migration', 'mqtt_user', 'clientid_profile'))) as elsewhere,
    (select coalesce(array_agg(format('%I.%I', other.nspname, relname) order by 1), '{}') from pg_class
      join pg_namespace other on other.oid = relnamespace
      where relname in ('mqtt_user', 'clientid_profile') and relkind in ('r', 'p') and other.nspname <> home.name
        and not exists (select from pg_class mine where mine.relnamespace = namespace.oid and mine.relname = pg_class.relname)
        and exists (select from pg_class mine where mine.relnamespace = namespace.oid
          and mine.relname in ('mqtt_user', 'clientid_profile'))) as apart
  from home left join pg_namespace namespace on namespace.nspname = home.name`;

/** What was found about server, database and role that a session cannot set for itself. */
export interface ServerFindings {
  obstacles: Obstacle[];
  /** What works but should not be as it is. */
  warnings: string[];
  role: string;
  schema: string;
}

/** Looks at server, database and role. Rejects with UNAVAILABLE for a standby, because it may become the primary. */
export async function surveyServer(database: Queryable, kind: Database['kind']): Promise<ServerFindings> {
  const [facts] = await database.query<ServerFacts>(FACTS);
  if (facts!.is_standby) throw standby(facts!);
  return {
    obstacles: [...ofServer(facts!), ...ofSchema(facts!), ...ofExtension(facts!)],
    // Nobody here can change how PGlite runs.
    warnings: [
      ...(kind === 'pglite' ? [] : ofDurability(facts!)),
      ...ofConnections(facts!),
      ...(await ofEmqx(database)),
    ],
    role: facts!.role,
    schema: facts!.schema,
  };
}

function standby({ database }: ServerFacts): TpeError {
  const text = `The PostgreSQL server with the database ${database} is a standby and takes no changes: put the address of the primary into the URL, or promote this one (SELECT pg_promote();).`;
  return new TpeError('UNAVAILABLE', text);
}

function* ofServer({
  version,
  version_name,
  encoding,
  database,
  replication_role,
  role,
  login,
}: ServerFacts): Generator<Obstacle> {
  if (version < OLDEST.number) {
    yield {
      what: `PostgreSQL ${version_name} is too old: the manager needs ${OLDEST.name} or later`,
      remedy: `pg_dump the database, and pg_restore it at a newer server`,
      as: 'an administrator',
    };
  }
  if (encoding !== 'UTF8') {
    const copy = identifier(`${database}_utf8`);
    yield {
      what: `The database ${database} has the encoding ${encoding}, in which names and answers of gateways cannot all be written`,
      remedy: `CREATE DATABASE ${copy} OWNER ${identifier(role)} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'; then copy it by pg_dump ${database} | psql ${database}_utf8, and put the new name into the URL`,
      as: 'a superuser',
      blocks: 'adoption',
    };
  }
  if (replication_role !== 'origin') {
    yield {
      what: `session_replication_role is "${replication_role}", so that no trigger and no foreign key holds in this database`,
      remedy: `ALTER ROLE ${identifier(login)} RESET session_replication_role; ALTER DATABASE ${identifier(database)} RESET session_replication_role;`,
      as: 'a superuser',
    };
  }
}

function* ofSchema({
  schema,
  schema_exists,
  may_use,
  may_create,
  role,
  login,
  database,
  elsewhere,
  apart,
}: ServerFacts): Generator<Obstacle> {
  const [name, who] = [identifier(schema), identifier(role)];
  if (elsewhere.length > 0) {
    const found = elsewhere.map(identifier);
    yield {
      what: `The tables of a device manager are in the schema ${found.join(', ')}, which the search_path of ${login} does not name`,
      remedy: `ALTER ROLE ${identifier(login)} IN DATABASE ${identifier(database)} SET search_path = ${found[0]}, public; GRANT USAGE, CREATE ON SCHEMA ${found[0]} TO ${who}; to begin with new tables instead, use another database`,
      as: 'a superuser',
    };
  }
  for (const table of apart) {
    yield {
      what: `The table ${table} is in another schema than the rest of TPEDM's tables, which are in ${schema}`,
      remedy: `ALTER TABLE ${table} SET SCHEMA ${name};`,
      blocks: 'adoption',
    };
  }
  if (!schema_exists) {
    yield {
      what: `There is no schema ${schema} for the tables`,
      remedy: `CREATE SCHEMA ${name} AUTHORIZATION ${who};`,
      as: "the database's owner or a superuser",
    };
  } else if (!may_use || !may_create) {
    yield {
      what: `The role ${role} may not create tables in the schema ${schema}`,
      remedy: `GRANT USAGE, CREATE ON SCHEMA ${name} TO ${who};`,
      as: "the database's owner or a superuser",
    };
  }
}

function* ofExtension(facts: ServerFacts): Generator<Obstacle> {
  const { trgm_schema, may_use_trgm, trgm_available, may_extend, may_create, role, database } = facts;
  if (trgm_schema !== null) {
    if (may_use_trgm) return;
    yield {
      what: `The extension pg_trgm is in the schema ${trgm_schema}, which the role ${role} may not use`,
      remedy: `GRANT USAGE ON SCHEMA ${identifier(trgm_schema)} TO ${identifier(role)};`,
      as: 'a superuser',
    };
  } else if (!trgm_available) {
    yield {
      what: 'The database needs the extension pg_trgm, and this server does not have it: install the package postgresql-contrib of its version (Alpine: postgresql-contrib; a service: allow the extension)',
      remedy: 'CREATE EXTENSION pg_trgm;',
      as: 'a superuser',
    };
  } else if (!may_extend || !may_create) {
    yield {
      what: `permission denied: the database needs the extension pg_trgm, and the role ${role} may not create it in ${database}`,
      remedy: 'CREATE EXTENSION pg_trgm;',
      as: 'a superuser',
    };
  }
}

function* ofDurability({ fsync, full_page_writes }: ServerFacts): Generator<string> {
  for (const [name, value] of Object.entries({ fsync, full_page_writes })) {
    if (value === 'off') {
      yield `The PostgreSQL server runs with ${name} = off: when its machine stops, what was acknowledged is lost, or the whole database. Set ${name} = on in postgresql.conf.`;
    }
  }
}

function* ofConnections({
  role_limit,
  database_limit,
  max_connections,
  login,
  database,
}: ServerFacts): Generator<string> {
  const wants = `a manager takes up to ${CONNECTIONS} connections, and where there are fewer its statements wait for each other or are refused`;
  if (role_limit >= 0 && role_limit < CONNECTIONS) {
    yield `The role ${login} may have ${role_limit} connections; ${wants}. Run: ALTER ROLE ${identifier(login)} CONNECTION LIMIT -1;`;
  }
  if (database_limit >= 0 && database_limit < CONNECTIONS) {
    yield `The database ${database} takes ${database_limit} connections; ${wants}. Run: ALTER DATABASE ${identifier(database)} CONNECTION LIMIT -1;`;
  }
  if (max_connections < CONNECTIONS + 3) {
    yield `The server has max_connections = ${max_connections}; ${wants}. Run: ALTER SYSTEM SET max_connections = 100; and start it anew.`;
  }
}

/** EMQX 4 leaves its prepared statements open, so a statement_timeout ends them while nothing runs. */
async function ofEmqx(database: Queryable): Promise<string[]> {
  const rows = await database.query<{ name: string }>(`
    select distinct login.rolname::text as name from pg_roles reader
      join pg_auth_members on pg_auth_members.roleid = reader.oid
      join pg_roles login on login.oid = pg_auth_members.member
      join pg_db_role_setting on pg_db_role_setting.setrole = login.oid
    where reader.rolname = 'tpe_emqx_reader'
      and exists (select from unnest(setconfig) as one where one like 'statement_timeout=%' and one not like '%=0')`);
  return rows.map(
    ({ name }) =>
      `The role ${name}, by which EMQX reads credentials, has a statement_timeout: EMQX 4.4 then refuses the first logins behind each of its starts. Run docker/postgres/20-emqx-role.sh again, or as a superuser: ALTER ROLE ${identifier(name)} RESET statement_timeout; ALTER ROLE ${identifier(name)} SET lock_timeout = '5s';`,
  );
}
