import type { Queryable, Row } from '../database.js';
import { SCHEMA_SETTING } from '../session-settings.js';
import type { Obstacle } from './obstacle.js';
import { TPEDM_TABLES } from './tpedm-columns.js';

/** Name and SQL of a migration. */
export interface Script {
  name: string;
  script: string;
}

/** Names that migrations create, with the migration that creates them. */
export interface MadeNames {
  /** Tables, indexes, sequences, views. */
  relations: Map<string, string>;
  functions: Map<string, string>;
  /** New columns of TPEDM's tables, by table. */
  columns: Map<string, Set<string>>;
}

/** Reads the names from our own scripts, so that they are written only there. */
export function namesMadeBy(migrations: readonly Script[]): MadeNames {
  const names: MadeNames = { relations: new Map(), functions: new Map(), columns: new Map() };
  for (const { name: migration, script } of migrations) {
    const bare = script.replaceAll(/--.*$/gm, '');
    for (const [, , name] of bare.matchAll(
      /create (?:unique )?(table|index|sequence|view) (?!if not exists )(\w+)/g,
    )) {
      names.relations.set(name!, migration);
    }
    for (const [, name] of bare.matchAll(/create function (\w+)/g)) names.functions.set(name!, migration);
    for (const [, table, changes] of bare.matchAll(/alter table (\w+)([^;]*)/g)) {
      if (TPEDM_TABLES[table!] === undefined) continue;
      const columns = names.columns.get(table!) ?? new Set<string>();
      for (const [, name] of changes!.matchAll(/add column (\w+)/g)) columns.add(name!);
      names.columns.set(table!, columns);
    }
  }
  return names;
}

const TAKEN = `
  select 'relation' as kind, relname::text as name, relkind::text as relkind, pg_describe_object('pg_class'::regclass, pg_class.oid, 0) as what
  from pg_class where relnamespace = (select oid from pg_namespace where nspname = current_setting('${SCHEMA_SETTING}'))
    and relname = any($1)
  union all
  select 'relation', typname::text, 't', pg_describe_object('pg_type'::regclass, pg_type.oid, 0)
  from pg_type where typrelid = 0 and typnamespace = (select oid from pg_namespace where nspname = current_setting('${SCHEMA_SETTING}'))
    and typname = any($1)
  union all
  select 'function', oid::regprocedure::text, '', pg_describe_object('pg_proc'::regclass, pg_proc.oid, 0)
  from pg_proc where pronamespace = (select oid from pg_namespace where nspname = current_setting('${SCHEMA_SETTING}'))
    and proname = any($2) and proargtypes in ('', '25')
  order by 1, 2`;

const WORDS: Readonly<Record<string, string>> = {
  r: 'TABLE',
  p: 'TABLE',
  f: 'FOREIGN TABLE',
  v: 'VIEW',
  m: 'MATERIALIZED VIEW',
  i: 'INDEX',
  I: 'INDEX',
  S: 'SEQUENCE',
  c: 'TYPE',
  t: 'TYPE',
};

/** Obstacles for names that the migrations need and that belong to something else. */
export async function takenNames(
  database: Queryable,
  { relations, functions }: MadeNames,
): Promise<Obstacle[]> {
  const rows = await database.query<Row & { kind: string; name: string; relkind: string }>(TAKEN, [
    [...relations.keys()],
    [...functions.keys()],
  ]);
  return rows.map(({ kind, name, relkind }) => {
    const word = kind === 'function' ? 'FUNCTION' : (WORDS[relkind] ?? 'TABLE');
    const bare = name.replace(/\(.*/, '');
    return {
      what: `The migration ${relations.get(name) ?? functions.get(bare)} needs a name that is taken: the ${word.toLowerCase()} "${bare}" already exists, and is not the manager's`,
      remedy: `ALTER ${word} ${name} RENAME TO ${bare}_of_ours;`,
      as: 'its owner or a superuser',
    };
  });
}
