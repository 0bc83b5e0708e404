import type { Queryable, Row } from '../database.js';
import { identifier } from '../postgresql/refused-connection.js';
import { SCHEMA_SETTING } from '../session-settings.js';
import type { Column } from './column-obstacles.js';
import type { Obstacle } from './obstacle.js';
import { MAX_CLIENT_ID_LENGTH, TPEDM_TABLES } from './tpedm-columns.js';

/** A table of TPEDM, with what may make it unusable. */
interface Table extends Row {
  name: string;
  kind: string;
  owner: string;
  owner_is_superuser: boolean;
  is_ours: boolean;
  is_hidden: boolean;
  has_relatives: boolean;
  rules: string[];
  /** A publication of the table, when nothing lets a subscriber tell its rows apart. */
  published_by: string | null;
  /** A publication of the table with whole old rows. For these, PostgreSQL 18 also wants generated columns, and we add some. */
  whole_published_by: string | null;
  has_primary_key: boolean;
  version: number;
}

const TABLES = `
  select pg_class.relname::text as name, relkind::text as kind, owner.rolname::text as owner, owner.rolsuper as owner_is_superuser,
    pg_has_role(relowner, 'usage') as is_ours,
    relkind in ('r', 'p') and row_security_active(pg_class.oid) as is_hidden,
    exists (select from pg_inherits where pg_class.oid in (inhrelid, inhparent)) as has_relatives,
    array(select rulename::text from pg_rewrite where ev_class = pg_class.oid and rulename <> '_RETURN' order by 1) as rules,
    (select min(pubname::text) from pg_publication_tables join pg_publication using (pubname)
      where schemaname = nspname and tablename = relname and (pubupdate or pubdelete)
        and (relreplident = 'n' or relreplident = 'd' and not exists (
          select from pg_index where indrelid = pg_class.oid and indisprimary))) as published_by,
    (select min(published.pubname::text) from pg_publication_tables published join pg_publication using (pubname)
      where schemaname = nspname and tablename = relname and (pubupdate or pubdelete) and relreplident = 'f'
        -- Before PostgreSQL 18 there is no such column.
        and to_jsonb(pg_publication)->>'pubgencols' = 'n') as whole_published_by,
    exists (select from pg_index where indrelid = pg_class.oid and indisprimary) as has_primary_key,
    current_setting('server_version_num')::integer as version
  from pg_class join pg_namespace on pg_namespace.oid = relnamespace join pg_roles owner on owner.oid = relowner
  where nspname = current_setting('${SCHEMA_SETTING}') and relname = any($1) and relkind in ('r', 'p', 'v', 'm', 'f')`;

/** Foreign keys between the two tables that are not deferred. They get in the way, since the tables are written one after the other. */
const FOREIGN_KEYS = `
  select conname::text as name, source.relname::text as "table", target.relname::text as target
  from pg_constraint join pg_class source on source.oid = conrelid join pg_class target on target.oid = confrelid
    join pg_namespace on pg_namespace.oid = source.relnamespace and target.relnamespace = source.relnamespace
  where contype = 'f' and nspname = current_setting('${SCHEMA_SETTING}') and not condeferred
    and source.relname in ('mqtt_user', 'clientid_profile') and target.relname in ('mqtt_user', 'clientid_profile')`;

/** Foreign keys of other tables. We must not start what they do when rows are deleted. */
const REFERRING = `
  select distinct source.oid::regclass::text as "table", target.relname::text as target
  from pg_constraint join pg_class source on source.oid = conrelid join pg_class target on target.oid = confrelid
    join pg_namespace on pg_namespace.oid = target.relnamespace
  where contype = 'f' and nspname = current_setting('${SCHEMA_SETTING}') and source.oid <> target.oid
    and target.relname in ('mqtt_user', 'clientid_profile')`;

/** What depends on a column, directly or not, in the order in which it has to be dropped. */
const DEPENDENTS = `
  with recursive dependent (relation, kind, description, depth) as (
    select coalesce(ev_class, 0::oid), coalesce(view.relkind::text, ''), pg_describe_object(classid, objid, 0), 1
    from pg_depend left join pg_rewrite on classid = 'pg_rewrite'::regclass and pg_rewrite.oid = objid
      left join pg_class view on view.oid = ev_class
      left join pg_attrdef on classid = 'pg_attrdef'::regclass and pg_attrdef.oid = objid
    where refclassid = 'pg_class'::regclass and refobjid = (
        select pg_class.oid from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where relname = $1 and nspname = current_setting('${SCHEMA_SETTING}'))
      and refobjsubid = (select attnum from pg_attribute where attrelid = refobjid and attname = $2)
      and (classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass, 'pg_publication_rel'::regclass)
        or classid = 'pg_attrdef'::regclass and adnum <> refobjsubid)
    union
    select ev_class, relkind::text, pg_describe_object('pg_class'::regclass, ev_class, 0), depth + 1
    from dependent join pg_depend on refclassid = 'pg_class'::regclass and refobjid = dependent.relation
        and classid = 'pg_rewrite'::regclass
      join pg_rewrite on pg_rewrite.oid = objid and ev_class <> dependent.relation
      join pg_class on pg_class.oid = ev_class
    where depth < 20
  )
  select case when relation <> 0 then relation::regclass::text end as view, max(kind) as kind, min(description) as description,
    max(depth) as depth
  from dependent group by relation, case when relation = 0 then description end order by max(depth) desc, 1`;

interface Dependent extends Row {
  view: string | null;
  kind: string;
  description: string;
}

/** What keeps the manager from using the tables, apart from their columns. */
export async function tableObstacles(database: Queryable, role: string): Promise<Obstacle[]> {
  const tables = await database.query<Table>(TABLES, [Object.keys(TPEDM_TABLES)]);
  const obstacles = tables.flatMap((table) => [...ofTable(table, role)]);
  if (obstacles.length > 0) return obstacles;
  return [...(await ofForeignKeys(database)), ...(await ofDuplicates(database, tables))];
}

/** Client ids that are too long for our tables. Only looked for where the column can hold such ids. */
export async function longIds(database: Queryable, columns: readonly Column[]): Promise<Obstacle[]> {
  const canHold = columns.some(
    ({ table, name, type, length }) =>
      table === 'clientid_profile' &&
      name === 'clientid' &&
      /^(varchar|text)$/.test(type) &&
      (length ?? Number.POSITIVE_INFINITY) > MAX_CLIENT_ID_LENGTH,
  );
  if (!canHold) return [];
  const rows = await database.query<Row & { clientid: string }>(
    `select clientid from clientid_profile where length(clientid) > ${MAX_CLIENT_ID_LENGTH} order by 1 limit 5`,
  );
  if (rows.length === 0) return [];
  const ids = rows.map(({ clientid }) => JSON.stringify(clientid)).join(', ');
  return [
    {
      what: `The table clientid_profile has client ids of more than ${MAX_CLIENT_ID_LENGTH} characters (${ids}), which neither TPEDM nor the manager takes: such a gateway has to be given a shorter one and registered again`,
      remedy: `DELETE FROM mqtt_user WHERE length(clientid) > ${MAX_CLIENT_ID_LENGTH}; DELETE FROM clientid_profile WHERE length(clientid) > ${MAX_CLIENT_ID_LENGTH};`,
      blocks: 'adoption',
    },
  ];
}

function* ofTable(table: Table, role: string): Generator<Obstacle> {
  const { name } = table;
  if (table.kind !== 'r') {
    yield {
      what: `${name} is no plain table (${KINDS[table.kind] ?? table.kind}), and the manager cannot change what it has to`,
      remedy: `ALTER ${table.kind === 'v' ? 'VIEW' : table.kind === 'm' ? 'MATERIALIZED VIEW' : 'TABLE'} ${name} RENAME TO ${name}_of_ours; CREATE TABLE ${name} AS TABLE ${name}_of_ours;`,
      blocks: 'adoption',
    };
    return;
  }
  if (!table.is_ours) yield foreign(table, role);
  if (table.is_hidden) {
    yield {
      what: `Row security hides rows of ${name} from the role ${role}`,
      remedy: `ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY; or, as a superuser: ALTER ROLE ${identifier(role)} BYPASSRLS;`,
      blocks: 'migration',
    };
  }
  if (table.has_relatives) {
    yield {
      what: `The table ${name} inherits from another or has heirs, so that no index keeps its client ids unique`,
      remedy: `SELECT inhrelid::regclass, inhparent::regclass FROM pg_inherits; then for each pair ALTER TABLE the_heir NO INHERIT the_parent;`,
      blocks: 'adoption',
    };
  }
  for (const rule of table.rules) {
    yield {
      what: `The rule ${rule} rewrites what is written into ${name}`,
      remedy: `DROP RULE ${identifier(rule)} ON ${name}; (a trigger can do what it did)`,
      blocks: 'adoption',
    };
  }
  if (table.published_by !== null) {
    yield {
      what: `The table ${name} is published by ${table.published_by} and has no key, so that PostgreSQL refuses to change its rows`,
      remedy: refusesWhole(table)
        ? `ALTER TABLE ${name} ADD PRIMARY KEY (id);`
        : `ALTER TABLE ${name} REPLICA IDENTITY FULL;`,
      blocks: 'adoption',
    };
  }
  if (table.whole_published_by !== null && refusesWhole(table)) {
    yield {
      what: `The table ${name} is published by ${table.whole_published_by} with REPLICA IDENTITY FULL and without generated columns, so that PostgreSQL refuses to change its rows when the manager has added some`,
      remedy: `${table.has_primary_key ? '' : `ALTER TABLE ${name} ADD PRIMARY KEY (id); `}ALTER TABLE ${name} REPLICA IDENTITY DEFAULT;`,
      blocks: 'adoption',
    };
  }
}

/**
 * Whether PostgreSQL refuses whole old rows for this table: from version 18 on, it does so for a published table with generated columns,
 * which the manager adds.
 */
function refusesWhole({ name, version }: Table): boolean {
  return name === 'clientid_profile' && version >= 180_000;
}

const KINDS: Readonly<Record<string, string>> = {
  p: 'it is partitioned',
  v: 'it is a view',
  m: 'it is a materialized view',
  f: 'it is a foreign table',
};

function foreign({ name, owner, owner_is_superuser }: Table, role: string): Obstacle {
  const who = identifier(role);
  return {
    what: `The table ${name} belongs to ${owner}, and only its owner may add columns to it`,
    remedy: owner_is_superuser
      ? `ALTER TABLE ${name} OWNER TO ${who};`
      : `GRANT ${identifier(owner)} TO ${who}; or ALTER TABLE ${name} OWNER TO ${who};`,
    as: 'a superuser',
    blocks: 'migration',
  };
}

async function ofForeignKeys(database: Queryable): Promise<Obstacle[]> {
  const keys = await database.query<Row & { name: string; table: string; target: string }>(FOREIGN_KEYS);
  return keys.map(({ name, table, target }) => ({
    what: `The foreign key ${name} from ${table} to ${target} is checked after each statement, and a gateway is written to both tables in one transaction`,
    remedy: `ALTER TABLE ${table} ALTER CONSTRAINT ${identifier(name)} DEFERRABLE INITIALLY DEFERRED;`,
    blocks: 'adoption',
  }));
}

async function ofDuplicates(database: Queryable, tables: readonly Table[]): Promise<Obstacle[]> {
  const referring = await database.query<Row & { table: string; target: string }>(REFERRING);
  const obstacles: Obstacle[] = [];
  for (const { name } of tables) {
    const from = referring.filter(({ target }) => target === name).map(({ table }) => table);
    if (from.length === 0) continue;
    const rows = await database.query<Row & { clientid: string }>(
      `select clientid from ${name} group by clientid having count(*) > 1 or clientid is null limit 5`,
    );
    if (rows.length === 0) continue;
    const ids = rows.map(({ clientid }) => JSON.stringify(clientid)).join(', ');
    obstacles.push({
      what: `The table ${name} has client ids more than once or none (${ids}), and rows of ${from.join(', ')} refer to it: which of them stay is yours to say`,
      remedy: `DELETE FROM ${name} WHERE id IN (...); so that each client id is left once`,
      blocks: 'adoption',
    });
  }
  return obstacles;
}

/** The obstacle that keeps a column from getting another type; null if there is none. */
export async function wideningObstacle(
  database: Queryable,
  { table, name, type_shown }: Column,
  type: string,
): Promise<Obstacle | null> {
  const dependents = await database.query<Dependent>(DEPENDENTS, [table, name]);
  if (dependents.length === 0) return null;
  const views = dependents.flatMap(({ view, kind }) => (view === null ? [] : [{ view, kind }]));
  const others = dependents.filter(({ view }) => view === null).map(({ description }) => description);
  const keep = views.map(({ view }) => `SELECT pg_get_viewdef('${view}'::regclass); -- keep what it says`);
  const drop = views.map(({ view, kind }) => `DROP ${kind === 'm' ? 'MATERIALIZED ' : ''}VIEW ${view};`);
  const rest = others.length > 0 ? [`drop what hangs on the column too (${others.join(', ')})`] : [];
  const named = [...views.map(({ view }) => view), ...others].join(', ');
  return {
    what: `The column ${name} of ${table} is ${type_shown} and has to become ${type}, and PostgreSQL changes no type under what hangs on it: ${named}`,
    remedy: `${[...keep, ...drop, ...rest].join(' ')} and make it again when the manager has started. Or change it yourself then: ALTER TABLE ${table} ALTER COLUMN ${name} TYPE ${type};`,
    blocks: 'adoption',
  };
}
