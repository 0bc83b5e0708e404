import type { AuditEntry } from '../../../manager/audit/audit-entry.js';
import type { NewStop, Stop, StopScope } from '../../../manager/guard/guard.js';
import type { JobDefinition } from '../../../manager/jobs/definition/definition.js';
import type { Attempt, Execution, WaitingFor } from '../../../manager/jobs/execution.js';
import type {
  ExecutionQuery,
  FailureCluster,
  Job,
  JobBrief,
  JobPreview,
  JobProgress,
  JobState,
  SiteShare,
} from '../../../manager/jobs/job.js';
import type { Page } from '../../../manager/shared/page.js';
import type { Rpc, Subscribed } from './use-rpc.js';

/** What a list shows of a job: nothing that grows with the number of its gateways. */
export type JobRow = Omit<Job, 'definition' | 'pace'>;

/** What a stop can be of, in the order of the form. Listed here too, since the guard's own list comes with what checks it. */
export const STOP_SCOPES = ['fleet', 'site', 'model', 'job'] as const satisfies readonly StopScope[];

/** A stop that is in force. */
export type ActiveStop = Pick<Stop, 'id' | 'scope' | 'value' | 'reason' | 'createdBy' | 'createdAt'>;

interface OfJob {
  id: string;
}

interface OnePage {
  limit: number;
  cursor?: string;
}

/** What the pages ask of jobs and stops, and what they are answered. */
interface JobCalls {
  'jobs.list': { input: OnePage & { state?: JobState }; answer: Page<JobRow> };
  'jobs.one': { input: OfJob; answer: JobBrief | null };
  'jobs.definition': { input: OfJob; answer: Job['definition'] | null };
  'jobs.preview': { input: { definition: JobDefinition } | OfJob; answer: JobPreview };
  'jobs.create': { input: { definition: JobDefinition; idempotencyKey?: string }; answer: Job };
  'jobs.submit': {
    input: OfJob & { confirm?: string; previewHash?: string; version?: number };
    answer: Job;
  };
  'jobs.start': {
    input: { definition: JobDefinition; confirm?: string; previewHash: string };
    answer: Job;
  };
  'jobs.change': {
    input: OfJob & { change: Partial<JobDefinition>; version?: number };
    answer: Job;
  };
  'jobs.remove': { input: OfJob; answer: unknown };
  'jobs.pause': { input: OfJob; answer: Job };
  'jobs.resume': { input: OfJob; answer: Job };
  'jobs.cancel': { input: OfJob & { force?: boolean; confirm?: string }; answer: Job };
  'jobs.retry': {
    input: OfJob & {
      which: 'failed' | 'reason' | 'model' | 'one';
      code?: string;
      model?: string;
      firmware?: string;
      clientid?: string;
      confirm?: string;
    };
    answer: number;
  };
  'jobs.skip': { input: OfJob & { clientids: string[] }; answer: number };
  'jobs.executions': {
    input: OfJob & OnePage & Omit<ExecutionQuery, 'sinceChange' | keyof OnePage>;
    answer: Page<Execution>;
  };
  'jobs.execution': {
    input: OfJob & { clientid: string };
    answer: { execution: Execution; attempts: Attempt[] } | null;
  };
  'jobs.waiting': { input: OfJob; answer: Record<WaitingFor, number> };
  'jobs.failures': { input: OfJob; answer: FailureCluster[] };
  'jobs.progress': { input: OfJob; answer: JobProgress[] };
  'jobs.sites': { input: OfJob; answer: SiteShare[] };
  'jobs.log': { input: OfJob; answer: AuditEntry[] };
  'jobs.ofGateway': { input: { clientid: string }; answer: (Execution & { name: string })[] };
  'stops.active': { input: object; answer: ActiveStop[] };
  'stops.stop': { input: NewStop; answer: unknown };
  'stops.lift': { input: { id: string; confirm: string }; answer: unknown };
}

export type JobCallName = keyof JobCalls;
export type JobAnswerOf<Name extends JobCallName> = JobCalls[Name]['answer'];
export type JobInputOf<Name extends JobCallName> = JobCalls[Name]['input'];

/** The calls of a widget that concern jobs and stops. */
export interface JobRpc {
  call<Name extends JobCallName>(name: Name, input: JobInputOf<Name>): Promise<JobAnswerOf<Name>>;
  subscribe<Name extends JobCallName>(
    name: Name,
    input: () => JobInputOf<Name> | null,
  ): Subscribed<JobAnswerOf<Name>>;
}

/** The connection of a widget, for calls that concern jobs. */
export function jobRpc(rpc: Rpc): JobRpc {
  return rpc as unknown as JobRpc;
}
