import type { FromSchema } from 'json-schema-to-ts';
import { ROLES, type Role } from '../shared/role.js';
import { parser } from '../shared/validate.js';
import { text, textOrNull } from '../shared/value-schemas.js';
import { MAX_TOKEN_DAYS_LENGTH, MAX_TOKEN_NAME_LENGTH } from './token-bounds.js';
import { TOKEN_SCOPES, type TokenScope } from './token-scope.js';

/** What a person says about a new token. */
export const NEW_PERSONAL_TOKEN = {
  type: 'object',
  properties: {
    /** What it is for; a person has each name only once. */
    name: { type: 'string', minLength: 1, maxLength: MAX_TOKEN_NAME_LENGTH },
    /** At most the role of the person. */
    role: { enum: ROLES },
    /** `rest` if left out; a token for the wall page has the role viewer. */
    scope: { enum: TOKEN_SCOPES },
    /** Lifetime from now on; DEFAULT_TOKEN_DAYS if left out. */
    days: { type: 'integer', minimum: 1, maximum: MAX_TOKEN_DAYS_LENGTH },
  },
  required: ['name', 'role'],
  additionalProperties: false,
} as const;

export type NewPersonalToken = FromSchema<typeof NEW_PERSONAL_TOKEN>;

/** Checks what a person says about a new token. Throws INVALID_INPUT. */
export const parseNewPersonalToken = parser<NewPersonalToken>(NEW_PERSONAL_TOKEN, 'token');

/** JSON Schema of a token that a person has created. It does not contain the token itself. */
export const PERSONAL_TOKEN = {
  type: 'object',
  properties: {
    /** Decimal digits. */
    id: text,
    owner: {
      type: 'object',
      properties: { id: text, name: text },
      required: ['id', 'name'],
      additionalProperties: false,
    },
    name: text,
    scope: {
      enum: TOKEN_SCOPES,
      description: 'What it opens: REST, or the wall page of the dashboard and nothing else.',
    },
    role: { enum: ROLES, description: 'What it was made for.' },
    roleNow: {
      enum: [...ROLES, null],
      description:
        'What it may do now: no more than its owner; null: nothing, since it has ended, or its owner is disabled.',
    },
    createdAt: text,
    expiresAt: text,
    lastUsedAt: { ...textOrNull, description: 'Written once a minute.' },
  },
  required: ['id', 'owner', 'name', 'scope', 'role', 'roleNow', 'createdAt', 'expiresAt', 'lastUsedAt'],
  additionalProperties: false,
} as const;

/** Times are ISO 8601 in UTC. */
export type PersonalToken = FromSchema<typeof PERSONAL_TOKEN>;

/** The same with the token itself, for the one answer that tells it. */
export const NEW_TOKEN_TOLD = {
  ...PERSONAL_TOKEN,
  properties: { ...PERSONAL_TOKEN.properties, token: text },
  required: [...PERSONAL_TOKEN.required, 'token'],
} as const;

/** The person who acts with a token. `role` is the lower one of the token's and the owner's role now. */
export interface TokenHolder {
  accountId: string;
  name: string;
  role: Role;
  tokenId: string;
  tokenName: string;
  scope: TokenScope;
}

/** The account that creates a token, with the role that it has at this moment. */
export interface TokenMaker {
  id: string;
  role: Role;
  /** Id of the token with which it is created; the new token goes when that one is removed. Left out for a person who has signed in. */
  tokenId?: string;
}

/** The tokens of all people. Methods that return a promise reject with UNAVAILABLE while the database is away. */
export interface PersonalTokens {
  /** All tokens in the order of their creation, including those that expired within the last month. */
  list(): Promise<PersonalToken[]>;
  /** The tokens of one account. */
  listOf(accountId: string): Promise<PersonalToken[]>;
  /** A token as last read; null if there is none. */
  find(id: string): PersonalToken | null;
  /**
   * Creates a token. `token` is returned here and never again. Rejects with INVALID_INPUT, also for a role above viewer on the wall page,
   * with FORBIDDEN for a role above that of the maker, NOT_FOUND when the maker is gone, and CONFLICT for a name that another token of the maker has or for too many tokens.
   */
  create(given: NewPersonalToken, maker: TokenMaker): Promise<PersonalToken & { token: string }>;
  /** Ends a token at once. With an `ownerId`, only if it belongs to that account; with null, whoever owns it. Rejects with NOT_FOUND. */
  revoke(id: string, ownerId: string | null): Promise<void>;
  /** The holder of a token; null if it is not valid. Reads memory only, and notes the use of the token afterwards. */
  check(token: string): TokenHolder | null;
}

export interface PersonalTokensKeeper extends PersonalTokens {
  /** Reads all tokens again. */
  reload(): Promise<void>;
}
