import type { FromSchema } from 'json-schema-to-ts';
import type { ClusterMessage } from '../cluster/messages.js';
import type { Queryable } from '../database/database.js';
import { ID_CURSOR, type Page } from '../shared/page.js';
import type { Reason } from '../shared/reason.js';
import { parser } from '../shared/validate.js';
import { digits, objectOf, text, textOrNull, time, timeOrNull } from '../shared/value-schemas.js';

/** What a stop can be of. */
export const STOP_SCOPES = ['fleet', 'site', 'model', 'job'] as const;
export type StopScope = (typeof STOP_SCOPES)[number];

/** Where slots are counted; `set` is a redundancy set: gateways that stand in for each other. */
export const GUARD_SCOPES = ['fleet', 'site', 'model', 'set'] as const;
export type GuardScope = (typeof GUARD_SCOPES)[number];

/** Who can hold a slot. */
export const OWNER_KINDS = ['command', 'installation', 'execution', 'flow'] as const;
export type OwnerKind = (typeof OWNER_KINDS)[number];

const MAX_VALUE_LENGTH = 200;
const MAX_REASON_LENGTH = 500;
/** The most gateways that may be disturbed at once, since each take of a slot reads all that are held. */
const MOST_AT_ONCE = 10_000;
const MAX_PAGE = 500;

const limit = { type: 'integer', minimum: 1, maximum: MAX_PAGE, description: 'Default 50.' } as const;
const value = { type: 'string', minLength: 1, maxLength: MAX_VALUE_LENGTH } as const;

/** JSON Schema of a new stop. */
export const NEW_STOP = {
  type: 'object',
  properties: {
    scope: { enum: STOP_SCOPES },
    value: { ...value, description: 'The site, the model or the id of the job. Left out for the fleet.' },
    reason: {
      type: 'string',
      maxLength: MAX_REASON_LENGTH,
      description: 'May be empty: who stops is in a hurry.',
    },
  },
  required: ['scope', 'reason'],
  additionalProperties: false,
} as const;
export type NewStop = FromSchema<typeof NEW_STOP>;
/** Checks a new stop, apart from whether it needs a value. Throws INVALID_INPUT. */
export const parseNewStop = parser<NewStop>(NEW_STOP, 'stop');

/** JSON Schema of a Stop. */
export const STOP = objectOf({
  id: digits,
  scope: { enum: STOP_SCOPES },
  value: { ...textOrNull, description: 'The site, the model or the id of the job; null for the fleet.' },
  reason: text,
  createdBy: text,
  createdAt: time,
  liftedBy: textOrNull,
  liftedAt: timeOrNull,
});
/** A stop, which lets nothing pass but reads until it is lifted. Times are ISO 8601 in UTC. */
export type Stop = FromSchema<typeof STOP>;

/** JSON Schema of a StopQuery. */
export const STOP_QUERY = {
  type: 'object',
  properties: { includeLifted: { type: 'boolean' }, before: ID_CURSOR, limit },
  additionalProperties: false,
} as const;
export type StopQuery = FromSchema<typeof STOP_QUERY>;
export const parseStopQuery = parser<StopQuery>(STOP_QUERY, 'query');

/** JSON Schema of a limit to be set. */
export const NEW_LIMIT = {
  type: 'object',
  properties: {
    scope: { enum: GUARD_SCOPES },
    value: {
      type: 'string',
      maxLength: MAX_VALUE_LENGTH,
      description: 'The site, model or redundancy set; empty for the default of all, and for the fleet.',
    },
    max: {
      type: ['integer', 'null'],
      minimum: 1,
      maximum: MOST_AT_ONCE,
      description: 'How many gateways may be disturbed at once; null: as it is without this limit.',
    },
  },
  required: ['scope', 'value', 'max'],
  additionalProperties: false,
} as const;
export type NewLimit = FromSchema<typeof NEW_LIMIT>;
/** Checks a limit. Throws INVALID_INPUT. */
export const parseNewLimit = parser<NewLimit>(NEW_LIMIT, 'limit');

/** JSON Schema of a Limit. */
export const LIMIT = objectOf({
  scope: { enum: GUARD_SCOPES },
  value: { ...text, description: 'Empty for the default of all, and for the fleet.' },
  max: {
    type: ['integer', 'null'],
    description: 'Null: no limit, or for sites a fifth of their gateways, at least 1.',
  },
  setBy: { ...textOrNull, description: 'Null: built in.' },
  setAt: timeOrNull,
});
/** How many gateways of a scope may be disturbed at once. */
export type Limit = FromSchema<typeof LIMIT>;

/** JSON Schema of a HoldOwner. */
export const HOLD_OWNER = objectOf({
  kind: { enum: OWNER_KINDS },
  id: { type: 'string', minLength: 1, maxLength: MAX_VALUE_LENGTH },
});
/** Whose work disturbs the gateway: its kind, and its id as that room has it. */
export type HoldOwner = FromSchema<typeof HOLD_OWNER>;

/** JSON Schema of a Hold. */
export const HOLD = objectOf({
  id: digits,
  clientid: text,
  owner: HOLD_OWNER,
  site: text,
  model: text,
  redundancy: text,
  state: {
    enum: ['held', 'settling'],
    description: '`settling`: the work has ended, but the gateway is not well again.',
  },
  since: time,
  endedAt: timeOrNull,
  stuckSince: {
    ...timeOrNull,
    description: 'Since when nobody waits any longer for it to become well by itself.',
  },
});
/** A slot that a gateway holds. Site, model and redundancy set are as they were when it was taken; empty for none. */
export type Hold = FromSchema<typeof HOLD>;

/** JSON Schema of a HoldQuery. */
export const HOLD_QUERY = {
  type: 'object',
  properties: { scope: { enum: GUARD_SCOPES }, value, before: ID_CURSOR, limit },
  additionalProperties: false,
} as const;
export type HoldQuery = FromSchema<typeof HOLD_QUERY>;
export const parseHoldQuery = parser<HoldQuery>(HOLD_QUERY, 'query');

/** JSON Schema of what releases a slot. */
export const RELEASE = {
  type: 'object',
  properties: {
    clientid: value,
    owner: HOLD_OWNER,
    reason: { type: 'string', minLength: 1, maxLength: MAX_REASON_LENGTH, pattern: '\\S' },
  },
  required: ['clientid', 'owner', 'reason'],
  additionalProperties: false,
} as const;
export type Release = FromSchema<typeof RELEASE>;
export const parseRelease = parser<Release>(RELEASE, 'release');

/** How many gateways of a scope somebody would disturb at once. */
export interface Asked {
  scope: GuardScope;
  /** Empty for the fleet. */
  value: string;
  count: number;
}

/** What is asked, and the fewer that are allowed. */
export interface Allowed extends Asked {
  max: number;
}

/** Who wants a slot for a gateway. */
export interface SlotRequest {
  clientid: string;
  owner: HoldOwner;
}

/** Why somebody got no slot. */
export interface SlotRefusal {
  scope: GuardScope;
  /** Empty for the fleet. */
  value: string;
  max: number;
  /** The first three gateways that hold a slot of the scope. */
  holders: Pick<Hold, 'clientid' | 'owner' | 'state' | 'since' | 'stuckSince'>[];
  /** The first three gateways of a redundancy set that are not connected; `since` is null for one that never was. */
  away: { clientid: string; since: string | null }[];
  reason: Reason;
}

/** Null: the slot is held now. */
export type SlotAnswer = SlotRefusal | null;

/**
 * How the work of an owner has ended. `never-sent`: nothing reached the gateway. `done`: it answered, and does not restart. `restarts`: it
 * restarts, or may. `unknown`: nobody knows what it does now.
 */
export type SlotEnd = 'never-sent' | 'done' | 'restarts' | 'unknown';

/** What has changed: see `onChanged`. */
export type GuardNews = 'stops' | 'limits' | 'holds';

export interface GuardCounts {
  /** Active stops. */
  stops: number;
  /** Distinct gateways, sites, models and redundancy sets with a slot. */
  fleet: number;
  site: number;
  model: number;
  set: number;
  /** Slots of gateways that have not become well again. */
  stuck: number;
}

/**
 * Stands under all that sends: stops hold whatever may change a gateway, and slots limit how many gateways are disturbed at once. All of it
 * is in the database, whose clock counts. Methods reject with UNAVAILABLE while it cannot be reached.
 */
export interface Guard {
  /**
   * Stops all that is not a read, for a scope. When it resolves, no statement that looks for stops by STOP_OF commits any more without having
   * found it. Resolves with the stop that is active, which may be one from before. Rejects with INVALID_INPUT.
   */
  stop(stop: NewStop, by: string): Promise<Stop>;
  /** Lifts a stop. Rejects with NOT_FOUND, or with CONFLICT if it was lifted already. */
  lift(id: string, by: string): Promise<Stop>;
  /** Lists stops, the newest first; those that were lifted too, if asked. */
  stops(query: StopQuery): Promise<Page<Stop>>;
  activeStops(): Promise<Stop[]>;
  /** The oldest active stop of a gateway, or of the job by which something is done to it; null if there is none. */
  stopOf(clientid: string, job?: string | null): Promise<Stop | null>;
  /** Takes a slot for a gateway in a transaction of its own. Who holds it already keeps it. A gateway that holds one needs no other. */
  take(request: SlotRequest): Promise<SlotAnswer>;
  /**
   * Takes slots in a transaction of the caller, `most` at most (default: all); the answers are in the order of the requests, of which the
   * first come first, and are fewer where those that come then are not wanted any more. Call it once in a transaction, which then has all
   * other takers wait until it ends, and call `holdsChanged` after its commit.
   */
  takeMany(transaction: Queryable, requests: readonly SlotRequest[], most?: number): Promise<SlotAnswer[]>;
  /** Tells everybody that slots were taken. */
  holdsChanged(): void;
  /** The work of an owner has ended, for all its gateways. Slots come back when the gateway is well again. Does nothing the second time. */
  ended(owner: HoldOwner, how: SlotEnd): Promise<void>;
  /** Lists slots that are held, the newest first. Rejects with INVALID_INPUT. */
  holds(query: HoldQuery): Promise<Page<Hold>>;
  /**
   * Gives back a slot whatever the gateway does, and resolves with it. Rejects with NOT_FOUND, or INVALID_INPUT without a reason, which
   * the caller's audit keeps.
   */
  release(release: Release): Promise<Hold>;
  /** The defaults of all scopes, then the limits of single sites, models and sets. */
  limits(): Promise<Limit[]>;
  /** Of what is asked, where the limits allow fewer, whatever slots are held now. */
  fewerAllowed(asked: readonly Asked[]): Promise<Allowed[]>;
  /** Sets a limit; all that is taken after it resolves goes by it. Rejects with INVALID_INPUT. */
  setLimit(limit: NewLimit, by: string): Promise<void>;
  counts(): Promise<GuardCounts>;
  /** Call it when the presence of a gateway has changed. */
  gatewayChanged(clientid: string): void;
  /** Applies the items of a cluster message of the kind `guard`. */
  changedElsewhere(items: ClusterMessage['items']): void;
  /** Begins to give back slots of gateways that are well again. */
  start(): void;
  /** Gives back what can be given back now, if it is this manager's turn; never rejects. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}
