import type { Database, Row } from '../database/database.js';
import { createPieceSize } from '../shared/piece-size.js';
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
  /**
   * Copies what was not noted: of a manager that was killed, or of a write whose answer was lost. Before that it makes rows of presence that
   * lack and removes those without a gateway, since a restore or a replica may have left triggers out. Failures go to `onFault`.
   */
  catchUp(): Promise<void>;
  /** Copies what still waits, if the database lets it, and stops. */
  close(): Promise<void>;
}

const EVERY_MS = 5000;
const CATCH_UP_EVERY_MS = 60 * 60_000;
/** The longest time that the last copy may take, ms. What is not copied then is copied at the next start. */
const CLOSE_WITHIN_MS = 2000;
/** How many gateways one statement takes, so that others get their turn in between. */
const COPIED = { first: 100, least: 50, most: 500 };
const COMPARED = { first: 500, least: 200, most: 2000 };

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

/** As the trigger does for a gateway that others register. One piece of the fleet, the gateways behind $1. */
const ADD_LACKING = `
  with piece as materialized (
    select clientid, connection_status, connection_status_updated_at
    from clientid_profile where $1::text is null or clientid > $1 order by clientid limit $2
  ), added as (
    insert into tpe_presence (clientid, status, since)
    select clientid, case when connection_status then 'online' when coalesce(connection_status_updated_at, 0) = 0 then 'never_seen'
        else 'offline' end,
      case when connection_status_updated_at between 1 and 4102444800 then to_timestamp(connection_status_updated_at) end
    from piece device
    where not exists (select from tpe_presence presence where presence.clientid = device.clientid)
    on conflict (clientid) do nothing
  )
  select max(clientid) as last from piece`;
const REMOVE_LEFT = `
  with piece as materialized (
    select clientid from tpe_presence where $1::text is null or clientid > $1 order by clientid limit $2
  ), removed as (
    delete from tpe_presence presence using piece where presence.clientid = piece.clientid
      and not exists (select from clientid_profile device where device.clientid = presence.clientid)
  )
  select max(clientid) as last from piece`;

/** One piece of the fleet, with those of its gateways whose copy differs. */
const DIFFERING = `
  with piece as (
    select clientid, status = 'online' as online, floor(extract(epoch from since))::bigint as at
    from tpe_presence where $1::text is null or clientid > $1 order by clientid limit $2
  )
  select (select max(clientid) from piece) as last, array_remove(array_agg(case when
    ${DIFFERS} then current.clientid end), null) as clientids
  from piece current join clientid_profile device using (clientid)`;

interface PieceRow extends Row {
  last: string | null;
  /** Those that differ. */
  clientids?: string[] | null;
}

/** Creates the copying, some seconds after each change and many gateways at once. */
export function createStatusCopy({ database, onFault, everyMs = EVERY_MS }: StatusCopyOptions): StatusCopy {
  const changed = new Set<string>();
  const copied = createPieceSize(COPIED);
  let timer: NodeJS.Timeout | undefined;
  let copying: Promise<void> | null = null;
  let isClosed = false;
  const repeated = setInterval(() => void catchUp(), CATCH_UP_EVERY_MS);
  repeated.unref();

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
    for (let left = changed.size; left > 0 && changed.size > 0; ) {
      const clientids = take(changed, copied.now());
      left -= clientids.length;
      const copy = () => database.query(COPY, [clientids]);
      await copied.timed(clientids.length, copy).catch((error) => {
        for (const clientid of clientids) changed.add(clientid);
        throw error;
      });
    }
  }

  /** Runs the statement for one piece of the fleet after the other. */
  async function walk(
    sql: string,
    found: (clientids: readonly string[]) => void = () => undefined,
  ): Promise<void> {
    const compared = createPieceSize(COMPARED);
    let after: string | null = null;
    do {
      const limit = compared.now();
      const read = () => database.query<PieceRow>(sql, [after, limit]);
      const [piece]: PieceRow[] = await compared.timed(limit, read);
      found(piece?.clientids ?? []);
      after = piece?.last ?? null;
    } while (after !== null && !isClosed);
  }

  async function catchUp(): Promise<void> {
    try {
      await walk(ADD_LACKING);
      await walk(REMOVE_LEFT);
      await walk(DIFFERING, (clientids) => {
        for (const clientid of clientids) changed.add(clientid);
      });
      schedule();
    } catch (error) {
      if (!isClosed)
        onFault(`The status of gateways could not be compared for TPEDM's tools: ${messageOf(error)}`);
    }
  }

  /** After the copy that runs, another one for what has changed since it began. */
  async function copyLast(): Promise<void> {
    await copying;
    await copyEach().catch(() => undefined);
  }

  return {
    note(clientid) {
      if (isClosed) return;
      changed.add(clientid);
      schedule();
    },
    catchUp,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      clearInterval(repeated);
      await within(CLOSE_WITHIN_MS, copyLast(), () => undefined);
    },
  };
}

/** Takes up to so many gateways out of the set. */
function take(changed: Set<string>, most: number): string[] {
  const taken: string[] = [];
  for (const clientid of changed) {
    if (taken.length >= most) break;
    taken.push(clientid);
    changed.delete(clientid);
  }
  return taken;
}
