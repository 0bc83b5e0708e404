import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import type { BrokerClientPage } from '../broker.js';
import {
  CLIENT_ITEMS,
  type ClientItem,
  canExist,
  clientsIn,
  type EmqxApi,
  isClient,
  notByPath,
  pathOf,
  readPageCursor,
  toBrokerClient,
  writePageCursor,
} from './api.js';
import { bansV5 } from './bans-v5.js';
import { get, isDone, META, post, remove } from './calls-v5.js';
import { isComplaint } from './error-text.js';
import type { EmqxHttp } from './http-client.js';
import { EMQX_NODE, toBrokerNodes } from './nodes.js';
import { publishingV5 } from './publish-v5.js';

const CLIENTS = {
  type: 'object',
  required: ['data', 'meta'],
  properties: { data: CLIENT_ITEMS, meta: META },
} as const;
const NODES = { type: 'array', minItems: 1, items: EMQX_NODE } as const;
const STATUS = {
  type: 'object',
  required: ['rel_vsn'],
  properties: { rel_vsn: { type: 'string', maxLength: 100 } },
} as const;
const isClients = guard<FromSchema<typeof CLIENTS>>(CLIENTS);
const isNodes = guard<FromSchema<typeof NODES>>(NODES);
const isStatus = guard<FromSchema<typeof STATUS>>(STATUS);

/** The fields that the list should have. EMQX before 5.6 ignores this and sends all fields. */
const FIELDS =
  'clientid,username,connected,connected_at,ip_address,port,proto_ver,keepalive,clean_start,node';
/** The largest page of the list without a cursor: EMQX 5.0 refuses larger ones. */
const MAX_PAGE = 1000;
/** Marks our cursors that hold one of EMQX's own. */
const AT = 'at ';
/**
 * Checks whether EMQX 5 or 6 answers, with its REST API v5. Null if something else answers. Rejects with UNAVAILABLE if nothing answers or
 * the key is refused.
 */
export async function probeV5(http: EmqxHttp): Promise<EmqxApi | null> {
  const { status, body } = await http.call(get('/nodes', [200, 403, 404]));
  if (status === 200 && isNodes(body)) {
    const version = body.find((node) => node.version !== undefined)?.version;
    return createV5(http, version ?? '5');
  }
  // A key with limited rights may not see the nodes.
  return status === 403 && isComplaint(body) ? createV5(http, await statedVersion(http)) : null;
}

async function statedVersion(http: EmqxHttp): Promise<string> {
  const { body } = await http.call(get('/status?format=json', [200, 404]));
  return isStatus(body) ? body.rel_vsn.replace(/^[ve]/, '') : '5 or later';
}

function createV5(http: EmqxHttp, version: string): EmqxApi {
  /** False before EMQX 5.7. The list with a cursor misses no client even if others come and go between two pages. */
  let hasCursors = true;

  async function listFrom(at: string | null, limit: number): Promise<BrokerClientPage | null> {
    const from = at === null ? '' : `&cursor=${encodeURIComponent(at)}`;
    const call = get(`/clients_v2?fields=${FIELDS}&limit=${limit}${from}`, [200, 404]);
    const { status, body } = await http.call(call);
    if (status === 404) return null;
    const clients = isClients(body) ? clientsIn(body.data) : null;
    if (clients === null || !isClients(body)) throw http.senseless(call, status);
    const next = body.meta.cursor;
    return { clients: clients.map(toClient), next: next === undefined ? null : `${AT}${next}` };
  }

  async function listPage(page: number, limit: number): Promise<BrokerClientPage> {
    const call = get(`/clients?fields=${FIELDS}&page=${page}&limit=${limit}`, [200]);
    const { status, body } = await http.call(call);
    const clients = isClients(body) ? clientsIn(body.data) : null;
    if (clients === null || !isClients(body)) throw http.senseless(call, status);
    const hasNext = body.meta.hasnext === true && body.data.length > 0;
    return {
      clients: clients.map(toClient),
      next: hasNext ? writePageCursor({ page: page + 1, limit }) : null,
    };
  }

  async function getClient(clientid: string) {
    if (!canExist(clientid)) return null;
    const path = pathOf(clientid);
    if (path === null) return await findClient(clientid);
    const call = get(`/clients/${path}`, [200, 404]);
    const answer = await http.call(call);
    if (!isDone(http, call, answer)) return null;
    if (!isClient(answer.body)) throw http.senseless(call, answer.status);
    return toClient(answer.body);
  }

  /** Finds the client by the filter of the list, which is slower: EMQX reads the whole list for it. */
  async function findClient(clientid: string) {
    const call = get(`/clients?fields=${FIELDS}&limit=10&clientid=${encodeURIComponent(clientid)}`, [200]);
    const { status, body } = await http.call(call);
    if (!isClients(body)) throw http.senseless(call, status);
    const item = clientsIn(body.data)?.find((one) => one.clientid === clientid);
    return item === undefined ? null : toClient(item);
  }

  async function kick(clientid: string): Promise<boolean> {
    if (!canExist(clientid)) return false;
    const path = pathOf(clientid);
    if (path === null) return await kickUnnamed(clientid);
    const call = remove(`/clients/${path}`);
    return isDone(http, call, await http.call(call));
  }

  /** Ends the session of a client whose id cannot stand in a path, by the call for many clients that EMQX has since 5.1. */
  async function kickUnnamed(clientid: string): Promise<boolean> {
    if ((await findClient(clientid)) === null) return false;
    const { status } = await post(http, '/clients/kickout/bulk', [clientid], [200, 204, 400, 404, 405]);
    if (status >= 400) throw notByPath('end the session of', clientid);
    return true;
  }

  return {
    major: 5,
    name: `EMQX ${version}`,
    ...publishingV5(http),
    async listClients(limit, cursor) {
      const at = cursor?.startsWith(AT) ? cursor.slice(AT.length) : null;
      const page = cursor === null ? null : readPageCursor(cursor);
      if (hasCursors && page === null) {
        const found = await listFrom(at, limit);
        if (found !== null) return found;
        hasCursors = false;
      }
      return await listPage(page?.page ?? 1, page?.limit ?? Math.min(limit, MAX_PAGE));
    },
    getClient,
    async listNodes() {
      const askedAt = performance.now();
      const call = get('/nodes', [200, 403]);
      const { status, body } = await http.call(call);
      if (status === 403 && isComplaint(body)) return [];
      if (!isNodes(body)) throw http.senseless(call, status);
      return toBrokerNodes(body, askedAt);
    },
    kick,
    ...bansV5(http, kick),
  };
}

function toClient(item: ClientItem) {
  const connectedAt = typeof item.connected_at === 'string' ? Date.parse(item.connected_at) : Number.NaN;
  return toBrokerClient(item, Number.isNaN(connectedAt) ? null : connectedAt);
}
