import { NEW_PERSONAL_TOKEN, type TokenMaker } from '../../manager/accounts/personal-token.js';
import { mayAct } from '../../manager/shared/role.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import type { Asker } from '../caller.js';
import { defineAsk } from '../procedure.js';
import { id, nothing } from './inputs.js';

/** What can be asked about personal API tokens. */
export const TOKEN_ASKS = {
  /** Those of who asks; none where nobody knows who that is. */
  'tokens.mine': defineAsk({
    role: 'viewer',
    input: nothing,
    answer: async ({ tokens }, _input, asker) => (asker.id === null ? [] : await tokens.listOf(asker.id)),
    isTouchedBy: ({ kind }) => kind === 'account',
  }),

  /** Those of all people. */
  'tokens.list': defineAsk({
    role: 'administrator',
    input: nothing,
    answer: ({ tokens }) => tokens.list(),
    isTouchedBy: ({ kind }) => kind === 'account',
  }),

  /** One for who asks, of no higher role; it is shown here and never again. */
  'tokens.create': defineAsk({
    role: 'viewer',
    input: NEW_PERSONAL_TOKEN,
    answer: async ({ tokens }, given, asker) => await tokens.create(given, makerOf(asker)),
    deed: ({ name, role, days }) => ({ action: 'token.create', detail: { tokenName: name, role, days } }),
  }),

  /** One's own; any for an administrator. */
  'tokens.revoke': defineAsk({
    role: 'viewer',
    input: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
    async answer({ tokens }, input, asker) {
      const isAnyones = mayAct(asker.role, 'administrator');
      await tokens.revoke(input.id, isAnyones ? null : makerOf(asker).id);
      return null;
    },
    deed({ id }, { tokens }) {
      const found = tokens.find(id);
      const told = found && { tokenName: found.name, user: found.owner.name, userId: found.owner.id };
      return { action: 'token.revoke', detail: { tokenId: id, ...told } };
    },
  }),
} as const;

/** Who makes a token. CONFLICT for who is nobody's account. */
export function makerOf({ id, role }: Asker): TokenMaker {
  if (id !== null && role !== null) return { id, role };
  throw new TpeError('CONFLICT', 'Tokens belong to people: sign in as one, to have some.');
}
