import type { NodeMessage } from 'node-red';
import type { DeviceManager } from '../manager/device-manager.js';
import type { Execution } from '../manager/jobs/execution.js';
import { backoffMs } from '../manager/shared/backoff.js';
import { pause } from '../manager/shared/pause.js';
import { someAtOnce } from '../manager/shared/some-at-once.js';
import { asTpeError } from '../manager/shared/tpe-error.js';
import type { JOB_DEVICES } from '../node-red/fields/choices.js';
import type { FollowedJobs } from './followed-jobs.js';
import { deviceMessage, hasFailed, wentWell } from './job-messages.js';

/** How many answers are read from the database at a time. */
const READS_AT_ONCE = 8;
/** The pauses while the database is away. */
const AGAIN = { firstMs: 500, longestMs: 10_000 };

export interface DeviceNewsOptions {
  followed: FollowedJobs;
  devices: (typeof JOB_DEVICES)[number];
  /** Aborted when the node closes. */
  signal: AbortSignal;
  fresh(): NodeMessage;
  send(messages: NodeMessage[]): void;
}

/**
 * Creates the function that tells of the gateways of a job that were decided since it last did, by whichever manager: they are read, since
 * of the work of others only the job is heard of. Much that happens meanwhile is read at once. It rejects as the database does, but for one
 * that is away, which is waited for, so that the end of a job is told after all its gateways.
 */
export function createDeviceNews({ followed, devices, signal, fresh, send }: DeviceNewsOptions) {
  const isWanted = (execution: Execution) => devices === 'all' || hasFailed(execution);

  return async (manager: DeviceManager, id: string): Promise<void> => {
    for (let isMore = true; isMore; ) {
      const page = await patiently(signal, () => manager.jobs.decided(id, followed.mark(id)));
      const those = page.items.filter(isWanted);
      const answers = await answersOf(manager, those);
      if (signal.aborted) return;
      if (those.length > 0)
        send(those.map((execution, index) => deviceMessage(fresh(), execution, answers[index])));
      followed.toldUpTo(id, page.upTo);
      isMore = page.isMore;
    }
  };
}

/** Reads again while the database is away. */
async function patiently<Result>(signal: AbortSignal, read: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await read();
    } catch (error) {
      const { code } = asTpeError(error);
      if ((code !== 'UNAVAILABLE' && code !== 'BUSY') || signal.aborted) throw error;
      await pause(backoffMs(tries, AGAIN), { signal, ref: false });
    }
  }
}

/** The answers of the gateways where all went well; undefined where there is none, or none can be read. */
async function answersOf(manager: DeviceManager, executions: readonly Execution[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  await someAtOnce(executions, READS_AT_ONCE, async (execution, index) => {
    answers[index] = wentWell(execution)
      ? await answerOf(manager, execution).catch(() => undefined)
      : undefined;
  });
  return answers;
}

async function answerOf(manager: DeviceManager, { job, clientid }: Execution): Promise<unknown> {
  const found = await manager.jobs.execution(job, clientid);
  const last = found?.attempts.at(-1)?.commands.at(-1);
  const record = last === undefined ? null : await manager.commands.get(last);
  return record?.answer?.payload;
}
