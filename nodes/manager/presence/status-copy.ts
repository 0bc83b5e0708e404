import type { Database, Row } from '../database/database.js';
import { within } from '../shared/timeout.js';
import { messageOf } from '../shared/tpe-error.js';

export interface StatusCopyOptions {
  database: Pick<Database, 'query'>;
  /** Called when a copy failed; it is tried again. */
  onFault(text: string): void;
  /** How long a change may wait, so that a gateway that comes and goes is copied once, ms. */
  everyMs?: number;
}

/** Keeps the columns of clientid_profile by which TPEDM's own tools know whether a gateway is online. */
export interface StatusCopy {
  /** Takes a gateway whose presence has changed. */
  note(clientid: string): void;
  /** Copies what a manager that ended had not copied any more. Failures go to `onFault`. */
  catchUp(): Promise<void>;
  /** Copies what still waits, if the database lets it, and stops. */
  close(): Promise<void>;
}

const EVERY_MS = 5000;
/** The longest time that the last copy may take, ms. What is not copied then is copied at the next start. */
const CLOSE_WITHIN_MS = 2000;
/** The most gateways in one statement, so that others get their turn in between. */
const PIECE = 500;

/** SQL: TPEDM's columns are not as they should be. A gateway of which no time is known keeps what TPEDM wrote. */
const DIFFERS = `(device.connection_status, device.connection_status_updated_at)
    is distinct from (current.online, coalesce(current.at, device.connection_status_updated_at))`;

/**
 * Copies the status of these gateways. It locks in the order in which a gateway is changed and removed: profile, then presence. The lock
 * makes sure that a status that was read is not older than one that another manager has copied.
 */
const COPY = `
  with profile as materialized (
    select clientid from clientid_profile where clientid = any($1::text[]) order by clientid for no key update
  ), current as materialized (
    select presence.clientid, status = 'online' as online, floor(extract(epoch from since))::bigint as at
    from tpe_presence presence where clientid in (select clientid from profile) order by clientid for share of presence
  )
  update clientid_profile device set connection_status = current.online,
    connection_status_updated_at = coalesce(current.at, device.connection_status_updated_at)
  from current where device.clientid = current.clientid and ${DIFFERS}`;

/** One piece of the fleet, with those of its gateways whose copy differs. */
const DIFFERING = `
  with piece as (
    select clientid, status = 'online' as online, floor(extract(epoch from since))::bigint as at
    from tpe_presence where clientid > $1 order by clientid limit ${PIECE}
  )
  select max(current.clientid) as last, array_remove(array_agg(case when
    ${DIFFERS} then current.clientid end), null) as clientids
  from piece current join clientid_profile device using (clientid)`;

interface PieceRow extends Row {
  last: string | null;
  clientids: string[] | null;
}

/** Creates the copying, some seconds after each change and many gateways at once. */
export function createStatusCopy({ database, onFault, everyMs = EVERY_MS }: StatusCopyOptions): StatusCopy {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let copying: Promise<void> | null = null;
  let isClosed = false;

  function schedule(): void {
    if (isClosed || timer !== undefined || copying !== null || changed.size === 0) return;
    timer = setTimeout(copyAll, everyMs);
    timer.unref();
  }

  function copyAll(): void {
    timer = undefined;
    copying = copyEach()
      .catch((error: unknown) =>
        onFault(`The status of gateways could not be copied for TPEDM's tools: ${messageOf(error)}`),
      )
      .finally(() => {
        copying = null;
        schedule();
      });
  }

  async function copyEach(): Promise<void> {
    const pieces = Math.ceil(changed.size / PIECE);
    for (let piece = 0; piece < pieces && changed.size > 0; piece += 1) {
      const clientids = take(changed);
      await database.query(COPY, [clientids]).catch((error) => {
        for (const clientid of clientids) changed.add(clientid);
        throw error;
      });
    }
  }

  return {
    note(clientid) {
      if (isClosed) return;
      changed.add(clientid);
      schedule();
    },
    async catchUp() {
      try {
        for (let after: string | null = ''; after !== null && !isClosed; ) {
          const rows: PieceRow[] = await database.query<PieceRow>(DIFFERING, [after]);
          for (const clientid of rows[0]?.clientids ?? []) changed.add(clientid);
          after = rows[0]?.last ?? null;
        }
        schedule();
      } catch (error) {
        onFault(`The status of gateways could not be compared for TPEDM's tools: ${messageOf(error)}`);
      }
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await copying;
      await within(
        CLOSE_WITHIN_MS,
        copyEach().catch(() => undefined),
        () => undefined,
      );
    },
  };
}

/** Takes up to PIECE gateways out of the set. */
function take(changed: Set<string>): string[] {
  const taken: string[] = [];
  for (const clientid of changed) {
    if (taken.length >= PIECE) break;
    taken.push(clientid);
    changed.delete(clientid);
  }
  return taken;
}
