import { CLIENT_IDS } from '../../manager/registry/targets.js';
import { SEPARATORS } from '../../manager/shared/files/csv-records.js';
import { ID_CURSOR } from '../../manager/shared/page.js';

// Inputs that several procedures share, as JSON Schema.

/** A client id. */
export const clientid = { type: 'string', minLength: 1, maxLength: 200 } as const;

/** Gateways that were chosen one by one. */
export const clientids = { ...CLIENT_IDS, maxItems: 500 } as const;

/** The number of a record, as text. */
export const id = { type: 'string', pattern: '^[0-9]{1,19}$' } as const;

/** Which page of a list that goes from the newest record to the oldest. */
export const pageOfNewest = {
  cursor: ID_CURSOR,
  limit: { type: 'integer', minimum: 1, maximum: 100 },
} as const;

/** Between the cells of a CSV file. */
export const separator = { enum: SEPARATORS } as const;

/** No input. */
export const nothing = { type: 'object', additionalProperties: false } as const;

/** One gateway. */
export const oneGateway = {
  type: 'object',
  properties: { clientid },
  required: ['clientid'],
  additionalProperties: false,
} as const;
