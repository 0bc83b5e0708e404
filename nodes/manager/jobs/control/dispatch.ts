import type { Database } from '../../database/database.js';
import type { ExecutionWork } from '../execution.js';
import type { JobPlanner } from '../planner.js';
import { newRound, type Round } from '../store/claim-round.js';
import { type Claimed, type ClaimOptions, claim } from '../store/claims.js';
import { lockJob } from '../store/job-counts.js';
import type { JobRow } from '../store/job-row.js';
import { readJob } from '../store/lists.js';
import { operationChange } from './acts.js';
import { fairShares } from './fair-shares.js';
import { setState } from './lock-for.js';

export interface DispatchOptions extends Omit<ClaimOptions, 'secondsOf'> {
  database: Database;
  planner: JobPlanner;
  /** How many may be under way here, and how many more. */
  places: number;
  free(): number;
  /** How many of a job are under way here. */
  underWay(job: string): number;
  begin(work: ExecutionWork, job: JobRow): void;
  onChanged(row: JobRow): void;
  signal: AbortSignal;
}

/** A job that runs. */
export interface RunningJob {
  id: string;
  /** Something of it may be begun now. */
  isDue: boolean;
  /** So many of it can be under way at once at most. */
  most: number;
}

export interface Dispatch {
  /**
   * Begins what may be begun now, of the oldest job first, in fair shares. `heldAreDue`: slots have come back, or a stop was lifted. Rejects
   * as the database does.
   */
  round(jobs: readonly RunningJob[], heldAreDue: boolean): Promise<void>;
  /** The catalogue has changed: jobs are compared with it before anything more of them is begun. */
  catalogueChanged(): void;
}

/** The most transactions for one job in a round, so that others have their turn. */
const MOST_CLAIMS = 20;

export function createDispatch(options: DispatchOptions): Dispatch {
  const { database, planner, guard, onChanged, signal } = options;
  const claiming: ClaimOptions = { ...options, secondsOf: ({ steps }) => planner.neededSeconds(steps) };
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

  async function claimOnce(id: string, share: number, round: Round): Promise<Claimed | null> {
    const free = Math.min(options.free(), share - options.underWay(id));
    if (free <= 0 || signal.aborted) return null;
    return await database.transaction((transaction) => claim(transaction, id, free, round, claiming));
  }

  async function claimAll(id: string, share: number, round: Round): Promise<void> {
    for (let claims = 0; claims < MOST_CLAIMS; claims += 1) {
      const claimed = await claimOnce(id, share, round);
      if (claimed === null) return;
      const { job, works, passed, again } = claimed;
      for (const work of works) options.begin(work, job);
      if (works.length > 0 && guard.disturbs(job)) guard.holdsChanged();
      if (works.length + passed > 0) onChanged(job);
      if (!again) return;
    }
  }

  function sharesOf(jobs: readonly RunningJob[]): Map<string, number> {
    const active = jobs.filter(({ id, isDue }) => isDue || options.underWay(id) > 0);
    return fairShares(options.places, active);
  }

  return {
    async round(jobs, heldAreDue) {
      const running = new Set(jobs.map(({ id }) => id));
      for (const id of compared) if (!running.has(id)) compared.delete(id);
      const shares = sharesOf(jobs);
      const round = newRound(heldAreDue);
      for (const { id, isDue } of jobs) {
        if (options.free() <= 0 || signal.aborted) return;
        if ((await mayRun(id)) && isDue) await claimAll(id, shares.get(id) ?? 0, round);
      }
    },
    catalogueChanged: () => compared.clear(),
  };
}
