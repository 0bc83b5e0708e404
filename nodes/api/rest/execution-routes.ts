import type { FromSchema } from 'json-schema-to-ts';
import { EXECUTION, EXECUTION_QUERY, EXECUTION_WITH_ATTEMPTS } from '../../manager/jobs/execution-schemas.js';
import { jobReason } from '../../manager/jobs/job-reasons.js';
import { quotable } from '../../manager/shared/text.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { parser } from '../../manager/shared/validate.js';
import { count, listOf, objectOf } from '../../manager/shared/value-schemas.js';
import { actOf } from '../job-acts.js';
import { roleOfJob } from '../job-rights.js';
import { jobSubject } from '../job-subject.js';
import { versionIn } from './call-headers.js';
import { ATTEMPTED, EXECUTION_WAITING } from './job-examples.js';
import { defineRoute } from './route.js';

const RETRY_ONE = {
  type: 'object',
  properties: {
    confirm: {
      type: 'string',
      maxLength: 200,
      description: 'The client id, where it is not known whether the gateway has done it.',
    },
  },
  additionalProperties: false,
} as const;
const readRetryOne = parser<FromSchema<typeof RETRY_ONE>>(RETRY_ONE, 'body');

/** The REST routes for the gateways of a job. */
export const EXECUTION_ROUTES = [
  defineRoute({
    method: 'GET',
    path: '/job/{id}/execution',
    operationId: 'listExecutions',
    tag: 'Jobs',
    summary: 'List the gateways of a job',
    description:
      'Where each stands, what it waits for and until when. In order of client id, or with `sinceChange` in order of their changes.',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    isPaged: true,
    query: EXECUTION_QUERY,
    data: listOf(EXECUTION),
    examples: { data: [EXECUTION_WAITING] },
    async answer({ jobs }, { params: { id = '' }, query }) {
      const { items, next } = await jobs.executions(id, query);
      return { data: items, next };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/job/{id}/execution/{clientid}',
    operationId: 'getExecution',
    tag: 'Jobs',
    summary: 'Read where one gateway of a job stands, with its attempts',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    data: EXECUTION_WITH_ATTEMPTS,
    examples: { data: { execution: EXECUTION_WAITING, attempts: [ATTEMPTED] } },
    async answer({ jobs }, { params: { id = '', clientid = '' } }) {
      const found = await jobs.execution(id, clientid);
      if (found !== null) return { data: found };
      const names = { id: quotable(id), clientid: quotable(clientid) };
      throw new TpeError('NOT_FOUND', jobReason('job-execution-unknown', names));
    },
  }),

  defineRoute({
    method: 'POST',
    path: '/job/{id}/execution/{clientid}/retry',
    operationId: 'retryGateway',
    tag: 'Jobs',
    summary: 'Have one gateway of a job tried again',
    role: 'operator',
    roleFor: (manager, { params: { id = '' } }) => roleOfJob(manager, id),
    action: 'job.retry',
    subject: ({ params: { id = '' } }, manager) => jobSubject(manager, id, { which: 'one' }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    headers: ['if-match'],
    body: { kind: 'json', isRequired: false, schema: RETRY_ONE },
    data: objectOf({ retried: count }),
    examples: { body: {}, data: { retried: 1 } },
    async answer({ jobs }, call, caller) {
      const { id = '', clientid = '' } = call.params;
      const which = { which: 'one', clientid, ...readRetryOne(call.body) } as const;
      return { data: { retried: await jobs.retry(id, which, actOf(caller, versionIn(call))) } };
    },
  }),
];
