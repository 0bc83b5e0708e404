import { JOB_DEFINITION } from '../../manager/jobs/definition/definition.js';
import { WAITING_COUNTS } from '../../manager/jobs/execution-schemas.js';
import type { Job } from '../../manager/jobs/job.js';
import { jobReason } from '../../manager/jobs/job-reasons.js';
import {
  FAILURE_CLUSTER,
  JOB,
  JOB_LIST_QUERY,
  JOB_PREVIEW,
  LISTED_JOB,
} from '../../manager/jobs/job-schemas.js';
import { listedJob } from '../../manager/jobs/listed-job.js';
import { quotable } from '../../manager/shared/text.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isPlainObject } from '../../manager/shared/validate.js';
import { listOf, objectOf, text } from '../../manager/shared/value-schemas.js';
import { actOf, createJob } from '../job-acts.js';
import { roleOfChange, roleOfDefinition } from '../job-rights.js';
import { definitionSubject, jobSubject, madeJob } from '../job-subject.js';
import { keyIn, versionIn } from './call-headers.js';
import {
  JOB_DEFINED,
  JOB_FAILURES,
  JOB_LISTED,
  JOB_PREVIEWED,
  JOB_RUNNING,
  JOB_WAITING,
} from './job-examples.js';
import { defineRoute, objectIn, type RestAnswer } from './route.js';

const TARGETS_ADVICE = 'Exactly one of `ids`, `filter` and `all: true` in `targets` says for which gateways.';

/** JSON Schema of a change of a job. */
const JOB_CHANGE = {
  type: 'object',
  properties: JOB_DEFINITION.properties,
  additionalProperties: false,
} as const;

/** The REST routes for jobs as a whole. */
export const JOB_ROUTES = [
  defineRoute({
    method: 'GET',
    path: '/job',
    operationId: 'listJobs',
    tag: 'Jobs',
    summary: 'List jobs, newest first',
    description: 'Without their definitions. `next` of an answer is the `cursor` of the next call.',
    role: 'viewer',
    isPaged: true,
    query: JOB_LIST_QUERY,
    data: listOf(LISTED_JOB),
    examples: { data: [JOB_LISTED] },
    async answer({ jobs }, { query: { cursor: before, ...query } }) {
      const { items, next } = await jobs.list({ ...query, ...(before !== undefined && { before }) });
      return { data: items.map(listedJob), next };
    },
  }),

  defineRoute({
    method: 'POST',
    path: '/job',
    operationId: 'createJob',
    tag: 'Jobs',
    summary: 'Record a job as a draft',
    description: `Nothing is sent before it is submitted. ${TARGETS_ADVICE}`,
    role: 'operator',
    roleFor: ({ catalogue }, { body }) => roleOfDefinition(catalogue, body),
    isCostly: true,
    action: 'job.create',
    subject: ({ body }, manager) => definitionSubject(manager, body),
    auditDone: madeIn,
    headers: ['idempotency-key'],
    body: { kind: 'json', isRequired: true, takesMany: true, schema: JOB_DEFINITION },
    data: JOB,
    examples: { body: JOB_DEFINED, data: JOB_RUNNING },
    answer: async (manager, call, caller) => ({
      data: await createJob(manager, objectIn(call.body), caller, keyIn(call)),
    }),
  }),

  defineRoute({
    method: 'POST',
    path: '/job/preview',
    operationId: 'previewJob',
    tag: 'Jobs',
    summary: 'Read what a job would do',
    description: `Whom it would reach, who is left out and why, and how long it would take; nothing is written or sent. ${TARGETS_ADVICE}`,
    role: 'viewer',
    isCostly: true,
    body: { kind: 'json', isRequired: true, takesMany: true, schema: JOB_DEFINITION },
    data: JOB_PREVIEW,
    examples: { body: JOB_DEFINED, data: JOB_PREVIEWED },
    answer: async ({ jobs }, { body }) => ({ data: await jobs.preview(objectIn(body)) }),
  }),

  defineRoute({
    method: 'GET',
    path: '/job/{id}/preview',
    operationId: 'previewDraft',
    tag: 'Jobs',
    summary: 'Read what a draft would do',
    description:
      'The same as of a definition, with the values of single gateways that the draft was recorded with. A job that was submitted has none.',
    role: 'viewer',
    isCostly: true,
    errors: ['NOT_FOUND', 'CONFLICT'],
    data: JOB_PREVIEW,
    examples: { data: JOB_PREVIEWED },
    answer: async ({ jobs }, { params: { id = '' } }) => ({ data: await jobs.previewDraft(id) }),
  }),

  defineRoute({
    method: 'GET',
    path: '/job/{id}',
    operationId: 'getJob',
    tag: 'Jobs',
    summary: 'Read a job',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    data: JOB,
    examples: { data: JOB_RUNNING },
    async answer({ jobs }, { params: { id = '' } }) {
      const job = await jobs.get(id);
      if (job !== null) return { data: job };
      throw new TpeError('NOT_FOUND', jobReason('job-unknown', { id: quotable(id) }));
    },
  }),

  defineRoute({
    method: 'PATCH',
    path: '/job/{id}',
    operationId: 'changeJob',
    tag: 'Jobs',
    summary: 'Change a job',
    description:
      'Of a draft anything; of one that was submitted `name`, `note` and `rollout`, which never becomes quicker than it was.',
    role: 'operator',
    roleFor: (manager, { params: { id = '' }, body }) => roleOfChange(manager, id, body),
    isCostly: true,
    action: 'job.change',
    subject: ({ params: { id = '' }, body }, manager) =>
      jobSubject(manager, id, { changed: isPlainObject(body) ? Object.keys(body).slice(0, 20) : [] }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    headers: ['if-match'],
    body: { kind: 'json', isRequired: true, takesMany: true, schema: JOB_CHANGE },
    data: JOB,
    examples: { body: { rollout: { maxPerMinute: 10 } }, data: JOB_RUNNING },
    answer: async ({ jobs }, call, caller) => ({
      data: await jobs.change(call.params.id ?? '', objectIn(call.body), actOf(caller, versionIn(call))),
    }),
  }),

  defineRoute({
    method: 'DELETE',
    path: '/job/{id}',
    operationId: 'removeJob',
    tag: 'Jobs',
    summary: 'Delete a draft',
    role: 'operator',
    action: 'job.remove',
    subject: ({ params: { id = '' } }, manager) => jobSubject(manager, id),
    errors: ['NOT_FOUND', 'CONFLICT'],
    headers: ['if-match'],
    data: objectOf({ removed: text }),
    examples: { data: { removed: JOB_RUNNING.id } },
    async answer({ jobs }, call, caller) {
      const { id = '' } = call.params;
      await jobs.remove(id, actOf(caller, versionIn(call)));
      return { data: { removed: id } };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/job/{id}/waiting',
    operationId: 'countWaiting',
    tag: 'Jobs',
    summary: 'Count what the gateways of a job wait for',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    data: WAITING_COUNTS,
    examples: { data: JOB_WAITING },
    answer: async ({ jobs }, { params: { id = '' } }) => ({ data: await jobs.waiting(id) }),
  }),

  defineRoute({
    method: 'GET',
    path: '/job/{id}/failures',
    operationId: 'listFailures',
    tag: 'Jobs',
    summary: 'List the failures of a job by reason, model and firmware',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    data: listOf(FAILURE_CLUSTER),
    examples: { data: JOB_FAILURES },
    answer: async ({ jobs }, { params: { id = '' } }) => ({ data: await jobs.failures(id) }),
  }),

  defineRoute({
    method: 'GET',
    path: '/job/{id}/report.csv',
    operationId: 'exportJob',
    tag: 'Jobs',
    summary: 'Export what became of each gateway of a job as a file',
    role: 'viewer',
    isCostly: true,
    errors: ['NOT_FOUND'],
    file: ['text/csv'],
    answer: async ({ jobs }, { params: { id = '' } }) => ({
      file: jobs.report(id),
      type: 'text/csv; charset=utf-8',
      name: `job-${id.replaceAll(/\D/g, '')}.csv`,
    }),
  }),
];

function madeIn(answer: RestAnswer): ReturnType<typeof madeJob> {
  return 'data' in answer ? madeJob(answer.data as Job) : {};
}
