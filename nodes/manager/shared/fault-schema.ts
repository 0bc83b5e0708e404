import { CAUSE_OR_NULL } from './reason.js';
import { anything, text } from './value-schemas.js';

/** JSON Schema of a Fault. */
export const FAULT = {
  type: 'object',
  description: 'One thing that does not fit the catalogue.',
  properties: {
    in: { enum: ['operation', 'params', 'path', 'method', 'requestBody', 'headers', 'answer'] },
    path: { ...text, description: 'JSON Pointer of the value within that part.' },
    rule: {
      ...text,
      description:
        'The keyword of JSON Schema that it breaks, such as `minimum`, or the code of a rule for fields that must fit each other.',
    },
    value: { ...anything, description: 'The value as far as it may be shown.' },
    text: { ...text, description: 'For a person.' },
    cause: CAUSE_OR_NULL,
  },
  required: ['in', 'path', 'rule', 'text'],
  additionalProperties: false,
} as const;
