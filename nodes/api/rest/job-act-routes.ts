import type { FromSchema } from 'json-schema-to-ts';
import type { DeviceManager } from '../../manager/device-manager.js';
import { JOB } from '../../manager/jobs/job-schemas.js';
import { RETRY_KINDS, RETRY_NARROWED, retryOf } from '../../manager/jobs/retry-of.js';
import { CLIENT_IDS } from '../../manager/registry/targets.js';
import { parser } from '../../manager/shared/validate.js';
import { count, objectOf } from '../../manager/shared/value-schemas.js';
import type { Caller } from '../caller.js';
import { actOf, submitJob } from '../job-acts.js';
import { roleOfJob } from '../job-rights.js';
import { jobSubject } from '../job-subject.js';
import { versionIn } from './call-headers.js';
import { CLIENT_ID } from './examples.js';
import { JOB_RUNNING } from './job-examples.js';
import { defineRoute, type ReadCall, type RestAnswer, type RestCall } from './route.js';

const confirm = { type: 'string', maxLength: 200 } as const;

const SUBMIT = {
  type: 'object',
  properties: {
    confirm: { ...confirm, description: '`confirmation` of the preview, where it has one.' },
    previewHash: {
      type: 'string',
      maxLength: 200,
      description: '`hash` of the preview: if its gateways are others by now, the job is paused.',
    },
  },
  additionalProperties: false,
} as const;

const RESUME = {
  type: 'object',
  properties: {
    confirm: {
      ...confirm,
      description: 'The number of its gateways, where its risk is higher than when it was submitted.',
    },
  },
  additionalProperties: false,
} as const;

const CANCEL = {
  type: 'object',
  properties: {
    force: {
      type: 'boolean',
      description:
        'What is under way is given up; whether the gateways do it is not known then. Takes an administrator.',
    },
    confirm: { ...confirm, description: 'With `force`: how many gateways are under way.' },
  },
  additionalProperties: false,
} as const;

const RETRY = {
  type: 'object',
  properties: {
    which: { enum: RETRY_KINDS.filter((kind) => kind !== 'one') },
    ...RETRY_NARROWED,
  },
  required: ['which'],
  additionalProperties: false,
} as const;

const SKIP = {
  type: 'object',
  properties: { clientids: { ...CLIENT_IDS, maxItems: 1000 } },
  required: ['clientids'],
  additionalProperties: false,
} as const;

const readSubmit = parser<FromSchema<typeof SUBMIT>>(SUBMIT, 'body');
const readResume = parser<FromSchema<typeof RESUME>>(RESUME, 'body');
const readCancel = parser<FromSchema<typeof CANCEL>>(CANCEL, 'body');
interface GivenRetry {
  which: 'failed' | 'reason' | 'model';
  code?: string;
  model?: string;
  firmware?: string;
}
const readRetry = parser<GivenRetry>(RETRY, 'body');
const readSkip = parser<FromSchema<typeof SKIP>>(SKIP, 'body');

interface Act {
  name: 'submit' | 'pause' | 'resume' | 'cancel';
  summary: string;
  description?: string;
  /** Whether it lets the job send, and so takes the role that its commands take. */
  letsGo: boolean;
  body?: object;
  answer(manager: DeviceManager, call: ReadCall<object>, caller: Caller): Promise<RestAnswer>;
}

const idOf = ({ params: { id = '' } }: Pick<RestCall, 'params'>): string => id;

/** The REST routes for what is done with a job. All take the version that the caller has seen, by `If-Match`. */
export const JOB_ACT_ROUTES = [
  actRoute({
    name: 'submit',
    summary: 'Begin a job that is a draft',
    description: 'Its gateways are recorded, and then it runs.',
    letsGo: true,
    body: SUBMIT,
    answer: async (manager, call, caller) => {
      const given = { ...readSubmit(call.body), ...versionOf(call) };
      return { data: await submitJob(manager, idOf(call), given, caller) };
    },
  }),
  actRoute({
    name: 'pause',
    summary: 'Pause a job',
    description: 'Nothing more is begun; what is under way goes on.',
    letsGo: false,
    answer: async ({ jobs }, call, caller) => ({
      data: await jobs.pause(idOf(call), actOf(caller, versionIn(call))),
    }),
  }),
  actRoute({
    name: 'resume',
    summary: 'Go on with a paused job',
    letsGo: true,
    body: RESUME,
    answer: async ({ jobs }, call, caller) => ({
      data: await jobs.resume(idOf(call), { ...readResume(call.body), ...actOf(caller, versionIn(call)) }),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/job/{id}/cancel',
    operationId: 'cancelJob',
    tag: 'Jobs',
    summary: 'Cancel a job',
    description: 'What waits is canceled; what is under way is waited for, unless it is given up by force.',
    role: 'operator',
    roleFor: (_manager, { body }) => (isForced(body) ? 'administrator' : 'operator'),
    action: 'job.cancel',
    subject: (call, manager) => jobSubject(manager, idOf(call), { force: isForced(call.body) }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    headers: ['if-match'],
    body: { kind: 'json', isRequired: false, schema: CANCEL },
    data: JOB,
    examples: { body: {}, data: JOB_RUNNING },
    answer: async ({ jobs }, call, caller) => ({
      data: await jobs.cancel(idOf(call), { ...readCancel(call.body), ...actOf(caller, versionIn(call)) }),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/job/{id}/retry',
    operationId: 'retryJob',
    tag: 'Jobs',
    summary: 'Have failed gateways of a job tried again',
    description:
      'All that failed, those with one reason, or those of one model, where nothing can be done twice. `reason` may be narrowed by model and firmware, `model` by firmware.',
    role: 'operator',
    roleFor: (manager, call) => roleOfJob(manager, idOf(call)),
    action: 'job.retry',
    subject: (call, manager) => jobSubject(manager, idOf(call), toldOf(call.body)),
    auditDone: numberIn,
    errors: ['NOT_FOUND', 'CONFLICT'],
    headers: ['if-match'],
    body: { kind: 'json', isRequired: true, schema: RETRY },
    data: objectOf({ retried: count }),
    examples: { body: { which: 'failed' }, data: { retried: 2 } },
    answer: async ({ jobs }, call, caller) => ({
      data: {
        retried: await jobs.retry(idOf(call), retryOf(readRetry(call.body)), actOf(caller, versionIn(call))),
      },
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/job/{id}/skip',
    operationId: 'skipGateways',
    tag: 'Jobs',
    summary: 'Leave gateways of a job out',
    description: 'What waits for them is canceled. They are named one by one.',
    role: 'operator',
    action: 'job.skip',
    subject: (call, manager) => jobSubject(manager, idOf(call)),
    auditDone: numberIn,
    errors: ['NOT_FOUND', 'CONFLICT'],
    headers: ['if-match'],
    body: { kind: 'json', isRequired: true, schema: SKIP },
    data: objectOf({ skipped: count }),
    examples: { body: { clientids: [CLIENT_ID] }, data: { skipped: 1 } },
    answer: async ({ jobs }, call, caller) => {
      const { clientids } = readSkip(call.body);
      return { data: { skipped: await jobs.skip(idOf(call), clientids, actOf(caller, versionIn(call))) } };
    },
  }),
];

/** A route that moves a job as a whole to another state. */
function actRoute({ name, summary, description, letsGo, body, answer }: Act) {
  return defineRoute({
    method: 'POST',
    path: `/job/{id}/${name}`,
    operationId: `${name}Job`,
    tag: 'Jobs',
    summary,
    ...(description !== undefined && { description }),
    role: 'operator',
    ...(letsGo && { roleFor: (manager, call) => roleOfJob(manager, idOf(call)) }),
    action: `job.${name}`,
    subject: (call, manager) => jobSubject(manager, idOf(call)),
    errors: ['NOT_FOUND', 'CONFLICT'],
    headers: ['if-match'],
    ...(body !== undefined && { body: { kind: 'json', isRequired: false, schema: body } }),
    data: JOB,
    examples: { ...(body !== undefined && { body: {} }), data: JOB_RUNNING },
    answer,
  });
}

function versionOf(call: ReadCall<unknown>): { version?: number } {
  const version = versionIn(call);
  return version === undefined ? {} : { version };
}

/** A body that is wrong is refused later, so here it may be anything. */
function isForced(body: unknown): boolean {
  return (body as { force?: unknown } | null)?.force === true;
}

function toldOf(body: unknown): Record<string, unknown> {
  const { which, code, model, firmware } = (body ?? {}) as Record<string, unknown>;
  const texts = Object.entries({ which, code, model, firmware }).filter(
    ([, value]) => typeof value === 'string',
  );
  return Object.fromEntries(texts.map(([name, value]) => [name, String(value).slice(0, 200)]));
}

function numberIn(answer: RestAnswer): { detail?: Record<string, unknown> } {
  return 'data' in answer ? { detail: answer.data as Record<string, unknown> } : {};
}
