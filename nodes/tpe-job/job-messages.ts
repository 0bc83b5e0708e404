import type { NodeMessage } from 'node-red';
import type { Execution, ExecutionState } from '../manager/jobs/execution.js';
import type { FailureCluster, Job, JobState } from '../manager/jobs/job.js';

/** The states in which a job does nothing more by itself. */
const OVER: readonly JobState[] = ['COMPLETED', 'CANCELED'];
const GOOD: readonly ExecutionState[] = ['SUCCEEDED', 'ALREADY_DONE'];
/** As in the `failed` of a job; CANCELED and REMOVED is what somebody wanted. */
const BAD = ['FAILED', 'TIMED_OUT', 'REJECTED', 'EXPIRED'] as const satisfies readonly ExecutionState[];

export function isOver({ state }: Pick<Job, 'state'>): boolean {
  return OVER.includes(state);
}

export function wentWell({ state }: Pick<Execution, 'state'>): boolean {
  return GOOD.includes(state);
}

export function hasFailed({ state }: Pick<Execution, 'state'>): boolean {
  return BAD.some((one) => one === state);
}

/** How many gateways are decided, and how many of them have failed. */
export function standing({ counts, total }: Pick<Job, 'counts' | 'total'>): { done: number; failed: number } {
  return {
    done: total - counts.QUEUED - counts.IN_PROGRESS,
    failed: BAD.reduce((sum, state) => sum + counts[state], 0),
  };
}

/** What became of a job that has ended. */
export interface JobSummary
  extends Pick<Job, 'id' | 'name' | 'state' | 'outcome' | 'reason' | 'cause' | 'total'> {
  counts: Job['counts'];
  /** Null if they could not be read. */
  failures: FailureCluster[] | null;
  /** From its submit to its end, ms. */
  tookMs: number;
}

export function summaryOf(job: Job, failures: FailureCluster[] | null): JobSummary {
  const { id, name, state, outcome, reason, cause, total, counts, submittedAt, createdAt, endedAt } = job;
  const begun = Date.parse(submittedAt ?? createdAt);
  const tookMs = Math.max(0, Date.parse(endedAt ?? job.updatedAt) - begun);
  return { id, name, state, outcome, reason, cause, total, counts, failures, tookMs };
}

/** Makes the message about a job: its payload is the job, or what was asked about it. */
export function jobMessage(msg: NodeMessage, job: Job, payload: unknown = job): NodeMessage {
  const { id, name, state, version, pauseReason, outcome, reason, cause, total } = job;
  msg.topic = id;
  msg.payload = payload;
  msg.tpe = { job: id, name, state, version, pauseReason, outcome, reason, cause, total, ...standing(job) };
  return msg;
}

/** Makes the message about a gateway that is done; `answer` is undefined where there is none. */
export function deviceMessage(msg: NodeMessage, execution: Execution, answer: unknown): NodeMessage {
  const { job, clientid, attempts: attempt, state, changedNo } = execution;
  return {
    ...msg,
    topic: clientid,
    clientid,
    payload: answer === undefined ? execution : answer,
    tpe: { job, attempt, state, changedNo },
  };
}
