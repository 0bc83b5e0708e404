import { NEW_SAVED_VIEW, VIEW_CHANGE } from '../../manager/accounts/saved-view.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { callReason } from '../call-reasons.js';
import type { Caller } from '../caller.js';
import { defineProcedure } from '../procedure.js';
import { id, nothing } from './inputs.js';

/** The procedures for the views that people have named. Each has only the own ones; nobody sees, changes or removes those of others. */
export const VIEW_PROCEDURES = {
  /** Lists the views of the caller; none for one without an account. */
  'views.mine': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: async ({ views }, _input, caller) => (caller.id === null ? [] : await views.listOf(caller.id)),
    invalidatedBy: ({ kind }) => kind === 'account',
  }),

  'views.create': defineProcedure({
    role: 'viewer',
    input: NEW_SAVED_VIEW,
    handler: async ({ views }, view, caller) => await views.create(ownerOf(caller), view),
    audit: ({ name, page }) => ({ action: 'view.create', detail: { name, page } }),
  }),

  'views.change': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { id, change: VIEW_CHANGE },
      required: ['id', 'change'],
      additionalProperties: false,
    },
    handler: async ({ views }, input, caller) => await views.change(ownerOf(caller), input.id, input.change),
    audit: ({ id, change }) => ({ action: 'view.change', detail: { id, ...change } }),
  }),

  'views.remove': defineProcedure({
    role: 'viewer',
    input: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
    async handler({ views }, input, caller) {
      await views.remove(ownerOf(caller), input.id);
      return null;
    },
    audit: ({ id }) => ({ action: 'view.remove', detail: { id } }),
  }),
} as const;

/** Throws CONFLICT for a caller without an account. */
function ownerOf({ id }: Caller): string {
  if (id !== null) return id;
  throw new TpeError('CONFLICT', callReason('views-of-nobody'));
}
