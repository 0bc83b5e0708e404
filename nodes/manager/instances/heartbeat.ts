import type { Database } from '../database/database.js';
import { messageOf } from '../tpe-error.js';

/** A manager that was not seen for so long is dead: others go on with its commands. */
export const DEAD_AFTER_S = 90;

const EVERY_MS = 15_000;

const BEAT = `
  insert into tpe_instance as instance (instance, seen_at) values ($1, now())
  on conflict (instance) do update set seen_at = excluded.seen_at`;
const FORGET = "delete from tpe_instance where seen_at < now() - interval '1 day'";

export interface Heartbeat {
  /** Shows this manager to the others; resolves when it is seen, and goes on by itself. */
  start(): Promise<void>;
  close(): void;
}

export interface HeartbeatOptions {
  database: Database;
  instance: string;
  /** Called after each beat but the first after a pause: by then all that live have been seen again. */
  onBeat(): Promise<void>;
  onFault(text: string): void;
}

/** The sign of life of one of several managers on a database; a database of its own needs none. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { database, instance, onBeat, onFault } = options;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let wasSeen = false;

  async function beat(): Promise<void> {
    await database.query(BEAT, [instance]);
    await database.query(FORGET);
    if (wasSeen) await onBeat();
    wasSeen = true;
  }

  async function repeat(): Promise<void> {
    try {
      await beat();
    } catch (error) {
      wasSeen = false;
      if (!isClosed) onFault(`The other device managers cannot see this one: ${messageOf(error)}`);
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
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
