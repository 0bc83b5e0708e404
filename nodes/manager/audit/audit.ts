import type { Database } from '../database/database.js';
import { createGroupCommit } from '../database/group-commit.js';
import { exactJson } from '../shared/exact-json.js';
import { ipAddress } from '../shared/ip-address.js';
import type { Reason } from '../shared/reason.js';
import { redact } from '../shared/redact.js';
import { redactReason } from '../shared/redact-reason.js';
import { isStorable } from '../shared/text.js';
import { messageOf } from '../shared/tpe-error.js';
import { doorOfEntry } from './audit-door.js';
import type { AuditEntry, NewAuditEntry } from './audit-entry.js';
import type { AuditQuery } from './audit-query.js';
import { findEntries, type JobsOf, MAX_ENTRIES } from './find-entries.js';
import { createRefusals } from './refusals.js';

export type { AuditQuery } from './audit-query.js';

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

const INSERT = `
  insert into tpe_audit (who, role, address, action, clientid, detail, outcome, reason, cause, account_id, job, door,
    clientids)
  select who, role, address, action, clientid, detail, outcome, reason, cause, account_id, job, door,
    (select array_agg(value) from jsonb_array_elements_text(clientids) as one (value))
  from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::text[], $9::jsonb[], $10::text[],
    $11::text[], $12::text[], $13::jsonb[]) as entry (who, role, address, action, clientid, detail, outcome, reason, cause,
    account_id, job, door, clientids)`;
const MAX_DETAIL = 4000;
const MAX_TEXT_LENGTH = 1000;
/** An entry is found by so many of its gateways. */
const MAX_GATEWAYS = 10_000;
const PATIENCE_MS = 30_000;

export interface AuditOptions {
  jobsOf: JobsOf;
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

  const list = (query: AuditQuery) => findEntries(database, query, options.jobsOf);

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
        const entries = await list({ ...query, ...(before !== undefined && { before }), limit: MAX_ENTRIES });
        yield* entries;
        before = entries.at(-1)?.id;
        if (entries.length < MAX_ENTRIES || before === undefined) return;
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
    entries.map(doorOfEntry),
    entries.map(({ clientids }) => gatewaysText(clientids)),
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

/** The gateways of an entry as JSON text; null if it is about one or none. */
function gatewaysText(clientids: readonly string[] | undefined): string | null {
  const known = (clientids ?? []).slice(0, MAX_GATEWAYS).filter(isStorable);
  return known.length === 0 ? null : JSON.stringify(known);
}
