import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { ipAddress } from '../../shared/ip-address.js';
import { someAtOnce } from '../../shared/some-at-once.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import type { BrokerClient, BrokerClientPage, BrokerMessage, BrokerNode, PublishReceipt } from '../broker.js';
import { wasNotSent } from './http-client.js';

/** One EMQX's REST API, of a version. Calls reject with UNAVAILABLE and BUSY, as `EmqxHttp.call` does. */
export interface EmqxApi {
  readonly major: 4 | 5;
  /** For people: `EMQX 5.8.9`. */
  readonly name: string;
  /** Rejects only where nothing was sent, so that another node may be asked. */
  publish(message: BrokerMessage): Promise<PublishReceipt>;
  /** The same of at least one message, in one call: a fault of the call is the fault of each. */
  publishTogether(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]>;
  listClients(limit: number, cursor: string | null): Promise<BrokerClientPage>;
  getClient(clientid: string): Promise<BrokerClient | null>;
  /** Of its cluster; none where the key may not see them. */
  listNodes(): Promise<BrokerNode[]>;
  /** Ends its session; false when there was none. */
  kick(clientid: string): Promise<boolean>;
  ban(clientid: string): Promise<void>;
  /** Lifts the bans that are ours, and no others. */
  unban(clientids: readonly string[]): Promise<void>;
}

/** Who bans, as EMQX lists it. */
export const OUR_NAME = 'tpedm';
export const BAN_REASON = 'retired in the device manager';
/** A ban has an end in EMQX: this is none. */
export const FAR_AHEAD = '2999-12-31T23:59:59+00:00';
/** So few client ids are looked up one by one among the bans; for more, all bans are read. */
export const FEW = 10;
/** Bans on one page: EMQX 5.0 has no larger ones. */
export const PAGE_OF_BANS = 1000;

/**
 * One client id as one part of a path; null for those that a URL takes for a way up, however they are escaped, so that they
 * would reach another call. They are no client ids of gateways any more, but a database that was taken over may have them.
 */
export function pathOf(clientid: string): string | null {
  return clientid === '.' || clientid === '..' ? null : encodeURIComponent(clientid);
}

/** False for what no client of MQTT can be called, so that nobody need be asked for it. */
export function canExist(clientid: string): boolean {
  return clientid !== '' && clientid.isWellFormed() && !clientid.includes('\u0000');
}

/** For the few things that EMQX can only do by a path. */
export function notByPath(what: string, clientid: string): TpeError {
  return new TpeError(
    'UNAVAILABLE',
    `EMQX cannot ${what} a client named "${clientid}", since its name cannot stand in a URL: give the gateway another client id.`,
  );
}

/**
 * A few at a time, so that thousands do not keep other calls from their turn. What fails for one is its fault alone: the others
 * are worked on, and then it rejects with the first fault.
 */
export async function forEach(
  clientids: Iterable<string>,
  work: (clientid: string) => Promise<unknown>,
): Promise<void> {
  const faults: unknown[] = [];
  await someAtOnce(clientids, FEW, (clientid) => work(clientid).catch((error) => void faults.push(error)));
  if (faults.length > 0) throw faults[0];
}

/** Where the next page begins: its number and its size, since the size of a page may change between two calls. */
export interface PageCursor {
  page: number;
  limit: number;
}

export function writePageCursor({ page, limit }: PageCursor): string {
  return `page ${page} of ${limit}`;
}

/** Null for a text that is no such cursor. */
export function readPageCursor(text: string): PageCursor | null {
  const [, page, limit] = /^page (\d{1,9}) of (\d{1,5})$/.exec(text) ?? [];
  return page === undefined || limit === undefined ? null : { page: Number(page), limit: Number(limit) };
}

/** The receipt of a call that failed, though it may have been heard; throws the error of one that certainly was not. */
export function unlessUnsent(error: unknown): PublishReceipt {
  if (wasNotSent(error)) throw error;
  return refused(error);
}

/** The receipt of a call that failed as a whole. */
export function refused(error: unknown): PublishReceipt {
  return { accepted: false, reason: messageOf(error) };
}

/** What EMQX says of a client, in the spelling of all its versions. */
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

/** Erlang's word for nothing reaches us as text. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== 'undefined' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A client. One odd property must not spoil it, so only what names it is asked for. */
export const CLIENT = {
  type: 'object',
  required: ['clientid', 'connected'],
  properties: {
    clientid: { type: 'string', minLength: 1 },
    connected: { type: 'boolean' },
  },
} as const;

/** What stands in a list of clients; an item that is no client must not spoil the list. */
export const CLIENT_ITEMS = { type: 'array', items: { type: 'object' } } as const;

export type ClientItem = FromSchema<typeof CLIENT>;

export const isClient = guard<FromSchema<typeof CLIENT>>(CLIENT);

/** The clients among the items; null where there are items, but no clients: then it is no list of clients. */
export function clientsIn(items: readonly unknown[]): ClientItem[] | null {
  const clients = items.filter((item) => isClient(item));
  return items.length > 0 && clients.length === 0 ? null : clients;
}

export const BAN = {
  type: 'object',
  required: ['as', 'who'],
  properties: { as: { type: 'string' }, who: { type: 'string' }, by: {} },
} as const;
