import { CLIENT_IDS } from '../../manager/registry/targets.js';
import { SEPARATORS } from '../../manager/shared/files/csv-records.js';
import { ID_CURSOR } from '../../manager/shared/page.js';

// JSON Schemas of inputs that several procedures share.

export const clientid = { type: 'string', minLength: 1, maxLength: 200 } as const;

/** The most gateways that a person chooses one by one. */
export const MOST_GATEWAYS = 500;

/** Client ids of gateways that a person chose one by one. */
export const clientids = { ...CLIENT_IDS, maxItems: MOST_GATEWAYS } as const;

/** The id of a record: a number as text, because it can be larger than a number of JavaScript can hold. */
export const id = { type: 'string', pattern: '^[0-9]{1,19}$' } as const;

/** Selects a page of a list that is sorted from the newest record to the oldest. */
export const pageOfNewest = {
  cursor: ID_CURSOR,
  limit: { type: 'integer', minimum: 1, maximum: 100 },
} as const;

/** The character between the cells of a CSV file. */
export const separator = { enum: SEPARATORS } as const;

export const nothing = { type: 'object', additionalProperties: false } as const;

export const oneGateway = {
  type: 'object',
  properties: { clientid },
  required: ['clientid'],
  additionalProperties: false,
} as const;

export const oneJob = {
  type: 'object',
  properties: { id },
  required: ['id'],
  additionalProperties: false,
} as const;

/** The definition of a job. The jobs check what is in it, and say what is wrong. */
export const definition = { type: 'object' } as const;
