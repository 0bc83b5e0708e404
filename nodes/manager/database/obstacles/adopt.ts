import type { Queryable, Row } from '../database.js';
import { SCHEMA_SETTING } from '../session-settings.js';
import { type Column, missingColumns, narrowColumns } from './column-obstacles.js';
import { MAX_PROFILE_TEXT_LENGTH } from './tpedm-columns.js';

interface Counts extends Row {
  what: string;
  rows: number;
  named: string[];
}

/** So many client ids or rows of each kind are named, because a log line should have an end. */
const SOME = 50;

/** Which of two rows with the same client id is newer; their ids may be missing or equal. */
const IS_NEWER = `newer.clientid = older.clientid and
  (coalesce(newer.id::bigint, -1), newer.ctid) > (coalesce(older.id::bigint, -1), older.ctid)`;

const PROFILE_TEXTS = [
  'host_name',
  'model_name',
  'serial_number',
  'firmware_version',
  'bios_version',
  'tpe_version',
];

/** Passwords that look like hashes of EMQX's other methods and not like plain passwords. */
const OTHER_HASH = `(password ~ '^\\$2[abxy]?\\$\\d\\d\\$.{53}$'
  or coalesce(salt, '') = '' and password ~ '^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$'
  or coalesce(salt, '') <> '' and password ~ '^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{128})$')`;

/** Gateways and credentials that change by the adoption, counted before. */
const COUNTS: readonly [what: string, sql: string][] = [
  [
    'rows of clientid_profile without a client id were removed',
    'select id::text as one from clientid_profile where clientid is null',
  ],
  [
    'older rows of clientid_profile were removed, whose client id is there more than once: the newest row stays',
    `select clientid::text as one from clientid_profile older where exists (
      select from clientid_profile newer where ${IS_NEWER})`,
  ],
  [
    'older rows of mqtt_user were removed, whose client id is there more than once: the newest row stays',
    `select clientid::text as one from mqtt_user older where exists (
      select from mqtt_user newer where ${IS_NEWER})`,
  ],
  [
    'credentials in mqtt_user belong to no gateway and were closed: register the gateway to give it a new one',
    `select coalesce(clientid::text, '') as one from mqtt_user where not exists (
      select from clientid_profile where clientid_profile.clientid = mqtt_user.clientid)`,
  ],
  [
    'gateways have no credential in mqtt_user and cannot connect until they are given one (rotate)',
    `select distinct clientid::text as one from clientid_profile where clientid is not null and not exists (
      select from mqtt_user where mqtt_user.clientid = clientid_profile.clientid)`,
  ],
  [
    'gateways have a client id that would reach into the topics of others, and were closed: register them under another one',
    `select clientid::text as one from mqtt_user
      where clientid = '' or clientid ~ '^\\$' or clientid ~ '[+#/\\u0001-\\u001f\\u007f-\\u009f]'`,
  ],
  [
    'gateways have no user name, and cannot connect until they are given a credential (rotate)',
    `select distinct clientid::text as one from clientid_profile join mqtt_user using (clientid) where coalesce(username, '') = ''`,
  ],
  [
    'passwords look like hashes of another kind than sha256 behind a salt, and were taken for passwords in the clear: where EMQX compared hashes (password_hash other than plain), give those gateways new ones (rotate)',
    `select distinct clientid::text as one from clientid_profile join mqtt_user using (clientid) where ${OTHER_HASH}`,
  ],
  [
    `gateways had a name, a model, a serial number or a version of more than ${MAX_PROFILE_TEXT_LENGTH} characters, which was cut`,
    `select distinct clientid::text as one from clientid_profile where ${PROFILE_TEXTS.map((name) => `length(${name}) > ${MAX_PROFILE_TEXT_LENGTH}`).join(' or ')}`,
  ],
];

/** Changes that the migrations need; the counts above report them. */
const MENDING = [
  ...['clientid_profile', 'mqtt_user'].map(
    (table) => `delete from ${table} older using ${table} newer where ${IS_NEWER}`,
  ),
  ...PROFILE_TEXTS.map(
    (name) =>
      `update clientid_profile set ${name} = left(${name}, ${MAX_PROFILE_TEXT_LENGTH}) where length(${name}) > ${MAX_PROFILE_TEXT_LENGTH}`,
  ),
];

/**
 * Prepares the tables of a TPEDM for the migrations: adds missing columns and widens those that are too short. Resolves with what the
 * administrator must know about that, and about what the migrations do with the rows.
 */
export async function adopt(
  transaction: Queryable,
  { columns }: { columns: readonly Column[] },
): Promise<string[]> {
  const notes: string[] = [];
  for (const { table, name, sql } of missingColumns(columns)) {
    await transaction.execute(sql);
    notes.push(`The table ${table} had no column ${name}: it was added, and is empty.`);
  }
  for (const { column, type } of narrowColumns(columns)) {
    await transaction.execute(`alter table ${column.table} alter column ${column.name} type ${type}`);
  }
  const tables = new Set(columns.map(({ table }) => table));
  if (!tables.has('mqtt_user') || !tables.has('clientid_profile')) return notes;
  for (const [what, sql] of COUNTS) {
    const [counts] = await transaction.query<Counts>(
      `select count(*)::integer as rows, array(select one from (${sql}) as found order by one limit ${SOME}) as named from (${sql}) as found`,
    );
    if (counts!.rows === 0) continue;
    const named = counts!.named.map((one) => JSON.stringify(one)).join(', ');
    notes.push(
      `Adopting TPEDM's tables: ${counts!.rows} ${what} (${named}${counts!.rows > SOME ? ', ...' : ''}).`,
    );
  }
  for (const sql of MENDING) await transaction.query(sql);
  return [...notes, ...(await publications(transaction))];
}

interface Published extends Row {
  publication: string;
  table: string;
}

/** A subscriber to these tables gets the new columns too, and stops if its own tables do not have them. */
async function publications(transaction: Queryable): Promise<string[]> {
  const rows = await transaction.query<Published>(
    `select pubname::text as publication, string_agg(tablename::text, ', ' order by tablename) as "table"
     from pg_publication_tables where schemaname = current_setting('${SCHEMA_SETTING}')
       and tablename in ('mqtt_user', 'clientid_profile') group by pubname order by 1`,
  );
  return rows.map(
    ({ publication, table }) =>
      `The publication ${publication} publishes ${table}, which got new columns: a subscriber stops until its tables have them too, or until the publication names the columns that it wants (PostgreSQL 15 and later: ALTER PUBLICATION ... SET TABLE ... (column, ...)); one FOR ALL TABLES publishes the manager's own tables as well.`,
  );
}

interface Behind extends Row {
  sequence: string;
}

/**
 * Moves sequences behind the highest id. Rows with ids of their own, as a copy of a table has, do not move the sequence, and the next row
 * would be refused. Resolves with what was done.
 */
export async function catchUpIds(
  transaction: Queryable,
  { columns }: { columns: readonly Column[] },
): Promise<string[]> {
  const notes: string[] = [];
  for (const { table, name } of columns.filter((column) => column.name === 'id')) {
    const [behind] = await transaction.query<Behind>(
      `with own as (
         select sequence.oid as oid, sequence.oid::regclass::text as sequence from pg_depend
           left join pg_attrdef on classid = 'pg_attrdef'::regclass and pg_attrdef.oid = objid
           join pg_class sequence on relkind = 'S' and sequence.oid = case when classid = 'pg_attrdef'::regclass then refobjid else objid end
         where classid = 'pg_attrdef'::regclass and refclassid = 'pg_class'::regclass
             and (adrelid, adnum) = (select attrelid, attnum from pg_attribute where attrelid = '${table}'::regclass and attname = '${name}')
           or classid = 'pg_class'::regclass and deptype = 'i' and refobjid = '${table}'::regclass
             and refobjsubid = (select attnum from pg_attribute where attrelid = '${table}'::regclass and attname = '${name}')
         limit 1)
       select sequence from own, (select max(${name}) as highest from ${table}) as ids
       where highest > coalesce(pg_sequence_last_value(own.oid), 0)`,
    );
    if (behind === undefined) continue;
    await transaction.query(`select setval($1::regclass, (select max(${name}) from ${table}))`, [
      behind.sequence,
    ]);
    notes.push(
      `Rows were put into ${table} with ids of their own, and the sequence ${behind.sequence} had stayed behind: it goes on after them.`,
    );
  }
  return notes;
}
