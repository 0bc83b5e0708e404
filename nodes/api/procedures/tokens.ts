import {
  NEW_PERSONAL_TOKEN,
  type PersonalTokens,
  type TokenMaker,
} from '../../manager/accounts/personal-token.js';
import { mayAct } from '../../manager/shared/role.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import type { Caller } from '../caller.js';
import { defineProcedure } from '../procedure.js';
import { refusalFor } from '../run-procedure.js';
import { id, nothing } from './inputs.js';

/** What can be asked about personal API tokens. */
export const TOKEN_PROCEDURES = {
  /** Those of who asks; none where nobody knows who that is. */
  'tokens.mine': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: async ({ tokens }, _input, caller) => (caller.id === null ? [] : await tokens.listOf(caller.id)),
    invalidatedBy: ({ kind }) => kind === 'account',
  }),

  /** Those of all people. */
  'tokens.list': defineProcedure({
    role: 'administrator',
    input: nothing,
    handler: ({ tokens }) => tokens.list(),
    invalidatedBy: ({ kind }) => kind === 'account',
  }),

  /** One for who asks, of no higher role; it is shown here and never again. */
  'tokens.create': defineProcedure({
    role: 'viewer',
    input: NEW_PERSONAL_TOKEN,
    handler: async ({ tokens }, given, caller) => await tokens.create(given, makerOf(caller)),
    audit: ({ name, role, days }) => ({ action: 'token.create', detail: { tokenName: name, role, days } }),
  }),

  /** One's own; any for an administrator. */
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

/** One's own; any as an administrator; with a token none that may do more than it. FORBIDDEN, NOT_FOUND. */
export async function revokeToken(tokens: PersonalTokens, id: string, caller: Caller): Promise<void> {
  const role = tokens.find(id)?.role;
  if (caller.token !== undefined && role !== undefined && !mayAct(caller.role, role))
    throw refusalFor(caller, role);
  await tokens.revoke(id, mayAct(caller.role, 'administrator') ? null : makerOf(caller).id);
}

/** Who makes a token. CONFLICT for who is nobody's account. */
export function makerOf({ id, role, token }: Caller): TokenMaker {
  if (id !== null && role !== null) return { id, role, ...(token && { tokenId: token.id }) };
  throw new TpeError('CONFLICT', 'Tokens belong to people: sign in as one, to have some.');
}
