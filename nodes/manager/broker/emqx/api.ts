import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { ipAddress } from '../../shared/ip-address.js';
import { someAtOnce } from '../../shared/some-at-once.js';
import { asTpeError, TpeError } from '../../shared/tpe-error.js';
import type { BrokerClient, BrokerClientPage, BrokerMessage, BrokerNode, PublishReceipt } from '../broker.js';
import { wasNotSent } from './http-client.js';

/** The REST API of EMQX in one version. Calls reject with UNAVAILABLE and BUSY, as `EmqxHttp.call` does. */
export interface EmqxApi {
  readonly major: 4 | 5;
  /** For people: `EMQX 5.8.9`. */
  readonly name: string;
  /** Rejects only if nothing was sent, so that the caller may try another node. */
  publish(message: BrokerMessage): Promise<PublishReceipt>;
  /** Publishes at least one message in one call. If the call fails, the receipt of each message says so. Rejects as publish does. */
  publishTogether(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]>;
  listClients(limit: number, cursor: string | null): Promise<BrokerClientPage>;
  getClient(clientid: string): Promise<BrokerClient | null>;
  /** Reads the nodes of its cluster; empty if the key may not see them. */
  listNodes(): Promise<BrokerNode[]>;
  /** Ends the client's session; false if it had none. */
  kick(clientid: string): Promise<boolean>;
  ban(clientid: string): Promise<void>;
  /** Lifts the bans that this manager set for these clients, and no others. */
  unban(clientids: readonly string[]): Promise<void>;
}

/** The name under which this manager bans and publishes. Its own bans are recognised by it. */
export const OUR_NAME = 'tpedm';
export const BAN_REASON = 'retired in the device manager';
/** The end of a ban that is meant to have none, since EMQX needs one. */
export const FAR_AHEAD = '2999-12-31T23:59:59+00:00';
/** The most client ids that are looked up one by one among the bans, and the most calls that forEach makes at once. */
export const FEW = 10;
/** The number of bans on one page: EMQX 5.0 has no larger pages. */
export const PAGE_OF_BANS = 1000;

/**
 * Escapes a client id for use as one level of a path. Null for `.` and `..`: a URL resolves them however they are escaped, so the request
 * would reach another call. No gateway can be registered with them, but the database of an older TPEDM may have them.
 */
export function pathOf(clientid: string): string | null {
  return clientid === '.' || clientid === '..' ? null : encodeURIComponent(clientid);
}

/** False for a text that no MQTT client can have as its client id, so EMQX need not be asked for it. */
export function canExist(clientid: string): boolean {
  return clientid !== '' && clientid.isWellFormed() && !clientid.includes('\u0000');
}

/** Creates the error for a call that needs the client id in its path, when the id cannot stand there. `what` completes "EMQX cannot". */
export function notByPath(what: string, clientid: string): TpeError {
  return new TpeError(
    'UNAVAILABLE',
    `EMQX cannot ${what} a client named "${clientid}", since its name cannot stand in a URL: give the gateway another client id.`,
  );
}

/**
 * Does the work for each client id, a few at a time so that other calls get their turn. A failure does not stop the rest; at the end it
 * rejects with the first one.
 */
export async function forEach(
  clientids: Iterable<string>,
  work: (clientid: string) => Promise<unknown>,
): Promise<void> {
  const faults: unknown[] = [];
  await someAtOnce(clientids, FEW, (clientid) => work(clientid).catch((error) => void faults.push(error)));
  if (faults.length > 0) throw faults[0];
}

/** The next page of a list. The size belongs to it, since a caller may change the limit between two calls. */
export interface PageCursor {
  page: number;
  limit: number;
}

/** Writes the cursor as a text that readPageCursor reads. */
export function writePageCursor({ page, limit }: PageCursor): string {
  return `page ${page} of ${limit}`;
}

/** Reads a text of writePageCursor; null for any other text. */
export function readPageCursor(text: string): PageCursor | null {
  const [, page, limit] = /^page (\d{1,9}) of (\d{1,5})$/.exec(text) ?? [];
  return page === undefined || limit === undefined ? null : { page: Number(page), limit: Number(limit) };
}

/** Makes the receipt of a call that failed but may have reached EMQX. Throws the error if the call certainly did not reach it. */
export function unlessUnsent(error: unknown): PublishReceipt {
  if (wasNotSent(error)) throw error;
  return refused(error);
}

/** Makes the receipt of a call that failed. */
export function refused(error: unknown): PublishReceipt {
  return { accepted: false, reason: asTpeError(error).reason };
}

/** Converts a client as EMQX of any version describes it. `connectedAt` is ms since the epoch, null if unknown. */
export function toBrokerClient(
  item: { clientid: string; connected: boolean } & Record<string, unknown>,
  connectedAt: number | null,
): BrokerClient {
  return {
    clientid: item.clientid,
    connected: item.connected,
    connectedAt,
    username: textOf(item.username),
    ipAddress: ipAddress(textOf(item.ip_address)),
    port: numberOf(item.port),
    protocolVersion: numberOf(item.proto_ver),
    keepalive: numberOf(item.keepalive),
    cleanStart: typeof item.clean_start === 'boolean' ? item.clean_start : null,
    node: textOf(item.node),
  };
}

/** Returns a text, or null for anything else and for Erlang's `undefined`, which arrives as a text. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== 'undefined' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A client. It checks only the properties that are required, so that an odd value of another does not reject the client. */
export const CLIENT = {
  type: 'object',
  required: ['clientid', 'connected'],
  properties: {
    clientid: { type: 'string', minLength: 1 },
    connected: { type: 'boolean' },
  },
} as const;

/** The items of a list of clients. It accepts any object, so that one item that is no client does not reject the list. */
export const CLIENT_ITEMS = { type: 'array', items: { type: 'object' } } as const;

export type ClientItem = FromSchema<typeof CLIENT>;

export const isClient = guard<FromSchema<typeof CLIENT>>(CLIENT);

/** Picks the clients out of the items. Null if there are items but no client among them: then it is no list of clients. */
export function clientsIn(items: readonly unknown[]): ClientItem[] | null {
  const clients = items.filter((item) => isClient(item));
  return items.length > 0 && clients.length === 0 ? null : clients;
}

export const BAN = {
  type: 'object',
  required: ['as', 'who'],
  properties: { as: { type: 'string' }, who: { type: 'string' }, by: {} },
} as const;
