import { GUARD_SCOPES, NEW_LIMIT, RELEASE } from '../../manager/guard/guard.js';
import { defineProcedure } from '../procedure.js';
import { nothing, pageOfNewest } from './inputs.js';

/** The procedures for the slots of gateways that are disturbed, and for their limits. */
export const GUARD_PROCEDURES = {
  /** Lists slots that are held, newest first; with a scope, those of one site, model or redundancy set. */
  'guard.holds': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: {
        scope: { enum: GUARD_SCOPES },
        value: { type: 'string', minLength: 1, maxLength: 200 },
        ...pageOfNewest,
      },
      required: ['limit'],
      additionalProperties: false,
    },
    handler: ({ guard }, { cursor: before, ...query }) =>
      guard.holds({ ...query, ...(before !== undefined && { before }) }),
    invalidatedBy: ({ kind, what }) => kind === 'guard' && what === 'holds',
  }),

  /** Gives back a slot whatever the gateway does. */
  'guard.release': defineProcedure({
    role: 'administrator',
    input: RELEASE,
    handler: ({ guard }, input) => guard.release(input),
    audit: ({ clientid, owner, reason }) => ({
      action: 'guard.release',
      clientid,
      detail: { owner, reason },
    }),
  }),

  'guard.limits': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: ({ guard }) => guard.limits(),
    invalidatedBy: ({ kind, what }) => kind === 'guard' && what === 'limits',
  }),

  /** Sets how many gateways of a scope may be disturbed at once. */
  'guard.setLimit': defineProcedure({
    role: 'administrator',
    input: NEW_LIMIT,
    async handler({ guard }, input, caller) {
      await guard.setLimit(input, caller.requestedBy);
      return null;
    },
    audit: ({ scope, value, max }) => ({ action: 'guard.limit', detail: { scope, value, max } }),
  }),
} as const;
