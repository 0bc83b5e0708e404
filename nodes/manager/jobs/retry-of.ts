import { badField } from '../shared/invalid-input.js';
import type { RetryOf } from './job.js';

/** What a retry can be for. */
export const RETRY_KINDS = ['failed', 'reason', 'model', 'one'] as const;

const text = { type: 'string', maxLength: 200 } as const;

/** JSON Schemas of what narrows a retry, for all doors. */
export const RETRY_NARROWED = {
  code: {
    type: 'string',
    maxLength: 2000,
    description:
      'With `reason`: the code of a cause, as the failures have it; of a failure without a cause, the words of its reason.',
  },
  model: { ...text, description: 'With `model`, or with `reason` beside `code`; there empty for none.' },
  firmware: {
    ...text,
    description: 'With `reason` or `model`: the `version` that the failures have; empty for none.',
  },
} as const;

interface GivenRetry {
  which: RetryOf['which'];
  code?: string;
  model?: string;
  firmware?: string;
  clientid?: string;
  confirm?: string;
}

/** Reads which gateways of a job are tried again. Throws INVALID_INPUT for what is missing: that is never all of them. */
export function retryOf({ which, code, model, firmware, clientid, confirm }: GivenRetry): RetryOf {
  const version = firmware === undefined ? {} : { firmware };
  switch (which) {
    case 'failed':
      return { which };
    case 'reason': {
      const why = needed(code, 'code', 'the code of a cause, as the failures of the job have it');
      return { which, code: why, ...(model !== undefined && { model }), ...version };
    }
    case 'model':
      return { which, model: needed(model, 'model', 'the model of the gateways'), ...version };
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
