import {
  NEW_PERSONAL_TOKEN,
  type PersonalTokens,
  type TokenMaker,
} from '../../manager/accounts/personal-token.js';
import { mayAct } from '../../manager/shared/role.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { callReason } from '../call-reasons.js';
import type { Caller } from '../caller.js';
import { defineProcedure } from '../procedure.js';
import { refusalFor } from '../run-procedure.js';
import { id, nothing } from './inputs.js';

/** The procedures for personal API tokens. */
export const TOKEN_PROCEDURES = {
  /** Lists the tokens of the caller. The list is empty if the caller has no account. */
  'tokens.mine': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: async ({ tokens }, _input, caller) => (caller.id === null ? [] : await tokens.listOf(caller.id)),
    invalidatedBy: ({ kind }) => kind === 'account',
  }),

  /** Lists the tokens of all people. */
  'tokens.list': defineProcedure({
    role: 'administrator',
    input: nothing,
    handler: ({ tokens }) => tokens.list(),
    invalidatedBy: ({ kind }) => kind === 'account',
  }),

  /** Creates a token for the caller, whose role it cannot exceed. This answer is the only one that ever contains the token. */
  'tokens.create': defineProcedure({
    role: 'viewer',
    input: NEW_PERSONAL_TOKEN,
    handler: async ({ tokens }, given, caller) => await tokens.create(given, makerOf(caller)),
    audit: ({ name, scope, role, days }) => ({
      action: 'token.create',
      detail: { tokenName: name, role, days, ...(scope === 'wall' && { scope }) },
    }),
  }),

  /** Revokes an own token, or any token if the caller is an administrator. */
  'tokens.revoke': defineProcedure({
    role: 'viewer',
    input: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
    async handler({ tokens }, input, caller) {
      await revokeToken(tokens, input.id, caller);
      return null;
    },
    audit({ id }, { tokens }) {
      const found = tokens.find(id);
      const told = found && { tokenName: found.name, user: found.owner.name, userId: found.owner.id };
      return { action: 'token.revoke', detail: { tokenId: id, ...told } };
    },
  }),
} as const;

/**
 * Revokes the personal token with this id. Administrators can revoke any token, other callers their own. A caller that uses a token
 * cannot revoke one with a higher role. Rejects with FORBIDDEN, NOT_FOUND, or CONFLICT if the caller has no account.
 */
export async function revokeToken(tokens: PersonalTokens, id: string, caller: Caller): Promise<void> {
  const role = tokens.find(id)?.role;
  if (caller.token !== undefined && role !== undefined && !mayAct(caller.role, role))
    throw refusalFor(caller, role);
  await tokens.revoke(id, mayAct(caller.role, 'administrator') ? null : makerOf(caller).id);
}

/** The caller as the maker of a token. Throws CONFLICT if the caller has no account. */
export function makerOf({ id, role, token }: Caller): TokenMaker {
  if (id !== null && role !== null) return { id, role, ...(token && { tokenId: token.id }) };
  throw new TpeError('CONFLICT', callReason('tokens-of-nobody'));
}
