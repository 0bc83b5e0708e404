import { RETRY_KINDS, RETRY_NARROWED, retryOf } from '../../manager/jobs/retry-of.js';
import { idsTold } from '../ids-told.js';
import { actOf, createJob, IDEMPOTENCY_KEY, startJob, submitJob } from '../job-acts.js';
import { roleOfChange, roleOfDefinition, roleOfJob } from '../job-rights.js';
import { definitionSubject, jobSubject, madeJob } from '../job-subject.js';
import { defineProcedure } from '../procedure.js';
import { subject } from './each-gateway.js';
import { clientid, clientids, definition, id } from './inputs.js';

const version = { type: 'integer', minimum: 0 } as const;
const confirm = { type: 'string', maxLength: 200 } as const;
const previewHash = { type: 'string', maxLength: 200 } as const;

/** A job, and the version of it that the caller saw; without a version, whatever it is now. */
const oneVersion = {
  type: 'object',
  properties: { id, version },
  required: ['id'],
  additionalProperties: false,
} as const;

/** The procedures that make jobs and act on them. */
export const JOB_ACT_PROCEDURES = {
  /** Records a draft. With the same key, the same draft is returned within a day. */
  'jobs.create': defineProcedure({
    role: 'operator',
    roleFor: ({ catalogue }, input) => roleOfDefinition(catalogue, input.definition),
    isCostly: true,
    input: {
      type: 'object',
      properties: { definition, idempotencyKey: IDEMPOTENCY_KEY },
      required: ['definition'],
      additionalProperties: false,
    },
    handler: (manager, { definition, idempotencyKey }, caller) =>
      createJob(manager, definition, caller, idempotencyKey),
    audit: async ({ definition }, manager) => ({
      action: 'job.create',
      ...(await definitionSubject(manager, definition)),
    }),
    auditDone: (job) => madeJob(job),
  }),

  /** Begins a draft. `confirm` is what its preview says; with `previewHash`, the job waits if its gateways are others by then. */
  'jobs.submit': defineProcedure({
    role: 'operator',
    roleFor: (manager, { id }) => roleOfJob(manager, id),
    isCostly: true,
    input: {
      type: 'object',
      properties: { id, version, confirm, previewHash },
      required: ['id'],
      additionalProperties: false,
    },
    handler: (manager, { id, ...given }, caller) => submitJob(manager, id, given, caller),
    audit: async ({ id }, manager) => ({ action: 'job.submit', ...(await jobSubject(manager, id)) }),
  }),

  /** Records a draft and begins it. If it cannot begin, nothing stays. */
  'jobs.start': defineProcedure({
    role: 'operator',
    roleFor: ({ catalogue }, input) => roleOfDefinition(catalogue, input.definition),
    isCostly: true,
    input: {
      type: 'object',
      properties: { definition, confirm, previewHash },
      required: ['definition', 'previewHash'],
      additionalProperties: false,
    },
    handler: (manager, { definition, ...given }, caller) => startJob(manager, definition, given, caller),
    audit: async ({ definition }, manager) => ({
      action: 'job.start',
      ...(await definitionSubject(manager, definition)),
    }),
    auditDone: (job) => madeJob(job),
  }),

  /** Changes a draft, or name, note and pace of an open job. */
  'jobs.change': defineProcedure({
    role: 'operator',
    roleFor: (manager, { id, change }) => roleOfChange(manager, id, change),
    isCostly: true,
    input: {
      type: 'object',
      properties: { id, version, change: { type: 'object' } },
      required: ['id', 'change'],
      additionalProperties: false,
    },
    handler: ({ jobs }, { id, version, change }, caller) => jobs.change(id, change, actOf(caller, version)),
    audit: async ({ id, change }, manager) => ({
      action: 'job.change',
      ...(await jobSubject(manager, id, { changed: Object.keys(change).slice(0, 20) })),
    }),
  }),

  /** Deletes a draft. */
  'jobs.remove': defineProcedure({
    role: 'operator',
    input: oneVersion,
    async handler({ jobs }, { id, version }, caller) {
      await jobs.remove(id, actOf(caller, version));
      return null;
    },
    audit: async ({ id }, manager) => ({ action: 'job.remove', ...(await jobSubject(manager, id)) }),
  }),

  'jobs.pause': defineProcedure({
    role: 'operator',
    input: oneVersion,
    handler: ({ jobs }, { id, version }, caller) => jobs.pause(id, actOf(caller, version)),
    audit: async ({ id }, manager) => ({ action: 'job.pause', ...(await jobSubject(manager, id)) }),
  }),

  'jobs.resume': defineProcedure({
    role: 'operator',
    roleFor: (manager, { id }) => roleOfJob(manager, id),
    input: { ...oneVersion, properties: { ...oneVersion.properties, confirm } },
    handler: ({ jobs }, { id, version, confirm: typed }, caller) =>
      jobs.resume(id, { ...actOf(caller, version), ...(typed !== undefined && { confirm: typed }) }),
    audit: async ({ id }, manager) => ({ action: 'job.resume', ...(await jobSubject(manager, id)) }),
  }),

  /** With `force`, what is under way is given up; `confirm` is the number of those. */
  'jobs.cancel': defineProcedure({
    role: 'operator',
    roleFor: (_manager, { force }) => (force ? 'administrator' : 'operator'),
    input: {
      type: 'object',
      properties: { id, version, force: { type: 'boolean' }, confirm },
      required: ['id'],
      additionalProperties: false,
    },
    handler: ({ jobs }, { id, version, ...how }, caller) =>
      jobs.cancel(id, { ...how, ...actOf(caller, version) }),
    audit: async ({ id, force = false }, manager) => ({
      action: 'job.cancel',
      ...(await jobSubject(manager, id, { force })),
    }),
  }),

  /** Has gateways tried again; returns how many. */
  'jobs.retry': defineProcedure({
    role: 'operator',
    roleFor: (manager, { id }) => roleOfJob(manager, id),
    input: {
      type: 'object',
      properties: {
        id,
        version,
        which: { enum: RETRY_KINDS },
        ...RETRY_NARROWED,
        clientid,
        /** The client id, where it is not known whether the gateway has done it. */
        confirm,
      },
      required: ['id', 'which'],
      additionalProperties: false,
    },
    handler: ({ jobs }, { id, version, ...given }, caller) =>
      jobs.retry(id, retryOf(given), actOf(caller, version)),
    audit: async ({ id, which, code, model, firmware, clientid }, manager) => ({
      action: 'job.retry',
      ...(which === 'one' && { clientid: clientid ?? null }),
      ...(await jobSubject(manager, id, { which, code: code?.slice(0, 200), model, firmware })),
    }),
    auditDone: (retried) => ({ detail: { retried } }),
  }),

  /** Cancels what waits for these gateways; returns how many. */
  'jobs.skip': defineProcedure({
    role: 'operator',
    input: {
      type: 'object',
      properties: { id, version, clientids },
      required: ['id', 'clientids'],
      additionalProperties: false,
    },
    handler: ({ jobs }, { id, version, clientids }, caller) =>
      jobs.skip(id, clientids, actOf(caller, version)),
    async audit({ id, clientids }, manager) {
      const { clientid } = subject(clientids);
      return {
        action: 'job.skip',
        ...(clientid !== undefined && { clientid }),
        ...(await jobSubject(manager, id, idsTold('clientids', clientids))),
      };
    },
    auditDone: (skipped) => ({ detail: { skipped } }),
  }),
} as const;
