import type { Queryable, Row } from '../database.js';
import { type Column, missingColumns, narrowColumns } from './column-obstacles.js';

interface Counts extends Row {
  what: string;
  rows: number;
  named: string[];
}

const SOME = 5;

/** Gateways and credentials that do not come over as they are, said before they are changed. */
const COUNTS: readonly [what: string, sql: string][] = [
  [
    'rows of clientid_profile without a client id were removed',
    'select id::text as one from clientid_profile where clientid is null',
  ],
  [
    'older rows of clientid_profile were removed, whose client id is there more than once: the newest row stays',
    `select clientid::text as one from clientid_profile older where exists (
      select from clientid_profile newer where newer.clientid = older.clientid and newer.id > older.id)`,
  ],
  [
    'older rows of mqtt_user were removed, whose client id is there more than once: the newest row stays',
    `select clientid::text as one from mqtt_user older where exists (
      select from mqtt_user newer where newer.clientid = older.clientid and newer.id > older.id)`,
  ],
  [
    'credentials in mqtt_user belong to no gateway and were closed: register the gateway to give it a new one',
    `select coalesce(clientid::text, '') as one from mqtt_user where not exists (
      select from clientid_profile where clientid_profile.clientid = mqtt_user.clientid)`,
  ],
  [
    'gateways have no credential in mqtt_user and cannot connect until they are given one (rotate)',
    `select clientid::text as one from clientid_profile where clientid is not null and not exists (
      select from mqtt_user where mqtt_user.clientid = clientid_profile.clientid)`,
  ],
  [
    'gateways have a client id that would reach into the topics of others, and were closed: register them under another one',
    `select clientid::text as one from mqtt_user
      where clientid = '' or clientid ~ '^\\$' or clientid ~ '[+#/\\u0001-\\u001f\\u007f-\\u009f]'`,
  ],
];

/**
 * Makes the tables of a TPEDM ready for the migrations: columns that are missing, and those that are too short. Resolves with
 * what the administrator must know of it, and of what the migrations do with the rows.
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
  return notes;
}
