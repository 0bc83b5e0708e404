import type { Database } from '../../database/database.js';
import type { JobRow } from '../store/job-row.js';
import { readJob } from '../store/lists.js';
import { adopt, stillOurs } from '../store/under-way.js';
import type { Runs } from './runs.js';

/** Keeps what is under way here the same as what the database says is. */
export interface Takeover {
  /** Goes on with what dead managers had, and with what this one had before its restart. Rejects as the database does. */
  adopt(): Promise<void>;
  /** Gives up what another manager or a person has decided; of all jobs, if none is named. */
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
  return {
    async adopt() {
      for (;;) {
        const limit = most - runs.count();
        if (limit <= 0) return;
        const works = await adopt(database, instance, runs.works(), limit);
        const rows = new Map<string, JobRow | null>();
        for (const work of works) {
          if (!rows.has(work.job)) rows.set(work.job, await readJob(database, work.job));
          const row = rows.get(work.job);
          if (row) runs.begin(work, row);
        }
        if (works.length < limit) return;
      }
    },
    async giveUpLost(jobs) {
      const here = [...new Set(runs.works().map(({ job }) => job))];
      const asked = jobs === undefined ? here : here.filter((id) => jobs.includes(id));
      if (asked.length === 0) return;
      // What is begun meanwhile is not asked for.
      const before = new Map(asked.map((id) => [id, new Set(runs.keys(id))]));
      const ours = await stillOurs(database, asked, instance);
      for (const [id, keys] of before) runs.giveUp(id, (key) => keys.has(key) && !ours.has(key));
    },
  };
}
