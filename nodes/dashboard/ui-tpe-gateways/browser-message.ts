import type { FromSchema } from 'json-schema-to-ts';
import { DEVICE_QUERY } from '../../manager/registry/device-query.js';
import { parser } from '../../node-red/runtime/message-values.js';
import type { BrowserMessage } from './wire.js';

const SCHEMA = {
  oneOf: [
    {
      type: 'object',
      properties: {
        type: { const: 'page' },
        reqId: { type: 'integer', minimum: 0 },
        ...DEVICE_QUERY.properties,
        limit: { type: 'integer', minimum: 1, maximum: 100 },
      },
      required: ['type', 'reqId', 'limit'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        type: { const: 'select' },
        clientid: { type: 'string', minLength: 1, maxLength: 200 },
      },
      required: ['type', 'clientid'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { type: { const: 'leave' } },
      required: ['type'],
      additionalProperties: false,
    },
  ],
} as const;

const parse = parser<FromSchema<typeof SCHEMA>>(SCHEMA, 'request');

/** What a browser sent, if it is one of the three things it may say. INVALID_INPUT says what is wrong with it. */
export function browserMessage(value: unknown): BrowserMessage {
  return parse(value);
}

/** Whether the message is one of them, sound or not; others are for the asks that all widgets share. */
export function isOwnMessage(value: unknown): boolean {
  const { type } = (value ?? {}) as { type?: unknown };
  return type === 'page' || type === 'select' || type === 'leave';
}
