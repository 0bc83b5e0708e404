import type { Database, Row } from '../database/database.js';
import { createGroupCommit } from '../database/group-commit.js';
import { exactJson } from '../shared/exact-json.js';
import { badField } from '../shared/invalid-input.js';
import { ipAddress } from '../shared/ip-address.js';
import type { Reason } from '../shared/reason.js';
import { redact } from '../shared/redact.js';
import { redactReason } from '../shared/redact-reason.js';
import { isStorable } from '../shared/text.js';
import { messageOf } from '../shared/tpe-error.js';
import type { AuditEntry, NewAuditEntry } from './audit-entry.js';
import type { Outcome } from './outcome.js';
import { createRefusals } from './refusals.js';

export interface AuditQuery {
  who?: string;
  /** The beginning of the action: `gateway.` finds all that was done to gateways. */
  action?: string;
  /** What was done to this gateway, alone or as one of the gateways of a job. */
  clientid?: string;
  /** The id of a job. */
  job?: string;
  outcome?: Outcome;
  /** ISO 8601; `since` is included, `until` is not. */
  since?: string;
  until?: string;
  /** The `id` of the last entry of the page before; entries are listed newest first. */
  before?: string;
  /** 1..500, default 50. */
  limit?: number;
}

/** The audit: actor, action, gateway and time; entries are kept for a year. */
export interface Audit {
  /**
   * Records an entry. Never rejects, since the action cannot be undone; an entry that cannot be written is logged. The first refusal of an
   * action to a caller is written at once, further ones once a minute with a `count` in the detail.
   */
  record(entry: NewAuditEntry): Promise<void>;
  /** Lists entries, newest first. Rejects with INVALID_INPUT if the query is not valid. */
  list(query: AuditQuery): Promise<AuditEntry[]>;
  /** Reads all entries that match, newest first, page by page. Rejects with INVALID_INPUT if the query is not valid. */
  each(query: AuditQuery): AsyncIterable<AuditEntry>;
}

export interface AuditKeeper extends Audit {
  close(): Promise<void>;
}

interface AuditRow extends Row, Omit<AuditEntry, 'at'> {
  at: Date;
}

const INSERT = `
  insert into tpe_audit (who, role, address, action, clientid, detail, outcome, reason, cause, account_id, job)
  select * from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::text[], $9::jsonb[], $10::text[],
    $11::text[])`;
const COLUMNS =
  'tpe_audit.id, at, who, account_id, role, address, action, clientid, job, detail, outcome, reason, cause';
const MAX_DETAIL = 4000;
const MAX_TEXT_LENGTH = 1000;
const PAGE = 500;
const PATIENCE_MS = 30_000;

export interface AuditOptions {
  /** The ids of the jobs that have this gateway. An act on a job of 100,000 gateways is one entry, which is found by any of them. */
  jobsOf(clientid: string): Promise<readonly string[]>;
  /** Called after each write. */
  onRecord(): void;
  /** Called for an entry that cannot be written. */
  onFault(text: string): void;
}

/** Opens the audit on a migrated database. */
export function createAudit(database: Database, options: AuditOptions): AuditKeeper {
  const commit = createGroupCommit<NewAuditEntry, null>({
    maxBatch: 500,
    maxWaiting: 10_000,
    async write(entries) {
      await database.query(INSERT, columnsOf(entries));
      return entries.map(() => null);
    },
  });

  const list = async (query: AuditQuery): Promise<AuditEntry[]> => {
    const { limit = 50 } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > PAGE) throw badField('limit', `from 1 to ${PAGE}`);
    const conditions = conditionsOf(query);
    const jobs = query.clientid ? await options.jobsOf(query.clientid) : [];
    const { parameters } = conditions;
    const found = query.clientid
      ? ofGateway(query.clientid, jobs, conditions, limit)
      : some(conditions.parts, limit);
    const rows = await database.query<AuditRow>(
      `select id::text as id, at, who, account_id as "accountId", role, address, action, clientid, job, detail, outcome, reason, cause
       from (${found}) entry order by entry.id desc limit ${limit}`,
      parameters,
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  };

  const write = async (entry: NewAuditEntry): Promise<void> => {
    try {
      await commit.add(entry, PATIENCE_MS);
      options.onRecord();
    } catch (error) {
      const { who, action, clientid, outcome } = entry;
      const what = JSON.stringify({ who, action, clientid, outcome });
      options.onFault(`The audit could not be written (${messageOf(error)}): ${what}`);
    }
  };

  const refusals = createRefusals({ write });

  return {
    record: (entry) => (entry.outcome === 'refused' ? refusals.record(entry) : write(entry)),
    list,
    async *each(query) {
      let { before } = query;
      for (;;) {
        const entries = await list({ ...query, ...(before !== undefined && { before }), limit: PAGE });
        yield* entries;
        before = entries.at(-1)?.id;
        if (entries.length < PAGE || before === undefined) return;
      }
    },
    async close() {
      refusals.close();
      await commit.close();
    },
  };
}

function columnsOf(entries: readonly NewAuditEntry[]): unknown[] {
  return [
    entries.map(({ who }) => storable(who)),
    entries.map(({ role }) => role),
    entries.map(({ address }) => storable(ipAddress(address) ?? address)),
    entries.map(({ action }) => storable(action)),
    entries.map(({ clientid }) => storable(clientid)),
    entries.map(({ detail }) => bounded(detail)),
    entries.map(({ outcome }) => outcome),
    entries.map(({ reason }) => storable(reason?.text ?? null)),
    entries.map(({ reason }) => storableCause(reason)),
    entries.map(({ accountId = null }) => storable(accountId)),
    entries.map(({ job = null }) => storable(job)),
  ];
}

/** Returns a detail as JSON text of bounded length, without secrets. */
function bounded(detail: Record<string, unknown>): string {
  // Bodies of REST may have whole numbers beyond 2^53, which `JSON.stringify` refuses.
  const text = exactJson(redact(detail)) ?? '{}';
  return text.length <= MAX_DETAIL ? text : JSON.stringify({ leftOut: `${text.length} characters` });
}

function storable<Text extends string | null>(text: Text): Text {
  return (text === null ? null : redact(text.slice(0, MAX_TEXT_LENGTH))) as Text;
}

/** The cause of a reason as JSON text; null if it is too long, or if something in the reason must not be stored as it is. */
function storableCause(reason: Reason | null): string | null {
  const cause = reason && redactReason(reason).cause;
  const json = cause && JSON.stringify(cause);
  return json !== null && json.length <= MAX_DETAIL ? json : null;
}

interface Conditions {
  parts: string[];
  parameters: unknown[];
}

/** SQL of the newest entries that meet all conditions. */
function some(parts: readonly string[], limit: number): string {
  const where = parts.length === 0 ? '' : `where ${parts.join(' and ')}`;
  return `select ${COLUMNS} from tpe_audit ${where} order by tpe_audit.id desc limit ${limit}`;
}

/**
 * The same for a gateway: what was done to it alone, and what was done to whole jobs that have it. Two selects, since each then goes along
 * an index, however rare its entries are.
 */
function ofGateway(
  clientid: string,
  jobs: readonly string[],
  { parts, parameters }: Conditions,
  limit: number,
): string {
  parameters.push(clientid);
  const alone = some([...parts, `clientid = $${parameters.length}`], limit);
  if (jobs.length === 0) return alone;
  parameters.push(jobs);
  const within = some([...parts, 'clientid is null', `job = any($${parameters.length}::text[])`], limit);
  return `(${alone}) union all (${within})`;
}

/** The conditions of a query, apart from that on the gateway. */
function conditionsOf(query: AuditQuery): Conditions {
  const parts: string[] = [];
  const parameters: unknown[] = [];
  const add = (value: unknown, part: (parameter: string) => string) => {
    parameters.push(value);
    parts.push(part(`$${parameters.length}`));
  };
  const { who, action, clientid, job, outcome, since, until, before } = query;
  for (const [name, value] of Object.entries({ who, action, clientid, job })) {
    if (value !== undefined && !isStorable(value)) throw badField(name, 'a text without NUL');
  }
  if (who) add(who, (value) => `who = ${value}`);
  if (action) add(action, (value) => `starts_with(action, ${value})`);
  if (job !== undefined) add(job, (value) => `job = ${value}`);
  if (outcome) add(outcome, (value) => `outcome = ${value}`);
  if (since) add(timeOf('since', since), (value) => `at >= ${value}`);
  if (until) add(timeOf('until', until), (value) => `at < ${value}`);
  if (before !== undefined) {
    if (!/^\d{1,18}$/.test(before)) throw badField('before', 'the id of an entry');
    add(before, (value) => `tpe_audit.id < ${value}::bigint`);
  }
  return { parts, parameters };
}

function timeOf(field: string, text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw badField(field, 'a time such as 2026-11-25T10:00:00Z');
  return time;
}
