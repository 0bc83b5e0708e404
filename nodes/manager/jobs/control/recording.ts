import type { Reason } from '../../shared/reason.js';
import { asTpeError } from '../../shared/tpe-error.js';
import type { JobRow } from '../store/job-row.js';

export interface RecordingOptions {
  /** Records the executions of a job, or goes on with that; null if another manager is at it. */
  create(id: string): Promise<JobRow | null>;
  /** The job is paused, since its executions cannot be recorded; null if another manager is at it. */
  giveUp(id: string, reason: Reason): Promise<JobRow | null>;
  onChanged(row: JobRow): void;
  onFault(text: string): void;
}

/** Has the executions of jobs recorded, beside all else. */
export interface Recording {
  /** Begins or goes on with a job, unless that is under way. */
  goOn(id: string): void;
  /** Resolves when nothing is under way. */
  ended(): Promise<void>;
}

/** So often one after the other it may fail; then a person has to say that it goes on. */
const MOST_TRIES = 10;
/** Of a database or a manager that is away: it is tried until they are back. */
const AWAY: ReadonlySet<string> = new Set(['UNAVAILABLE', 'BUSY', 'CLOSED']);

export function createRecording(options: RecordingOptions): Recording {
  const underWay = new Map<string, Promise<void>>();
  const failures = new Map<string, number>();

  async function record(id: string): Promise<void> {
    try {
      const row = await options.create(id);
      failures.delete(id);
      if (row !== null) options.onChanged(row);
    } catch (error) {
      await failed(id, error);
    }
  }

  async function failed(id: string, error: unknown): Promise<void> {
    const { code, reason } = asTpeError(error);
    const count = (failures.get(id) ?? 0) + (AWAY.has(code) ? 0 : 1);
    failures.set(id, count);
    // The next look goes on where this one stopped.
    if (count <= 1)
      options.onFault(`The gateways of the job ${id} could not be recorded yet: ${reason.text}`);
    if (count < MOST_TRIES) return;
    failures.delete(id);
    const row = await options.giveUp(id, reason);
    if (row !== null) options.onChanged(row);
  }

  return {
    goOn(id) {
      if (underWay.has(id)) return;
      const work = record(id)
        .catch((error) => options.onFault(`The job ${id} could not be paused: ${asTpeError(error).message}`))
        .finally(() => underWay.delete(id));
      underWay.set(id, work);
    },
    async ended() {
      await Promise.all(underWay.values());
    },
  };
}
