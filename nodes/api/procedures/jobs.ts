import type { AuditEntry } from '../../manager/audit/audit-entry.js';
import { EXECUTION_QUERY } from '../../manager/jobs/execution-schemas.js';
import type { ExecutionQuery } from '../../manager/jobs/job.js';
import { JOB_LIST_QUERY } from '../../manager/jobs/job-schemas.js';
import { listedJob } from '../../manager/jobs/listed-job.js';
import type { Change } from '../changes.js';
import { defineProcedure } from '../procedure.js';
import { clientid, definition, id, oneGateway, oneJob } from './inputs.js';

/** How many entries of the audit a job shows. */
const LOG = 100;

/** Pages look again when something has changed, so none asks for what has changed since. */
const { sinceChange: _sinceChange, ...pageQuery } = EXECUTION_QUERY.properties;

/** The procedures that read jobs. */
export const JOB_PROCEDURES = {
  /** Lists jobs, newest first, without their definitions. */
  'jobs.list': defineProcedure({
    role: 'viewer',
    input: {
      ...JOB_LIST_QUERY,
      properties: { ...JOB_LIST_QUERY.properties, limit: { type: 'integer', minimum: 1, maximum: 100 } },
      required: ['limit'],
    },
    async handler({ jobs }, { cursor: before, ...query }) {
      const { items, next } = await jobs.list({ ...query, ...(before !== undefined && { before }) });
      return { items: items.map(listedJob), next };
    },
    invalidatedBy: ({ kind }) => kind === 'job',
  }),

  /** Returns null if there is no such job. It comes after each change, so without its client ids, but with how many they are. */
  'jobs.one': defineProcedure({
    role: 'viewer',
    input: oneJob,
    handler: ({ jobs }, input) => jobs.brief(input.id),
    invalidatedBy: isOf,
  }),

  /** Returns what a job was defined as, with all client ids; null if there is no such job. */
  'jobs.definition': defineProcedure({
    role: 'viewer',
    input: oneJob,
    handler: async ({ jobs }, input) => (await jobs.get(input.id))?.definition ?? null,
  }),

  /** Returns what a job, or the draft with this id, would do, without writing anything. */
  'jobs.preview': defineProcedure({
    role: 'viewer',
    isCostly: true,
    input: {
      type: 'object',
      properties: { definition, id },
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
    },
    handler: ({ jobs }, { definition, id }) =>
      id === undefined ? jobs.preview(definition) : jobs.previewDraft(id),
  }),

  /** Lists the gateways of a job. */
  'jobs.executions': defineProcedure({
    role: 'viewer',
    input: {
      ...EXECUTION_QUERY,
      properties: { id, ...pageQuery },
      required: ['id', 'limit'],
    },
    handler: ({ jobs }, { id, ...query }) => jobs.executions(id, query),
    // An answer, and a step of an installation, change what a gateway does now.
    invalidatedBy: (change, input) =>
      isOfOrStopped(change, input) ||
      ((change.kind === 'command' || change.kind === 'installation') && mayShowWork(input)),
  }),

  /** Returns null if the job has no such gateway. */
  'jobs.execution': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { id, clientid },
      required: ['id', 'clientid'],
      additionalProperties: false,
    },
    handler: ({ jobs }, { id, clientid }) => jobs.execution(id, clientid),
    invalidatedBy: isOfOrStopped,
  }),

  /** Returns how many gateways wait for what. */
  'jobs.waiting': defineProcedure({
    role: 'viewer',
    input: oneJob,
    handler: ({ jobs }, input) => jobs.waiting(input.id),
    invalidatedBy: isOfOrStopped,
  }),

  /** Returns failures that have reason, model and firmware in common. */
  'jobs.failures': defineProcedure({
    role: 'viewer',
    input: oneJob,
    handler: ({ jobs }, input) => jobs.failures(input.id),
    invalidatedBy: isOf,
  }),

  /** Returns how far the job was at what time. */
  'jobs.progress': defineProcedure({
    role: 'viewer',
    input: oneJob,
    handler: ({ jobs }, input) => jobs.progress(input.id),
    invalidatedBy: isOf,
  }),

  /** Returns how many gateways of each site are in which state. */
  'jobs.sites': defineProcedure({
    role: 'viewer',
    input: oneJob,
    handler: ({ jobs }, input) => jobs.sites(input.id),
    invalidatedBy: isOf,
  }),

  /** Returns who did what with a job: the newest entries of the audit. */
  'jobs.log': defineProcedure({
    role: 'operator',
    input: oneJob,
    handler: ({ audit }, { id }): Promise<AuditEntry[]> => audit.list({ job: id, limit: LOG }),
    invalidatedBy: (change, input) => change.kind === 'audit' || isOf(change, input),
  }),

  /** Returns what open jobs are to do with a gateway. */
  'jobs.ofGateway': defineProcedure({
    role: 'viewer',
    input: oneGateway,
    handler: ({ jobs }, input) => jobs.ofGateway(input.clientid),
    invalidatedBy: (change) => change.kind === 'job' || isStop(change),
  }),
} as const;

function isOf(change: Change, { id }: { id: string }): boolean {
  return change.kind === 'job' && change.job === id;
}

/** What a stop holds waits for it, without any change of its job. */
function isOfOrStopped(change: Change, input: { id: string }): boolean {
  return isOf(change, input) || isStop(change);
}

/** Whether a list can have gateways that are under way: what these do now is in no row of the job. */
function mayShowWork({ state, part, waitingFor }: ExecutionQuery): boolean {
  const isOfState = state === undefined || state === 'IN_PROGRESS';
  return isOfState && (part === undefined || part === 'inProgress') && waitingFor === undefined;
}

function isStop({ kind, what }: Change): boolean {
  return kind === 'guard' && what === 'stops';
}
