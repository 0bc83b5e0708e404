import type { Rating, Risk, RiskClass } from '../catalogue/risk.js';
import type { Page } from '../shared/page.js';
import type { Cause, Reason } from '../shared/reason.js';
import type { JobDefinition, JobPace, JobStep, JobTargets } from './definition/definition.js';
import type { Attempt, Execution, ExecutionState, WaitingFor } from './execution.js';
import type { Part } from './execution-parts.js';

/** The states of a job. */
export const JOB_STATES = [
  /** It can be changed; nothing is sent. */
  'DRAFT',
  /** Its executions are being recorded. */
  'CREATING',
  'RUNNING',
  /** Nothing more is begun; what is under way goes on. */
  'PAUSED',
  /** What is under way is waited for; nothing more is begun. */
  'CANCELING',
  'CANCELED',
  /** Every gateway is decided; `outcome` says how. */
  'COMPLETED',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Why a job is paused. */
export const PAUSE_REASONS = [
  /** A person or a flow asked for it. */
  'requested',
  /** Too many have failed. */
  'failures',
  /** The gateways are no longer those that were looked at before. */
  'targets-changed',
  /** An operation has left the catalogue, or its risk is higher now than what was confirmed. */
  'operation-changed',
  /** The repository of updates cannot be reached, or refuses. */
  'repository',
  /** Its gateways cannot be recorded; it tries again when it goes on. */
  'recording',
] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

export const OUTCOMES = ['SUCCEEDED', 'PARTLY', 'FAILED', 'NOTHING_TO_DO'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The number of executions in each state. */
export type ExecutionCounts = Record<ExecutionState, number>;

export interface Job {
  /** Decimal digits. */
  id: string;
  name: string;
  note: string;
  /** As it was given, without `perTarget`, whose values belong to the executions. */
  definition: Omit<JobDefinition, 'perTarget'>;
  steps: JobStep[];
  pace: JobPace;
  state: JobState;
  pauseReason: PauseReason | null;
  /** Why it is as it is, in words for a person. */
  reason: string | null;
  cause: Cause | null;
  outcome: Outcome | null;
  risk: Risk;
  classes: RiskClass[];
  /** Grows with each change of state or definition; an act on an older one is a conflict. */
  version: number;
  total: number;
  counts: ExecutionCounts;
  requestedBy: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  submittedAt: string | null;
  endedAt: string | null;
  updatedAt: string;
}

/**
 * A job without the client ids of its targets, which may be 100,000: what is told and listed, and what acts resolve with. `get` alone
 * resolves with them, and `brief` with their number.
 */
export interface JobWithoutIds extends Omit<Job, 'definition'> {
  definition: Omit<Job['definition'], 'targets'> & { targets: Omit<JobTargets, 'ids'> };
}

/** What a page or an act needs to know of a job, whose cost does not grow with the number of its client ids. */
export interface JobBrief extends JobWithoutIds {
  /** How many client ids its targets name, and the first of them; null for a filter or the whole fleet. */
  named: { count: number; first: string[] } | null;
}

/** A number of gateways that have something in common. */
export interface JobShare {
  /** Empty where it is not known, and `*`, the last one, for all beyond the first twenty. */
  value: string;
  count: number;
}

/** Gateways that would not be reached, or not now, and why. */
export interface JobLeftOut {
  reason: Reason;
  count: number;
  /** The first of them. */
  clientids: string[];
}

/** Where the guard lets fewer gateways be disturbed at once than the pace of a job asks for. */
export interface JobLimit {
  scope: 'fleet' | 'site' | 'model' | 'set';
  /** What the pace asks for at most. */
  asked: number;
  /** How many sites, models or sets are so; 1 for the fleet. */
  count: number;
  /** Those that take the longest; the value is empty for the fleet. */
  first: { value: string; max: number }[];
}

/** A site on which a job begins nothing now. */
export interface JobShut {
  site: string;
  /** How many gateways of the job are there. */
  count: number;
  /** ISO 8601 UTC; null: in no window. */
  opensAt: string | null;
  reason: Reason;
}

/** What a job would do. Nothing is written for it. */
export interface JobPreview extends Rating {
  /** SHA-256 over the definition and the gateways in their order, hex. */
  hash: string;
  /** How many gateways it is meant for, and how many of them would be reached at once or once they are online. */
  total: number;
  reached: number;
  online: number;
  leftOut: JobLeftOut[];
  /** Of those that would be reached; `versions` are those of TPE. */
  sites: JobShare[];
  models: JobShare[];
  versions: JobShare[];
  steps: JobStep[];
  pace: JobPace;
  /** What the first gateways would be sent, secrets hidden. */
  bodies: { clientid: string; requests: { method: string; path: string; requestBody: unknown }[] }[];
  /** Blank for a job that disturbs no gateway. */
  limits: JobLimit[];
  /** Where nothing like it may be begun now, the sites with most gateways first, 20 at most. */
  shut: JobShut[];
  /** The time that it takes at least at this pace and within these limits, s, and what all gateways load together and in a second, bytes; null if not known. */
  seconds: number;
  bytes: number | null;
  bytesPerSecond: number | null;
  /** What has to be typed to submit it; null if nothing has to. */
  confirmation: string | null;
}

export interface JobQuery {
  state?: JobState;
  /** Words that are all in the name, in any case. */
  name?: string;
  /** The `next` of the page before; jobs are listed newest first. */
  before?: string;
  /** 1..500, default 50. */
  limit?: number;
}

/** In which order the executions of a job can be listed. */
export const EXECUTION_ORDERS = ['clientid', 'urgency'] as const;
export type ExecutionOrder = (typeof EXECUTION_ORDERS)[number];

export interface ExecutionQuery {
  state?: ExecutionState;
  /** Those in one of the states of a part. */
  part?: Part;
  waitingFor?: WaitingFor;
  site?: string;
  /** The code of a cause, as `failures` gives it. */
  reason?: string;
  /** As they were when it was begun; empty: of which none is known. `firmware` is the `version`. */
  model?: string;
  firmware?: string;
  /** Only failed ones that are tried again one by one, or only the others. */
  isRetriedAlone?: boolean;
  /**
   * Only those that changed after this `changedNo`, in that order. That a step begins, that a gateway is online again and that another
   * job has left it are no such changes: what begins then is.
   */
  sinceChange?: number;
  /** By client id, which is the default, or the failed first, then what is in progress, what waits, and what is done. Not with `sinceChange`. */
  order?: ExecutionOrder;
  /** `next` of the page before. */
  cursor?: string;
  /** 1..500, default 50. */
  limit?: number;
}

/** Executions that were decided since some change, by whichever manager. */
export interface DecidedPage {
  /** In the order of their changes. */
  items: Execution[];
  /** The change up to which nothing is missing: where to go on. */
  upTo: number;
  /** Whether there are more now. */
  isMore: boolean;
}

/** Failures that have reason, model and firmware in common. */
export interface FailureCluster {
  state: ExecutionState;
  reason: string | null;
  cause: Cause | null;
  model: string | null;
  version: string | null;
  count: number;
  /** How many of them are left out when all are tried again, since it is not known whether they have done it. */
  retriedAlone: number;
  clientids: string[];
}

/** How far a job was at some time, for its burn-up line. */
export interface JobProgress {
  /** ISO 8601 UTC. */
  at: string;
  succeeded: number;
  failed: number;
}

/** A site in the grid of a job: how many of its executions are in each state. */
export interface SiteShare {
  site: string;
  counts: Partial<ExecutionCounts>;
}

/** Who acts on a job, and on which version of it; without a version, on whatever it is now. */
export interface JobAct {
  by: string;
  version?: number;
}

/**
 * Which executions a retry is for. `code` is that of a cause, or the words of a reason without one; `firmware` is their `version`. An empty
 * model or firmware is that of gateways of which none is known.
 */
export type RetryOf =
  | { which: 'failed' }
  | { which: 'reason'; code: string; model?: string; firmware?: string }
  | { which: 'model'; model: string; firmware?: string }
  | { which: 'one'; clientid: string; confirm?: string };

/**
 * What the event `job` of the manager tells, some times a second at most where only counts change. The job comes without client ids: who
 * needs them reads it by `get`, and what became of its gateways by `decided`.
 */
export interface JobNews {
  job: JobWithoutIds;
}

/** Plans, carries out and stops jobs. All methods reject with TpeError; with NOT_FOUND for a job that is unknown. */
export interface Jobs {
  /** Says what the job would do, without writing anything. Rejects with INVALID_INPUT naming the field and the rule. */
  preview(definition: unknown): Promise<JobPreview>;
  /** The same for a draft, with the values of single gateways that it was recorded with. Rejects with CONFLICT if it was submitted. */
  previewDraft(id: string): Promise<JobPreview>;
  /** Records a draft. With the same key, the same draft is returned within a day. Rejects with INVALID_INPUT, BUSY (too many open jobs). */
  create(definition: unknown, act: JobAct & { idempotencyKey?: string }): Promise<JobWithoutIds>;
  /** Changes a draft, or the name, note and a lower or equal pace of an open job. Rejects with CONFLICT. */
  change(id: string, change: unknown, act: JobAct): Promise<JobWithoutIds>;
  /** Deletes a draft. Rejects with CONFLICT if it was submitted. */
  remove(id: string, act: JobAct): Promise<void>;
  /**
   * Begins it: DRAFT becomes CREATING, then RUNNING. Rejects with CONFLICT if `confirm` is needed and differs, if the preview with
   * `previewHash` said something else, or if the number of gateways is not as expected.
   */
  submit(id: string, act: JobAct & { confirm?: string; previewHash?: string }): Promise<JobWithoutIds>;
  pause(id: string, act: JobAct): Promise<JobWithoutIds>;
  /**
   * Goes on. Where the risk has become higher since it was confirmed, it rejects with CONFLICT unless `confirm` is the number of gateways,
   * which is in its details as `confirmation`.
   */
  resume(id: string, act: JobAct & { confirm?: string }): Promise<JobWithoutIds>;
  /**
   * With `force`, commands that are under way are given up as CANCELED, uncertain, and installations end as their gateways say; it needs
   * `confirm`, the number of those under way. An installation whose gateway installs or restarts cannot be taken back: `reason` of the job
   * says on how many that is so, and the call rejects with CONFLICT where nothing else is left.
   */
  cancel(id: string, act: JobAct & { force?: boolean; confirm?: string }): Promise<JobWithoutIds>;
  /** Has failed executions tried again; resolves with their number. Rejects with CONFLICT. */
  retry(id: string, which: RetryOf, act: JobAct): Promise<number>;
  /** Cancels waiting executions of these gateways; resolves with their number. */
  skip(id: string, clientids: readonly string[], act: JobAct): Promise<number>;
  get(id: string): Promise<Job | null>;
  /** The same without the client ids of its targets, which may be 100,000; for whoever does not need each of them. */
  brief(id: string): Promise<JobBrief | null>;
  list(query: JobQuery): Promise<Page<JobWithoutIds>>;
  executions(id: string, query: ExecutionQuery): Promise<Page<Execution>>;
  /**
   * The executions that were decided after the change `since`, the oldest first and at most 500; with null none, only where changes are now.
   * One that was tried again and is open is not among them, and one that was decided twice is once. Costs as much as has changed since.
   */
  decided(id: string, since: number | null): Promise<DecidedPage>;
  execution(id: string, clientid: string): Promise<{ execution: Execution; attempts: Attempt[] } | null>;
  /** The open executions of a gateway, of all jobs. */
  ofGateway(clientid: string): Promise<(Execution & { name: string })[]>;
  /** How many wait for what. */
  waiting(id: string): Promise<Record<WaitingFor, number>>;
  failures(id: string): Promise<FailureCluster[]>;
  progress(id: string): Promise<JobProgress[]>;
  sites(id: string): Promise<SiteShare[]>;
  /** A CSV file with a row for each execution, in pieces of text. */
  report(id: string): AsyncIterable<string>;
}
