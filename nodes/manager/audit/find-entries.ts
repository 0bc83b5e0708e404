import type { Database, Row } from '../database/database.js';
import { type Along, afterSql, keysSql, type NewestFirst, orderOf } from '../database/newest-first.js';
import { gatewaysNamed } from '../registry/gateways-named.js';
import { badField } from '../shared/invalid-input.js';
import { isStorable } from '../shared/text.js';
import { timeIn } from '../shared/time-in.js';
import type { AuditEntry } from './audit-entry.js';
import type { AuditQuery } from './audit-query.js';

interface AuditRow extends Row, Omit<AuditEntry, 'at'> {
  at: Date;
}

/** The ids of the jobs that have one of these gateways. An act on a job of 100,000 gateways is one entry, which is found by any of them. */
export type JobsOf = (clientids: readonly string[]) => Promise<readonly string[]>;

export const MAX_ENTRIES = 500;
const LIST: NewestFirst = { from: 'tpe_audit', alias: 'entry', key: ['at', 'id'] };
const COLUMNS = `entry.id::text as id, entry.at, entry.who, entry.account_id as "accountId", entry.role, entry.address, entry.action,
  entry.clientid, entry.job, entry.detail, entry.outcome, entry.reason, entry.cause, entry.door`;
/** So many different names, or actions, are looked through for those that match. */
const MAX_VALUES = 5000;

/** Finds a page of entries, newest first. Rejects with INVALID_INPUT if the query is not valid. */
export async function findEntries(
  database: Database,
  query: AuditQuery,
  jobsOf: JobsOf,
): Promise<AuditEntry[]> {
  const { limit = 50 } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ENTRIES)
    throw badField('limit', `from 1 to ${MAX_ENTRIES}`);
  const { who, action, clientid, gateway, job } = query;
  for (const [name, value] of Object.entries({ who, action, clientid, gateway, job })) {
    if (value !== undefined && !isStorable(value)) throw badField(name, 'a text without NUL');
  }
  const clientids = await gatewaysOf(database, query);
  const parameters: unknown[] = [];
  const add = (value: unknown) => {
    parameters.push(value);
    return `$${parameters.length}`;
  };
  const filters = filtersOf(query, add);
  const values = await valuesOf(database, query);
  if (values.some((one) => one.values.length === 0)) return [];
  const checked = (some: readonly Along[]) =>
    some.map(({ column, values }) => `${column} = any(${add(values)}::text[])`);
  const keys = (along: Along | null, more: readonly string[], list = LIST) =>
    `(${keysSql(list, { along, filters: [...more, ...filters], parameters, limit })})`;

  let found: string[];
  if (clientids === null) {
    found = [keys(values[0] ?? null, checked(values.slice(1)))];
  } else {
    const all = checked(values);
    const jobs = await jobsOf(clientids);
    // Without the offset, PostgreSQL might walk through all entries by time instead of using the index of the gateways.
    const ofMany = `(select * from tpe_audit where clientids && ${add(clientids)}::text[] offset 0)`;
    found = [
      keys({ column: 'entry.clientid', values: clientids }, all),
      keys(null, all, { ...LIST, from: ofMany }),
    ];
    const ofJobs = ['entry.clientid is null', 'entry.clientids is null', ...all];
    if (jobs.length > 0) found.push(keys({ column: 'entry.job', values: jobs }, ofJobs));
  }
  const rows = await database.query<AuditRow>(
    `select ${COLUMNS} from (select * from (${found.join(' union all ')}) as entry ${orderOf(LIST)} limit ${limit}) as key
     join tpe_audit entry on entry.id = key.id ${orderOf(LIST)}`,
    parameters,
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** The gateways that a query means; null: any, or none. */
async function gatewaysOf(
  database: Database,
  { clientid, gateway = '' }: AuditQuery,
): Promise<readonly string[] | null> {
  const named = gateway.trim() === '' ? null : await gatewaysNamed(database, gateway);
  if (named !== null && named.clientids === null)
    throw badField('gateway', 'more of the name: it fits too many');
  if (!clientid) return named?.clientids ?? null;
  return named?.clientids?.includes(clientid) === false ? [] : [clientid];
}

/** The conditions that a row is checked for along the way. */
function filtersOf(query: AuditQuery, add: (value: unknown) => string): string[] {
  const { since, until, before } = query;
  const filters: string[] = [];
  if (since) filters.push(`entry.at >= ${add(timeIn('since', since))}::timestamptz`);
  if (until) filters.push(`entry.at < ${add(timeIn('until', until))}::timestamptz`);
  if (before !== undefined) {
    if (!/^\d{1,18}$/.test(before)) throw badField('before', 'the id of an entry');
    filters.push(afterSql(LIST, add(before)));
  }
  return filters;
}

/** The conditions that an index has, beginning with the one that leaves least. */
async function valuesOf(
  database: Database,
  { job, who = '', action, outcome, door }: AuditQuery,
): Promise<Along[]> {
  const values: Along[] = [];
  if (job !== undefined) values.push({ column: 'entry.job', values: [job] });
  const wanted = who.trim().toLowerCase();
  if (wanted !== '') {
    const names = await differentIn(database, 'who');
    values.push({
      column: 'entry.who collate "C"',
      values: names.filter((name) => name.toLowerCase().includes(wanted)),
    });
  }
  if (action) {
    const actions = await differentIn(database, 'action');
    values.push({
      column: 'entry.action collate "C"',
      values: actions.filter((name) => name.startsWith(action)),
    });
  }
  if (outcome) values.push({ column: 'entry.outcome', values: [outcome] });
  if (door) values.push({ column: 'entry.door', values: [door] });
  return values;
}

/** The different values of a column, by jumps along its index. */
async function differentIn(database: Database, name: 'who' | 'action'): Promise<string[]> {
  const column = `entry.${name} collate "C"`;
  const rows = await database.query<{ value: string }>(`
    with recursive found (value, n) as (
      (select ${column}, 1 from tpe_audit entry order by ${column} limit 1)
      union all
      select (select ${column} from tpe_audit entry where ${column} > found.value order by ${column} limit 1), n + 1
      from found where found.value is not null and n < ${MAX_VALUES})
    select value from found where value is not null`);
  return rows.map(({ value }) => value);
}
