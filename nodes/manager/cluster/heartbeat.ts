import type { Database } from '../database/database.js';
import { messageOf } from '../shared/tpe-error.js';

/** A manager that was not seen for so long is dead: others go on with its commands. */
export const DEAD_AFTER_S = 90;

const EVERY_MS = 15_000;

const BEAT = `
  insert into tpe_instance as instance (instance, seen_at, reaches_broker) values ($1, now(), $2)
  on conflict (instance) do update set seen_at = excluded.seen_at, reaches_broker = excluded.reaches_broker`;
/** Others that live, by a sign of life that is no older than two of them take. */
const OTHERS = `
  select count(*)::integer as count from tpe_instance
  where instance <> $1 and reaches_broker and seen_at > now() - make_interval(secs => $2)`;
const FORGET = "delete from tpe_instance where seen_at < now() - interval '1 day'";

export interface Heartbeat {
  /** Shows this manager to the others; resolves when it is seen, and goes on by itself. */
  start(): Promise<void>;
  /** Writes a heartbeat at once; never rejects. */
  now(): Promise<void>;
  /** Whether the last heartbeat saw another manager that reaches the broker. */
  othersReachBroker(): boolean;
  close(): void;
}

export interface HeartbeatOptions {
  database: Database;
  instance: string;
  /** Whether this manager can send to gateways now. */
  reachesBroker(): boolean;
  /** Called after each beat but the first after a pause: by then all that live have been seen again. */
  onBeat(): Promise<void>;
  onFault(text: string): void;
}

/** The sign of life of one of several managers on a database; a database of its own needs none. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { database, instance, reachesBroker, onBeat, onFault } = options;
  let others = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let wasSeen = false;

  async function show(): Promise<void> {
    await database.query(BEAT, [instance, reachesBroker()]);
    const [row] = await database.query<{ count: number }>(OTHERS, [instance, (2 * EVERY_MS) / 1000]);
    others = row?.count ?? 0;
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
    othersReachBroker: () => others > 0,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
