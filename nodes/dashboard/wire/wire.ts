import type { FromSchema } from 'json-schema-to-ts';
import type { Patch } from '../../api/patch.js';
import { parser } from '../../node-red/runtime/message-values.js';
import { LARGEST_PART } from './message-sizes.js';

// What browsers and widgets say to each other. A browser counts its questions; the answer bears the number.

const SCHEMA = {
  oneOf: [
    {
      type: 'object',
      properties: {
        type: { enum: ['ask', 'follow'] },
        number: { type: 'integer', minimum: 0 },
        /** The name of an ask. */
        ask: { type: 'string', maxLength: 100 },
        input: {},
        /** So many parts came before this: they are the field `text` of the input. */
        parts: { type: 'integer', minimum: 1 },
      },
      required: ['type', 'number', 'ask', 'input'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        type: { const: 'part' },
        /** Of the question that will come. */
        number: { type: 'integer', minimum: 0 },
        text: { type: 'string', maxLength: LARGEST_PART },
      },
      required: ['type', 'number', 'text'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { type: { const: 'unfollow' }, number: { type: 'integer', minimum: 0 } },
      required: ['type', 'number'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { type: { const: 'tell' }, message: { type: 'object' } },
      required: ['type', 'message'],
      additionalProperties: false,
    },
  ],
} as const;

/**
 * `ask` is answered once, `follow` again with each change, or with what is new, until `unfollow`; `tell` goes on to the flow. A large text goes before
 * its question, `part` by `part`: these are answered only where they are refused.
 */
export type BrowserMessage = FromSchema<typeof SCHEMA>;

/** INVALID_INPUT says what is wrong with it. */
export const parseBrowserMessage = parser<BrowserMessage>(SCHEMA, 'request');

/** What a widget says to one browser. */
export type WidgetMessage =
  | { type: 'answer'; number: number; value: unknown }
  /** What is new in the last answer. */
  | { type: 'patch'; number: number; patch: Patch }
  | { type: 'refused'; number: number | null; code: string; message: string };
