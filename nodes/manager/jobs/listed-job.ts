import type { Job } from './job.js';

/** What a list shows of a job: nothing that grows with the number of its gateways. */
export type ListedJob = Omit<Job, 'definition' | 'pace'>;

/** A job as a list shows it. */
export function listedJob({ definition: _definition, pace: _pace, ...row }: Job): ListedJob {
  return row;
}
