// What several asks take, as JSON Schema.

/** A client id. */
export const clientid = { type: 'string', minLength: 1, maxLength: 200 } as const;

/** Which gateways; an unknown condition is refused, since it would otherwise match the whole fleet. */
export const filter = {
  type: 'object',
  properties: {
    search: { type: 'string', maxLength: 200 },
    status: { enum: ['online', 'offline', 'never_seen'] },
    model: { type: 'string', maxLength: 200 },
    tag: { type: 'string', maxLength: 200 },
    site: { type: 'string', maxLength: 200 },
    clientids: { type: 'array', items: clientid, maxItems: 1000 },
    enabled: { type: 'boolean' },
    hasUpdate: { type: 'boolean' },
  },
  additionalProperties: false,
} as const;

/** Gateways that were chosen one by one. */
export const clientids = { type: 'array', items: clientid, minItems: 1, maxItems: 500 } as const;

/** The number of a record, as text. */
export const id = { type: 'string', pattern: '^[0-9]{1,19}$' } as const;

/** No input. */
export const nothing = { type: 'object', additionalProperties: false } as const;

/** One gateway. */
export const oneGateway = {
  type: 'object',
  properties: { clientid },
  required: ['clientid'],
  additionalProperties: false,
} as const;
