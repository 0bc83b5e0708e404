import type { Cause, Reason } from '../shared/reason.js';
import { INSTALLATION_STEPS, type StepName } from '../updates/install/installation.js';

/** The states of a job on one gateway. */
export const EXECUTION_STATES = [
  /** It waits; `waitingFor` says for what. */
  'QUEUED',
  'IN_PROGRESS',
  'SUCCEEDED',
  /** The gateway was so before, and nothing was sent that changes it. */
  'ALREADY_DONE',
  'FAILED',
  /** No answer in time. Whether it was done is not known, unless a read-back said so. */
  'TIMED_OUT',
  /** Refused by us: the request does not fit this gateway, or a value is missing. Never tried again. */
  'REJECTED',
  /** It waited for longer than the job allows. */
  'EXPIRED',
  'CANCELED',
  /** The gateway was retired or disabled while it waited. */
  'REMOVED',
] as const;
export type ExecutionState = (typeof EXECUTION_STATES)[number];

/** What a waiting execution can wait for, the most fundamental first. */
export const WAITING_FOR = ['stop', 'paused', 'offline', 'window', 'busy', 'guard', 'retry', 'rate'] as const;
export type WaitingFor = (typeof WAITING_FOR)[number];

/** Whether a state is an end. A late answer can still change TIMED_OUT, and a person can have FAILED ones tried again. */
export function isDecided(state: ExecutionState): boolean {
  return state !== 'QUEUED' && state !== 'IN_PROGRESS';
}

/** What an execution can do while it is under way. */
export const DOING = [
  /** Its command waits behind others of the gateway. */
  'turn',
  /** The gateway was sent something, and has not answered yet. */
  'answer',
  /** It waits until the gateway is online, with what ran before. */
  'well',
  /** It reads again after a pause, until what it reads is as wanted. */
  'read',
  /** It installs: `step` says how far that is. */
  'install',
] as const;

export interface Doing {
  kind: (typeof DOING)[number];
  step: StepName | null;
}

/** The steps of an installation that `Doing` can name. */
export const DOING_STEPS = INSTALLATION_STEPS;

/** A job on one gateway. */
export interface Execution {
  job: string;
  clientid: string;
  state: ExecutionState;
  /** Null unless it is QUEUED. */
  waitingFor: WaitingFor | null;
  /** What exactly it waits for, in words for a person: who holds the slot, since when it is offline. */
  waitingReason: string | null;
  waitingCause: Cause | null;
  /** Until when it waits at most, or when it is looked at again, ISO 8601 UTC. */
  until: string | null;
  /** The index of the step that is under way, or was last. */
  step: number;
  /** What it does now; null unless it is IN_PROGRESS and was read by somebody, and while its step has sent nothing. */
  doing: Doing | null;
  /** The number of attempts that have begun. */
  attempts: number;
  /** Why it ended this way; null while it is open and when all went well. */
  reason: string | null;
  cause: Cause | null;
  /** True: it is not known whether the gateway has done it. */
  isUncertain: boolean;
  /** The site, model and versions as they were when it was begun, or created. */
  site: string;
  model: string | null;
  version: string | null;
  startedAt: string | null;
  endedAt: string | null;
  /** Grows with each change of any execution of the job that `sinceChange` finds, so that nobody misses one. */
  changedNo: number;
}

/** One try of an execution. */
export interface Attempt {
  no: number;
  startedAt: string;
  endedAt: string | null;
  state: ExecutionState | null;
  reason: string | null;
  cause: Cause | null;
  /** The request ids of its commands, in order, and the ids of its installations. */
  commands: string[];
  installations: string[];
}

/** An open execution, as the one who carries it out is given it. */
export interface ExecutionWork {
  job: string;
  clientid: string;
  /** The number of the attempt, from 1. */
  attempt: number;
  /** Where to go on: steps before it are done. */
  step: number;
  /** True: a step before has failed, so only steps marked `always` are left; `failure` says why. */
  failure: Reason | null;
  /** The values of this gateway from `perTarget`. */
  values: Readonly<Record<string, unknown>>;
  /** When it has to have ended, ms since the epoch. */
  deadline: number;
}

/** How one attempt ended, or why it goes back to wait. */
export type AttemptResult =
  | {
      state: 'SUCCEEDED' | 'ALREADY_DONE' | 'FAILED' | 'TIMED_OUT' | 'REJECTED' | 'CANCELED';
      reason: Reason | null;
      isUncertain: boolean;
      /** Whether the whole may be tried again without doing anything twice. */
      mayRepeat: boolean;
    }
  | { waitingFor: 'offline' | 'busy' | 'guard' | 'stop'; reason: Reason | null };
