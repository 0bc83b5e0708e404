import { EXECUTION_STATES, WAITING_FOR } from '../manager/jobs/execution.js';
import { type ExecutionQuery, JOB_STATES, type JobQuery } from '../manager/jobs/job.js';
import { CURSOR, ID_CURSOR } from '../manager/shared/page.js';
import { parser } from '../manager/shared/validate.js';

const limit = { type: 'integer', minimum: 1, maximum: 500 } as const;

/** Reads which jobs are listed. Throws INVALID_INPUT. */
export const parseJobQuery = parser<JobQuery>(
  {
    type: 'object',
    properties: { state: { enum: JOB_STATES }, before: ID_CURSOR, limit },
    additionalProperties: false,
  },
  'payload',
);

/** Reads which gateways of a job are listed. Throws INVALID_INPUT. */
export const parseExecutionQuery = parser<ExecutionQuery>(
  {
    type: 'object',
    properties: {
      state: { enum: EXECUTION_STATES },
      waitingFor: { enum: WAITING_FOR },
      site: { type: 'string', maxLength: 1000 },
      reason: { type: 'string', maxLength: 200 },
      sinceChange: { type: 'integer', minimum: 0 },
      cursor: CURSOR,
      limit,
    },
    additionalProperties: false,
  },
  'payload',
);
