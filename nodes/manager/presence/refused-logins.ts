import type { LoginRefused, RefusalReason } from '../broker/events.js';
import type { Database, Row } from '../database/database.js';
import type { StoredRefusal } from '../registry/refused-login.js';
import { addressKey } from '../shared/address-key.js';
import { printable } from '../shared/printable.js';
import { messageOf } from '../shared/tpe-error.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, toPresence } from './presence-row.js';

export interface RefusedLoginsOptions {
  database: Pick<Database, 'query'>;
  /** Called after a write. `isNew` is true for the first refusal of a series, or for another reason than before. */
  onWritten(presence: Presence, isNew: boolean): void;
  onFault(text: string): void;
  timing?: RefusedLoginsTiming;
}

export interface RefusedLoginsTiming {
  /** The delay from the first refusal to the write, and the least time between two writes, ms. */
  everyMs: number;
  /** The least time between two writes for the same gateway, ms. */
  gatewayEveryMs: number;
}

export interface RefusedLogins {
  /** Takes a refused login to be written later. It must stay cheap, since anybody can cause refusals, as often as they like. */
  note(refused: LoginRefused): void;
  /** Takes no more refusals, drops those that wait, and resolves when the current write has ended. */
  close(): Promise<void>;
}

const TIMING: RefusedLoginsTiming = { everyMs: 2000, gatewayEveryMs: 60_000 };
/** The most gateways in one write. */
const MAX_AT_ONCE = 50;
const MAX_PENDING = 1000;
/** One address that tries many client ids must not take all the room in `pending`. */
const MAX_PENDING_OF_ADDRESS = 100;
const MAX_REMEMBERED = 5000;
const MAX_NAME_LENGTH = 100;
/** A refusal this long after the one before begins a new series, ms. */
const PAUSE_MS = 3_600_000;

/** The refusals of one client id that wait to be written; `from` is the address in whose count they are. */
type PendingRefusal = StoredRefusal & { from: string };

/** Refusals for these reasons prove nothing about the credential of a registered gateway, so they are not stored. */
const NOT_OF_A_GATEWAY: ReadonlySet<string> = new Set(['unknown', 'bad_clientid', 'unavailable']);

/**
 * Adds refusals to the series of each gateway, or begins a new series after a pause or after a successful login. Client ids that
 * are not registered have no row, so they are ignored.
 */
const STORE = `
  update tpe_presence device set refused_login = jsonb_build_object(
    'since', case when ${goesOn()} then (device.refused_login->>'since')::bigint else item.since end,
    'count', item.count + case when ${goesOn()} then (device.refused_login->>'count')::bigint else 0 end,
    'at', item.at, 'address', item.address, 'username', item.username, 'reason', item.reason)
  from (
    select new.*, coalesce(old.refused_login->>'reason' = new.reason, false) as is_same
    from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])
      as new (clientid, since, at, count, address, username, reason)
    join tpe_presence old on old.clientid = new.clientid
  ) item
  where device.clientid = item.clientid
  returning ${PRESENCE_COLUMNS}, item.is_same and (device.refused_login->>'since')::bigint < item.since as is_old`;

function goesOn(): string {
  return `coalesce((device.refused_login->>'at')::bigint > item.since - ${PAUSE_MS}
    and (device.status <> 'online' or device.since < to_timestamp((device.refused_login->>'at')::bigint / 1000.0)), false)`;
}

interface StoredRow extends PresenceRow, Row {
  is_old: boolean;
}

/**
 * Stores with each registered gateway the refused logins under its client id. It collects them and writes a few gateways at a
 * time, so that a flood of refusals costs the database no more than that. `onFault` gets a text when a write failed.
 */
export function createRefusedLogins(options: RefusedLoginsOptions): RefusedLogins {
  const { database, timing = TIMING } = options;
  const pending = new Map<string, PendingRefusal>();
  const pendingOf = new Map<string, number>();
  /** When and for which reason each client id was last taken for a write, oldest first. */
  const writtenAs = new Map<string, { at: number; reason: RefusalReason }>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | null = null;
  let isClosed = false;

  function schedule(): void {
    if (isClosed || timer !== undefined || writing !== null || pending.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      writing = write().finally(() => {
        writing = null;
        schedule();
      });
    }, timing.everyMs);
    timer.unref();
  }

  function countPending(from: string, change: 1 | -1): void {
    const count = (pendingOf.get(from) ?? 0) + change;
    if (count === 0) pendingOf.delete(from);
    else pendingOf.set(from, count);
  }

  function takeDue(): [string, PendingRefusal][] {
    const now = Date.now();
    const due: [string, PendingRefusal][] = [];
    for (const [clientid, refusal] of pending) {
      if (due.length >= MAX_AT_ONCE) break;
      if (now - (writtenAs.get(clientid)?.at ?? 0) < timing.gatewayEveryMs) continue;
      due.push([clientid, refusal]);
      pending.delete(clientid);
      countPending(refusal.from, -1);
      writtenAs.delete(clientid);
      writtenAs.set(clientid, { at: now, reason: refusal.reason });
    }
    while (writtenAs.size > MAX_REMEMBERED) writtenAs.delete(writtenAs.keys().next().value!);
    return due;
  }

  async function write(): Promise<void> {
    const due = takeDue();
    if (due.length === 0) return;
    const items = due.map(([, refusal]) => refusal);
    const columns = (['since', 'at', 'count', 'address', 'username', 'reason'] as const).map((name) =>
      items.map((item) => item[name]),
    );
    try {
      const rows = await database.query<StoredRow>(STORE, [due.map(([clientid]) => clientid), ...columns]);
      for (const row of rows) options.onWritten(toPresence(row), !row.is_old);
    } catch (error) {
      options.onFault(`Refused logins could not be stored: ${messageOf(error)}`);
    }
  }

  return {
    note({ clientid, at, ipAddress, username, reason }) {
      if (isClosed || NOT_OF_A_GATEWAY.has(reason)) return;
      const before = pending.get(clientid);
      const name = username === null ? null : printable(username, MAX_NAME_LENGTH);
      const facts = { at, address: ipAddress, username: name };
      if (before !== undefined) {
        // The throttle refuses without checking the credential, so the reason of the checked login before stays.
        const why = reason === 'slowed_down' ? before.reason : reason;
        Object.assign(before, { ...facts, reason: why, count: before.count + 1 });
        return;
      }
      const known = writtenAs.get(clientid);
      if (reason === 'slowed_down' && known === undefined) return;
      const from = addressKey(ipAddress ?? '');
      if (pending.size >= MAX_PENDING || (pendingOf.get(from) ?? 0) >= MAX_PENDING_OF_ADDRESS) return;
      const why = reason === 'slowed_down' ? known!.reason : reason;
      pending.set(clientid, { ...facts, from, since: at, count: 1, reason: why });
      countPending(from, 1);
      schedule();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await writing;
    },
  };
}
