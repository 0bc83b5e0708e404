import type { Database } from '../../database/database.js';
import type { ExecutionWork } from '../execution.js';
import type { JobPlanner } from '../planner.js';
import { type Claimed, type ClaimOptions, claim } from '../store/claims.js';
import { lockJob } from '../store/job-counts.js';
import type { JobRow } from '../store/job-row.js';
import { readJob } from '../store/lists.js';
import { operationChange } from './acts.js';
import { setState } from './lock-for.js';

export interface DispatchOptions extends ClaimOptions {
  database: Database;
  planner: JobPlanner;
  /** How many more may be under way here. */
  free(): number;
  begin(work: ExecutionWork, job: JobRow): void;
  onChanged(row: JobRow): void;
  signal: AbortSignal;
}

export interface Dispatch {
  /** Begins what may be begun now, of the oldest job first. Rejects as the database does. */
  round(jobs: readonly string[]): Promise<void>;
  /** The catalogue has changed: jobs are compared with it before anything more of them is begun. */
  catalogueChanged(): void;
}

/** The most transactions for one job in a round, so that others have their turn. */
const MOST_CLAIMS = 20;

export function createDispatch(options: DispatchOptions): Dispatch {
  const { database, planner, guard, onChanged, signal } = options;
  /** Jobs that were compared with the catalogue of now. */
  const compared = new Set<string>();

  async function mayRun(id: string): Promise<boolean> {
    if (compared.has(id)) return true;
    const row = await readJob(database, id);
    if (row === null) return false;
    const reason = operationChange(planner, row);
    if (reason === null) {
      compared.add(id);
      return true;
    }
    const paused = await database.transaction(async (transaction) => {
      const now = await lockJob(transaction, id);
      if (now?.state !== 'RUNNING' || now.version !== row.version) return null;
      return await setState(transaction, id, 'PAUSED', 'operation-changed', reason);
    });
    if (paused !== null) onChanged(paused);
    return false;
  }

  async function claimOnce(id: string): Promise<Claimed | null> {
    const free = options.free();
    if (free <= 0 || signal.aborted) return null;
    return await database.transaction((transaction) => claim(transaction, id, free, options));
  }

  async function claimAll(id: string): Promise<void> {
    for (let claims = 0; claims < MOST_CLAIMS; claims += 1) {
      const claimed = await claimOnce(id);
      if (claimed === null) return;
      const { job, works, passed, again } = claimed;
      for (const work of works) options.begin(work, job);
      if (works.length > 0 && guard.disturbs(job)) guard.holdsChanged();
      if (works.length + passed > 0) onChanged(job);
      if (!again) return;
    }
  }

  return {
    async round(jobs) {
      for (const id of compared) if (!jobs.includes(id)) compared.delete(id);
      for (const id of jobs) {
        if (options.free() <= 0 || signal.aborted) return;
        if (await mayRun(id)) await claimAll(id);
      }
    },
    catalogueChanged: () => compared.clear(),
  };
}
