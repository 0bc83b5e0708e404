import type { NodeAPI, NodeStatus } from 'node-red';
import type { WaitingFor } from '../manager/jobs/execution.js';
import type { Job } from '../manager/jobs/job.js';
import { type StatusLine, shortText } from '../node-red/runtime/node-status.js';
import { isOver, standing } from './job-messages.js';

/** The least time between two questions what gateways wait for, ms. */
const ASK_EVERY_MS = 2000;

/** What is said of those that wait. Those that wait for their turn, or for the job to go on, say nothing new. */
const WAITS_FOR: Partial<Record<WaitingFor, string>> = {
  stop: 'tpe-job.waitingFor.stop',
  offline: 'tpe-job.waitingFor.offline',
  window: 'tpe-job.waitingFor.window',
  busy: 'tpe-job.waitingFor.busy',
  guard: 'tpe-job.waitingFor.guard',
  retry: 'tpe-job.waitingFor.retry',
};

type Waiting = Record<WaitingFor, number>;

/** Shows below the node how far its jobs are. */
export interface JobStatus {
  show(jobs: readonly Job[]): void;
}

/** Creates the status of a node's jobs. `askWaiting` resolves with what the gateways of a job wait for; it may reject. */
export function createJobStatus(
  RED: NodeAPI,
  status: StatusLine,
  askWaiting: (id: string) => Promise<Waiting>,
): JobStatus {
  let waits: { id: string; most: string } | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let shown: readonly Job[] = [];

  function mostWaited(waiting: Waiting): string {
    const [what, count] = Object.entries(WAITS_FOR)
      .map(([name, key]) => [key, waiting[name as WaitingFor] ?? 0] as const)
      .reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0] as const);
    return count === 0 ? '' : RED._('tpe-job.status.waits', { reason: RED._(what), count });
  }

  function ask({ id, counts, state }: Job): void {
    const now = performance.now();
    if (state !== 'RUNNING' || counts.QUEUED === 0 || now - askedAt < ASK_EVERY_MS) return;
    askedAt = now;
    askWaiting(id).then(
      (waiting) => {
        waits = { id, most: mostWaited(waiting) };
        draw();
      },
      // The database is away: what the status of the server says.
      () => undefined,
    );
  }

  function draw(): void {
    const open = shown.filter((job) => !isOver(job) && job.state !== 'DRAFT');
    const [only, ...others] = open;
    const last = shown.at(-1);
    if (only === undefined) return status.activity(last === undefined || !isOver(last) ? null : ended(last));
    if (others.length === 0) return status.activity(underWay(only));
    const [done, total, failed] = open
      .map((job) => ({ ...standing(job), total: job.total }))
      .reduce(([a, b, c], one) => [a + one.done, b + one.total, c + one.failed], [0, 0, 0]);
    const parts = [RED._('tpe-job.status.jobs', { count: open.length }), ...counted(done!, total!, failed!)];
    status.activity({ fill: 'blue', shape: 'dot', text: parts.join(' · ') });
  }

  function counted(done: number, total: number, failed: number): string[] {
    return [`${done}/${total}`, ...(failed > 0 ? [RED._('tpe-job.status.failed', { count: failed })] : [])];
  }

  function line(job: Job, last: string): string {
    const { done, failed } = standing(job);
    const parts = [RED._('tpe-job.status.job', { id: job.id }), ...counted(done, job.total, failed), last];
    return shortText(parts.filter((part) => part !== '').join(' · '));
  }

  function underWay(job: Job): NodeStatus {
    if (job.state === 'PAUSED')
      return { fill: 'yellow', shape: 'dot', text: line(job, RED._('tpe-job.status.paused')) };
    if (job.state === 'CANCELING')
      return { fill: 'yellow', shape: 'dot', text: line(job, RED._('tpe-job.status.canceling')) };
    return { fill: 'blue', shape: 'dot', text: line(job, waits?.id === job.id ? waits.most : '') };
  }

  function ended(job: Job): NodeStatus {
    if (job.state === 'CANCELED')
      return { fill: 'grey', shape: 'ring', text: line(job, RED._('tpe-job.status.canceled')) };
    const isGood = standing(job).failed === 0;
    return { fill: isGood ? 'green' : 'red', shape: 'ring', text: line(job, '') };
  }

  return {
    show(jobs) {
      shown = jobs;
      draw();
      for (const job of jobs) ask(job);
    },
  };
}
