import type { Database } from '../database/database.js';
import { within } from '../shared/timeout.js';
import { messageOf } from '../shared/tpe-error.js';

/** The time after which a manager that was not seen counts as dead, s; others then take over its work. */
export const DEAD_AFTER_S = 90;

const EVERY_MS = 15_000;

const BEAT = `
  insert into tpe_instance as instance (instance, seen_at, reaches_broker) values ($1, now(), $2)
  on conflict (instance) do update set seen_at = excluded.seen_at, reaches_broker = excluded.reaches_broker`;
/** Counts other managers: those alive, and those that reach the broker, for which heartbeats no older than two intervals count. */
const OTHERS = `
  select count(*)::integer as alive,
    count(*) filter (where reaches_broker and seen_at > now() - make_interval(secs => $2))::integer as reaching
  from tpe_instance where instance <> $1 and seen_at > now() - make_interval(secs => $3)`;
const LEAVE = 'delete from tpe_instance where instance = $1';
/** The longest time that leaving may take, ms: the database may be away. */
const LEAVE_WITHIN_MS = 2000;
const FORGET = "delete from tpe_instance where seen_at < now() - interval '1 day'";

export interface Heartbeat {
  /** Writes the first heartbeat, then repeats it by itself. Rejects as the database does if the first one cannot be written. */
  start(): Promise<void>;
  /** Writes a heartbeat at once; never rejects. */
  now(): Promise<void>;
  /** Whether the last heartbeat saw another manager that reaches the broker. */
  othersReachBroker(): boolean;
  /** Ends it, and takes this manager out of the list, so that the others do not hold it for dead; never rejects. */
  close(): Promise<void>;
}

export interface HeartbeatOptions {
  database: Database;
  instance: string;
  /** Whether this manager can send to gateways now. */
  reachesBroker(): boolean;
  /** Called after each heartbeat but the first one, and the first after a failure: by then, all live managers have been seen again. */
  onBeat(): Promise<void>;
  /** Called after each look with the number of other managers that are alive. */
  onOthers(count: number): void;
  /** Called when a heartbeat could not be stored. */
  onMissed(): void;
  onFault(text: string): void;
}

/** Creates the heartbeat by which managers on one database see each other. Does nothing if no other process can share the database. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { database, instance, reachesBroker, onBeat, onOthers, onMissed, onFault } = options;
  let reaching = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let wasSeen = false;

  async function show(): Promise<void> {
    await database.query(BEAT, [instance, reachesBroker()]);
    const [row] = await database.query<{ alive: number; reaching: number }>(OTHERS, [
      ...[instance, (2 * EVERY_MS) / 1000, DEAD_AFTER_S],
    ]);
    reaching = row?.reaching ?? 0;
    onOthers(row?.alive ?? 0);
  }

  async function beat(): Promise<void> {
    await show();
    await database.query(FORGET);
    if (wasSeen) await onBeat();
    wasSeen = true;
  }

  async function repeat(): Promise<void> {
    try {
      await beat();
    } catch (error) {
      wasSeen = false;
      onMissed();
      if (!isClosed) onFault(`The heartbeat of this device manager could not be stored: ${messageOf(error)}`);
    }
    later();
  }

  function later(): void {
    if (!isClosed) timer = setTimeout(() => void repeat(), EVERY_MS);
  }

  return {
    async start() {
      if (database.listen === null) return;
      await beat();
      later();
    },
    async now() {
      if (database.listen === null || isClosed || !wasSeen) return;
      await show().catch(() => undefined);
    },
    othersReachBroker: () => reaching > 0,
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      if (!wasSeen) return;
      const leaving = database.query(LEAVE, [instance]).catch(() => undefined);
      await within(LEAVE_WITHIN_MS, leaving, () => undefined);
    },
  };
}
