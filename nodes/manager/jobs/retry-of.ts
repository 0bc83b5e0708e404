import { badField } from '../shared/invalid-input.js';
import type { RetryOf } from './job.js';

/** What a retry can be for. */
export const RETRY_KINDS = ['failed', 'reason', 'model', 'one'] as const;

interface GivenRetry {
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
