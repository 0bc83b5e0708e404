import type { Queryable, Row } from '../database.js';
import { identifier } from '../postgresql/refused-connection.js';
import { SCHEMA_SETTING } from '../session-settings.js';
import type { Obstacle } from './obstacle.js';
import { type ColumnUse, ESSENTIAL, SQL_TYPES, TPEDM_TABLES } from './tpedm-columns.js';

export interface Column extends Row {
  table: string;
  name: string;
  /** Type of the column; for a domain, the type below it. */
  type: string;
  type_shown: string;
  /** The n of varchar(n); null without a limit. */
  length: number | null;
  not_null: boolean;
  has_default: boolean;
  is_identity: boolean;
  is_generated: boolean;
  is_deterministic: boolean;
}

const COLUMNS = `
  select pg_class.relname::text as "table", attname::text as name, base.typname::text as type,
    format_type(atttypid, atttypmod) as type_shown,
    case when base.typname in ('varchar', 'bpchar') and mode.value > 4 then mode.value - 4 end as length,
    attnotnull as not_null, atthasdef and attgenerated = '' as has_default, attidentity <> '' as is_identity,
    attgenerated <> '' as is_generated, coalesce(collisdeterministic, true) as is_deterministic
  from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    join pg_type on pg_type.oid = atttypid
    join pg_type base on base.oid = case when pg_type.typtype = 'd' then pg_type.typbasetype else atttypid end
    cross join lateral (select case when pg_type.typtype = 'd' then pg_type.typtypmod else atttypmod end as value) as mode
    left join pg_collation on pg_collation.oid = attcollation
  where pg_class.relname = any($1) and pg_class.relnamespace = (
    select oid from pg_namespace where nspname = current_setting('${SCHEMA_SETTING}'))
  order by 1, attnum`;

/** The columns of TPEDM's tables, as far as these exist. */
export async function readColumns(database: Queryable): Promise<Column[]> {
  return await database.query<Column>(COLUMNS, [Object.keys(TPEDM_TABLES)]);
}

/** The columns that keep the manager from reading and writing the tables. `ours` are the columns that it adds, by table. */
export function* columnObstacles(
  columns: readonly Column[],
  ours: ReadonlyMap<string, ReadonlySet<string>>,
): Generator<Obstacle> {
  for (const [table, known] of Object.entries(TPEDM_TABLES)) {
    const there = columns.filter((column) => column.table === table);
    if (there.length === 0) continue;
    for (const [name, use] of Object.entries(known)) {
      const column = there.find((one) => one.name === name);
      if (column !== undefined) yield* ofKnown(column, use);
      else if (ESSENTIAL.has(`${table}.${name}`)) yield missing(table, name, use, there);
    }
    for (const column of there) {
      if (known[column.name] !== undefined) continue;
      if (ours.get(table)?.has(column.name)) yield taken(column);
      else if (cannotBeLeftOut(column)) yield mustBeGiven(column);
    }
  }
}

/** Columns of TPEDM that are missing and may be added. */
export function missingColumns(columns: readonly Column[]): { table: string; name: string; sql: string }[] {
  return Object.entries(TPEDM_TABLES).flatMap(([table, known]) => {
    const there = columns.filter((column) => column.table === table);
    if (there.length === 0) return [];
    return Object.entries(known).flatMap(([name, use]) => {
      if (ESSENTIAL.has(`${table}.${name}`) || there.some((column) => column.name === name)) return [];
      return [{ table, name, sql: `alter table ${table} add column ${name} ${SQL_TYPES[use]}` }];
    });
  });
}

/** Columns that are too short, with the type that they need. */
export function narrowColumns(columns: readonly Column[]): { column: Column; type: string }[] {
  return columns.flatMap((column) => {
    const use = TPEDM_TABLES[column.table]?.[column.name];
    if (use === undefined || column.type !== 'varchar' || column.length === null) return [];
    if (use === 'text') return [{ column, type: 'text' }];
    const isNarrow = column.length < LEAST_LENGTH[use];
    return isNarrow ? [{ column, type: SQL_TYPES[use] }] : [];
  });
}

/** The shortest length of varchar that is not widened. Our hashes have 64 characters and our salts 32. */
const LEAST_LENGTH: Readonly<Record<ColumnUse, number>> = {
  clientid: 100,
  hash: 40,
  text: 0,
  id: 0,
  flag: 0,
  number: 0,
};

const TYPES: Readonly<Record<ColumnUse, readonly string[]>> = {
  id: ['int2', 'int4', 'int8'],
  clientid: ['varchar', 'text'],
  hash: ['varchar', 'text'],
  text: ['varchar', 'text'],
  flag: ['bool'],
  number: ['int4', 'int8'],
};

function* ofKnown(column: Column, use: ColumnUse): Generator<Obstacle> {
  const { table, name } = column;
  const alter = `ALTER TABLE ${table} ALTER COLUMN ${name}`;
  if (!TYPES[use].includes(column.type)) {
    yield {
      what: `The column ${name} of ${table} has the type ${column.type_shown} in place of ${use === 'id' ? 'bigint' : SQL_TYPES[use]}`,
      remedy: conversion(column, use),
      blocks: 'adoption',
    };
  } else if (!column.is_deterministic) {
    yield {
      what: `The column ${name} of ${table} has a collation by which different texts are equal`,
      remedy: `${alter} TYPE ${column.type_shown} COLLATE "default";`,
      blocks: 'adoption',
    };
  }
  if (column.is_generated) {
    yield {
      what: `The column ${name} of ${table} is generated, so that nobody can write it`,
      remedy: `${alter} DROP EXPRESSION;`,
      blocks: 'adoption',
    };
  } else if (use === 'id' && !column.has_default && !column.is_identity) {
    yield {
      what: `The column ${name} of ${table} gets no value by itself`,
      remedy: `CREATE SEQUENCE ${table}_${name}_next OWNED BY ${table}.${name}; SELECT setval('${table}_${name}_next', (SELECT coalesce(max(${name}), 0) + 1 FROM ${table}), false); ${alter} SET DEFAULT nextval('${table}_${name}_next');`,
      blocks: 'adoption',
    };
  }
}

/** SQL that converts a column of another type to ours. */
function conversion({ table, name, type }: Column, use: ColumnUse): string {
  const alter = `ALTER TABLE ${table} ALTER COLUMN ${name}`;
  const to = (target: string, using: string) =>
    `${alter} DROP DEFAULT; ${alter} TYPE ${target} USING ${using};`;
  if (use === 'flag') {
    const isNumber = /^(int\d|numeric|float\d)$/.test(type);
    return to('boolean', isNumber ? `${name} <> 0` : `${name}::text IN ('t', 'true', '1', 'y', 'yes', 'on')`);
  }
  if (use === 'number') {
    if (/^(timestamptz?|date)$/.test(type)) return to('bigint', `extract(epoch FROM ${name})::bigint`);
    return to(
      'bigint',
      /^(numeric|float\d|int2)$/.test(type) ? `${name}::bigint` : `nullif(${name}::text, '')::bigint`,
    );
  }
  if (use === 'id') {
    const id = 'id_of_ours';
    return `ALTER TABLE ${table} RENAME COLUMN ${name} TO ${id}; ALTER TABLE ${table} ADD COLUMN ${name} ${SQL_TYPES.id};`;
  }
  return to(SQL_TYPES[use], type === 'bpchar' ? `rtrim(${name})` : `${name}::text`);
}

function missing(table: string, name: string, use: ColumnUse, there: readonly Column[]): Obstacle {
  const fold = (text: string) => text.toLowerCase().replaceAll('_', '');
  const alike = there.find((column) => fold(column.name) === fold(name));
  const from = identifier(alike?.name ?? 'its name now');
  return {
    what: `The table ${table} has no column ${name}`,
    remedy: `ALTER TABLE ${table} RENAME COLUMN ${from} TO ${name}; or, where it has none under another name: ALTER TABLE ${table} ADD COLUMN ${name} ${SQL_TYPES[use]};`,
    blocks: 'adoption',
  };
}

function taken({ table, name }: Column): Obstacle {
  return {
    what: `The manager needs a name that is taken: column "${name}" of relation "${table}" already exists, and is not its own`,
    remedy: `ALTER TABLE ${table} RENAME COLUMN ${name} TO ${name}_of_ours;`,
    blocks: 'migration',
  };
}

function cannotBeLeftOut(column: Column): boolean {
  return column.not_null && !column.has_default && !column.is_identity && !column.is_generated;
}

function mustBeGiven({ table, name }: Column): Obstacle {
  const column = identifier(name);
  return {
    what: `The column ${name} of ${table} must be given a value in each new row, which neither TPEDM nor the manager does`,
    remedy: `ALTER TABLE ${table} ALTER COLUMN ${column} DROP NOT NULL; or ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT ...;`,
    blocks: 'adoption',
  };
}
