import type { Queryable } from './database.js';
import { holdersInWords, lockHolders } from './lock-holders.js';

/** Of a statement that is kept waiting it is told within 10 s: seen so in two looks behind each other. */
const SUSPECT_MS = 4000;
const LOOK_MS = 2000;
const MAX_AT_ONCE = 5;

/** A connection for looking, since all others may wait. */
export interface Lookout extends Pick<Queryable, 'query'> {
  end(): Promise<void>;
}

/** Hears what keeps statements waiting; `subject` is one for each cause. */
export type TellWaiting = (subject: string, text: string) => void;

export interface WaitWatch {
  /** The session with this pid is at work, until the returned function is called: it says what kept that waiting, if anything did. */
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
 * Finds out what statements wait for which take long, so that nobody is left with a time limit as the only reason. What is quick
 * costs no look and no timer.
 */
export function watchWaiting(connect: () => Promise<Lookout>, tell: TellWaiting): WaitWatch {
  const working = new Set<Work>();
  let isLooking = false;
  const timer = setInterval(() => {
    const now = performance.now();
    const late = [...working].filter(({ since, found }) => found === null && now - since >= SUSPECT_MS);
    if (late.length === 0 || isLooking) return;
    isLooking = true;
    // Where no connection is to be had, the time limit has to do.
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
    // Done meanwhile.
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
