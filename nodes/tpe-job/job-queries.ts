import { EXECUTION_STATES, WAITING_FOR } from '../manager/jobs/execution.js';
import { type ExecutionQuery, JOB_STATES, type JobQuery, type RetryOf } from '../manager/jobs/job.js';
import { badField } from '../manager/shared/invalid-input.js';
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

/** What a retry can be for. */
export const RETRY_KINDS = ['failed', 'reason', 'model', 'one'] as const;

export interface GivenRetry {
  which: RetryOf['which'];
  code?: string;
  model?: string;
  clientid?: string;
  confirm?: string;
}

/** Reads which gateways of a job are tried again. Throws INVALID_INPUT for what is missing: that is never all of them. */
export function retryOf({ which, code, model, clientid, confirm }: GivenRetry): RetryOf {
  switch (which) {
    case 'failed':
      return { which };
    case 'reason':
      return { which, code: needed(code, 'code', 'the code of a cause, as the failures of the job have it') };
    case 'model':
      return { which, model: needed(model, 'model', 'the model of the gateways') };
    case 'one': {
      const one = needed(clientid, 'clientid', 'the client id of the gateway');
      return { which, clientid: one, ...(confirm !== undefined && { confirm }) };
    }
  }
}

function needed(value: string | undefined, field: string, rule: string): string {
  if (value !== undefined && value !== '') return value;
  throw badField(field, rule);
}
