import type { Database } from '../../database/database.js';
import type { JobRow } from '../store/job-row.js';
import { readJob } from '../store/lists.js';
import { adopt, attemptKey, standingsOf } from '../store/under-way.js';
import type { Runs } from './runs.js';

/** Keeps what is under way here the same as what the database says is. */
export interface Takeover {
  /**
   * Goes on with what dead managers had, and with what this one had before its restart, also with the steps that decided executions owe.
   * Rejects as the database does.
   */
  adopt(): Promise<void>;
  /**
   * Gives up what another manager or a person has decided, and leaves to another manager what that one goes on with; of all jobs, if none
   * is named.
   */
  giveUpLost(jobs?: readonly string[]): Promise<void>;
}

export interface TakeoverOptions {
  database: Database;
  instance: string;
  runs: Runs;
  /** How many may be under way here. */
  most: number;
}

export function createTakeover({ database, instance, runs, most }: TakeoverOptions): Takeover {
  async function adoptAll(which: 'underWay' | 'owing'): Promise<void> {
    for (;;) {
      const limit = most - runs.count();
      if (limit <= 0) return;
      const works = await adopt(database, which, instance, runs.works(), limit);
      const rows = new Map<string, JobRow | null>();
      for (const work of works) {
        if (!rows.has(work.job)) rows.set(work.job, await readJob(database, work.job));
        const row = rows.get(work.job);
        if (row) runs.begin(work, row, which === 'owing');
      }
      if (works.length < limit) return;
    }
  }

  return {
    async adopt() {
      await adoptAll('underWay');
      await adoptAll('owing');
    },
    async giveUpLost(jobs) {
      const asked = runs.works().filter(({ job }) => jobs === undefined || jobs.includes(job));
      const standings = await standingsOf(database, asked, instance);
      for (const work of asked) {
        const standing = standings.get(attemptKey(work));
        if (standing === 'decided') runs.giveUp(work);
        if (standing === 'elsewhere') runs.leave(work);
      }
    },
  };
}
