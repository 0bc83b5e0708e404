import { backoffMs } from '../../shared/backoff.js';
import { pause } from '../../shared/pause.js';
import { asTpeError } from '../../shared/tpe-error.js';
import { unlessClosed } from '../../shared/unless-closed.js';
import type { StepRun } from './run-options.js';

const AGAIN = { firstMs: 500, longestMs: 10_000 };

/**
 * Does something that can be done twice, and does it again while the database is away, until the time of the step is over. Rejects with
 * CLOSED as soon as the signal is aborted, and else as the work does.
 */
export async function withPatience<T>(
  { signal, until }: Pick<StepRun, 'signal' | 'until'>,
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await unlessClosed(signal, work());
    } catch (error) {
      const { code } = asTpeError(error);
      if ((code !== 'UNAVAILABLE' && code !== 'BUSY') || Date.now() >= until) throw error;
      await pause(backoffMs(tries, AGAIN), { signal });
    }
  }
}
