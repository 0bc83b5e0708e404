import type { Queryable } from './database.js';
import { holdersInWords, lockHolders } from './lock-holders.js';

/** A waiting statement is reported within 10 s: after this time, ms, two looks in a row must see it wait. */
const SUSPECT_MS = 4000;
const LOOK_MS = 2000;
const MAX_AT_ONCE = 5;

/** A connection of its own to look with, because all others may be waiting. */
export interface Lookout extends Pick<Queryable, 'query'> {
  end(): Promise<void>;
}

/** Called with what keeps a statement waiting; `subject` is the same for the same cause. */
export type TellWaiting = (subject: string, text: string) => void;

export interface WaitWatch {
  /**
   * Call it when the session with this pid begins a statement, and the returned function when the statement ends: that returns what kept
   * the session waiting, or null.
   */
  begin(pid: number): () => string | null;
  close(): void;
}

interface Work {
  pid: number;
  since: number;
  wasWaiting: boolean;
  found: string | null;
}

/**
 * Finds out what slow statements wait for, so that a time limit is not the only reason that people get. Quick statements cost neither a
 * look nor a timer of their own.
 */
export function watchWaiting(connect: () => Promise<Lookout>, tell: TellWaiting): WaitWatch {
  const working = new Set<Work>();
  let isLooking = false;
  const timer = setInterval(() => {
    const now = performance.now();
    const late = [...working].filter(({ since, found }) => found === null && now - since >= SUSPECT_MS);
    if (late.length === 0 || isLooking) return;
    isLooking = true;
    // Without a connection, the time limit has to be reason enough.
    lookAt(late.slice(0, MAX_AT_ONCE))
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
      });
  }, LOOK_MS);
  timer.unref();

  async function lookAt(late: readonly Work[]): Promise<void> {
    const lookout = await connect();
    try {
      for (const work of late) await lookAtOne(lookout, work);
    } finally {
      await lookout.end();
    }
  }

  async function lookAtOne(lookout: Lookout, work: Work): Promise<void> {
    const cause = await causeOf(lookout, work.pid);
    // The statement has ended meanwhile.
    if (!working.has(work)) return;
    if (cause !== null && work.wasWaiting) {
      const seconds = Math.round((performance.now() - work.since) / 1000);
      work.found = cause.text;
      tell(cause.subject, `A statement has waited ${seconds} s in the database: ${cause.text}`);
    }
    work.wasWaiting = cause !== null;
  }

  return {
    begin(pid) {
      const work: Work = { pid, since: performance.now(), wasWaiting: false, found: null };
      working.add(work);
      return () => {
        working.delete(work);
        return work.found;
      };
    },
    close() {
      clearInterval(timer);
      working.clear();
    },
  };
}

interface Cause {
  subject: string;
  text: string;
}

const STANDBY = `
  select current_setting('synchronous_standby_names') as names from pg_stat_activity where pid = $1 and wait_event = 'SyncRep'`;

async function causeOf(lookout: Lookout, pid: number): Promise<Cause | null> {
  const holders = await lockHolders(lookout, pid);
  if (holders.length > 0) {
    const relation = holders.find((holder) => holder.relation !== null)?.relation ?? null;
    const what = relation === null ? 'a lock' : `the table ${relation}`;
    return {
      subject: what,
      text: `it waits for ${what}, and ${holdersInWords(holders, 'that is done')}`,
    };
  }
  const [standby] = await lookout.query<{ names: string }>(STANDBY, [pid]);
  if (standby === undefined) return null;
  return {
    subject: 'standby',
    text: `its commit waits for a standby (synchronous_standby_names = '${standby.names}'), and none confirms it. Start that standby, or run, as a superuser: ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();`,
  };
}
