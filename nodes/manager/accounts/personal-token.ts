import type { FromSchema } from 'json-schema-to-ts';
import { ROLES, type Role } from '../shared/role.js';
import { parser } from '../shared/validate.js';
import { text, textOrNull } from '../shared/value-schemas.js';
import { MAX_TOKEN_DAYS_LENGTH, MAX_TOKEN_NAME_LENGTH } from './token-bounds.js';

/** What a person says of a token that is to be made. */
export const NEW_PERSONAL_TOKEN = {
  type: 'object',
  properties: {
    /** What it is for; a person has each name once. */
    name: { type: 'string', minLength: 1, maxLength: MAX_TOKEN_NAME_LENGTH },
    /** At most the one that the person has. */
    role: { enum: ROLES },
    /** From now on; DEFAULT_TOKEN_DAYS where it is left out. */
    days: { type: 'integer', minimum: 1, maximum: MAX_TOKEN_DAYS_LENGTH },
  },
  required: ['name', 'role'],
  additionalProperties: false,
} as const;

export type NewPersonalToken = FromSchema<typeof NEW_PERSONAL_TOKEN>;

/** Throws INVALID_INPUT. */
export const parseNewPersonalToken = parser<NewPersonalToken>(NEW_PERSONAL_TOKEN, 'token');

/** A token that somebody made, as JSON Schema; what it is itself is nowhere. */
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
  required: ['id', 'owner', 'name', 'role', 'roleNow', 'createdAt', 'expiresAt', 'lastUsedAt'],
  additionalProperties: false,
} as const;

/** Times are ISO 8601 in UTC. */
export type PersonalToken = FromSchema<typeof PERSONAL_TOKEN>;

/** The same in the one moment in which it is told. */
export const NEW_TOKEN_TOLD = {
  ...PERSONAL_TOKEN,
  properties: { ...PERSONAL_TOKEN.properties, token: text },
  required: [...PERSONAL_TOKEN.required, 'token'],
} as const;

/** Who acts with a token: its owner, who may do no more by it than either of them may now. */
export interface TokenHolder {
  accountId: string;
  name: string;
  role: Role;
  tokenId: string;
  tokenName: string;
}

/** Who makes a token: an account, and the role that it has in this moment, at this place. */
export interface TokenMaker {
  id: string;
  role: Role;
  /** The token that it is made with: what is made goes when that goes. Left out: by somebody who signed in. */
  tokenId?: string;
}

/** The tokens of all people. What returns a promise rejects with UNAVAILABLE while the database is away. */
export interface PersonalTokens {
  /** In the order in which they were made; also those that ended within the last month. */
  list(): Promise<PersonalToken[]>;
  /** The same of one account. */
  listOf(accountId: string): Promise<PersonalToken[]>;
  /** As last read; null when there is none. */
  find(id: string): PersonalToken | null;
  /**
   * `token` is told here and never again. INVALID_INPUT, FORBIDDEN for a role above that of the maker, NOT_FOUND for a maker who is
   * gone, CONFLICT for a name that another token of the maker has, and for too many.
   */
  create(given: NewPersonalToken, maker: TokenMaker): Promise<PersonalToken & { token: string }>;
  /** Ends it at once. `ownerId`: only where it belongs to that account; null: whoever owns it. NOT_FOUND. */
  revoke(id: string, ownerId: string | null): Promise<void>;
  /** Who acts with it; null where it does not count. Asks no database, and notes the use behind the call. */
  check(token: string): TokenHolder | null;
}

export interface PersonalTokensKeeper extends PersonalTokens {
  /** Reads all again. */
  reload(): Promise<void>;
}
