import type { FromSchema } from 'json-schema-to-ts';
import type { Patch } from '../../api/patch.js';
import type { Cause } from '../../manager/shared/reason.js';
import { parser } from '../../node-red/runtime/message-values.js';
import { LARGEST_PART } from './message-sizes.js';

// The messages between browsers and widgets. A browser numbers its calls, and the answer has the same number.

const SCHEMA = {
  oneOf: [
    {
      type: 'object',
      properties: {
        type: { enum: ['call', 'subscribe'] },
        number: { type: 'integer', minimum: 0 },
        /** The name of the procedure. */
        procedure: { type: 'string', maxLength: 100 },
        input: {},
        /** The number of parts that were sent before. Together they are the field `text` of the input. */
        parts: { type: 'integer', minimum: 1 },
      },
      required: ['type', 'number', 'procedure', 'input'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        type: { const: 'part' },
        /** The number of the call that will follow. */
        number: { type: 'integer', minimum: 0 },
        text: { type: 'string', maxLength: LARGEST_PART },
      },
      required: ['type', 'number', 'text'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { type: { const: 'unsubscribe' }, number: { type: 'integer', minimum: 0 } },
      required: ['type', 'number'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { type: { const: 'emit' }, message: { type: 'object' } },
      required: ['type', 'message'],
      additionalProperties: false,
    },
  ],
} as const;

/**
 * A message from a browser. `call` is answered once. `subscribe` is answered again after each change, with the whole answer or with what is
 * new, until `unsubscribe`. `emit` goes to the flow. A large text is sent before its call in messages of type `part`; a part is answered
 * only if it is refused.
 */
export type BrowserMessage = FromSchema<typeof SCHEMA>;

/** Checks a message from a browser. Throws INVALID_INPUT, whose message describes the fault. */
export const parseBrowserMessage = parser<BrowserMessage>(SCHEMA, 'request');

/** A message from a widget to one browser. */
export type WidgetMessage =
  | { type: 'answer'; number: number; value: unknown }
  /** What is new in the last answer. */
  | { type: 'patch'; number: number; patch: Patch }
  | { type: 'refused'; number: number | null; code: string; message: string; cause: Cause | null };
