import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BodyRange } from './webhook-bodies.js';

/** One process that posts webhooks to one URL, so many in a second. */
export interface SteadyWork {
  url: string;
  secret: string;
  perSecond: number;
  range: BodyRange;
}

/** What it found since it was asked last. */
export interface SteadyFound {
  answers: number;
  /** Answers that were not 200, and requests without one. */
  failed: number;
  /** How long they waited for their answers, ms. */
  p99: number;
  slowest: number;
}

export interface SteadyLoad {
  /** What was found since the last call. */
  take(): Promise<SteadyFound>;
  stop(): Promise<void>;
}

/** Posts webhooks at a steady rate until it is stopped, in a process of its own. */
export function startSteadyLoad(work: SteadyWork): SteadyLoad {
  const child = fork(join(__dirname, 'steady-load.js'), [JSON.stringify(work)]);
  return {
    async take() {
      child.send('take');
      const [found] = (await once(child, 'message')) as [SteadyFound];
      return found;
    },
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
