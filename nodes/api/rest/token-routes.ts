import {
  NEW_PERSONAL_TOKEN,
  NEW_TOKEN_TOLD,
  type NewPersonalToken,
  PERSONAL_TOKEN,
  parseNewPersonalToken,
} from '../../manager/accounts/personal-token.js';
import { DEFAULT_TOKEN_DAYS } from '../../manager/accounts/token-bounds.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { mayAct } from '../../manager/shared/role.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { listOf, text } from '../../manager/shared/value-schemas.js';
import { callReason } from '../call-reasons.js';
import type { Caller } from '../caller.js';
import { makerOf, revokeToken } from '../procedures/tokens.js';
import { TOKEN, TOKEN_MADE } from './examples.js';
import { defineRoute, objectIn } from './route.js';

const DAY_MS = 86_400_000;

/** The REST routes for personal API tokens. */
export const TOKEN_ROUTES = [
  defineRoute({
    method: 'GET',
    path: '/token',
    operationId: 'listTokens',
    tag: 'Tokens',
    summary: 'List personal API tokens',
    description:
      "An administrator's are those of all people, others' their own. What a token itself is, is nowhere.",
    role: 'viewer',
    data: listOf(PERSONAL_TOKEN),
    examples: { data: [TOKEN] },
    async answer({ tokens }, _call, { id, role }) {
      if (mayAct(role, 'administrator')) return { data: await tokens.list() };
      return { data: id === null ? [] : await tokens.listOf(id) };
    },
  }),

  defineRoute({
    method: 'POST',
    path: '/token',
    operationId: 'createToken',
    tag: 'Tokens',
    summary: 'Create a personal API token',
    description:
      'For who calls, with a role that is not above theirs; by a token, one that ends no later than it. With the scope `wall` it opens the wall page of the dashboard alone, as `/dashboard/wall/#TOKEN`. `token` is in this answer and never again.',
    role: 'viewer',
    action: 'token.create',
    detail({ body }) {
      const { name, scope, role, days } = objectIn(body);
      return {
        tokenName: text200(name),
        role: text200(role),
        ...(typeof days === 'number' && { days }),
        ...(scope === 'wall' && { scope }),
      };
    },
    errors: ['CONFLICT', 'NOT_FOUND'],
    body: { kind: 'json', isRequired: true, schema: NEW_PERSONAL_TOKEN },
    data: NEW_TOKEN_TOLD,
    examples: { body: { name: TOKEN.name, role: TOKEN.role, days: 90 }, data: TOKEN_MADE },
    async answer(manager, { body }, caller) {
      const given = withinOwn(manager, parseNewPersonalToken(objectIn(body)), caller);
      return { data: await manager.tokens.create(given, makerOf(caller)) };
    },
  }),

  defineRoute({
    method: 'DELETE',
    path: '/token/{id}',
    operationId: 'revokeToken',
    tag: 'Tokens',
    summary: 'Revoke a personal API token',
    description:
      "One's own; any as an administrator; by a token none that may do more than it. It ends at once, and with it those that were made with it.",
    role: 'viewer',
    action: 'token.revoke',
    detail({ params: { id = '' } }, { tokens }) {
      const found = tokens.find(id);
      return {
        tokenId: id.slice(0, 20),
        ...(found && { tokenName: found.name, user: found.owner.name, userId: found.owner.id }),
      };
    },
    errors: ['NOT_FOUND', 'CONFLICT'],
    data: {
      type: 'object',
      properties: { revoked: text },
      required: ['revoked'],
      additionalProperties: false,
    },
    examples: { data: { revoked: TOKEN.id } },
    async answer({ tokens }, { params: { id = '' } }, caller) {
      await revokeToken(tokens, id, caller);
      return { data: { revoked: id } };
    },
  }),
];

function text200(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : '';
}

/** Throws FORBIDDEN if a token would create one that ends later. Otherwise a thief could extend the life of a stolen token. */
function withinOwn({ tokens }: DeviceManager, given: NewPersonalToken, { token }: Caller): NewPersonalToken {
  if (token === undefined) return given;
  const ends = Date.parse(tokens.find(token.id)?.expiresAt ?? '');
  const most = Math.floor((ends - Date.now()) / DAY_MS);
  const { days = Math.min(DEFAULT_TOKEN_DAYS, most) } = given;
  if (days >= 1 && days <= most) return { ...given, days };
  throw new TpeError('FORBIDDEN', callReason('token-outlives-maker'), { field: 'days' });
}
