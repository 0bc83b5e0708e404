import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { BrokerClientPage, BrokerMessage, PublishReceipt } from '../broker.js';
import {
  BAN,
  BAN_REASON,
  CLIENT_ITEMS,
  type ClientItem,
  canExist,
  clientsIn,
  type EmqxApi,
  FAR_AHEAD,
  FEW,
  forEach,
  isClient,
  notByPath,
  OUR_NAME,
  PAGE_OF_BANS,
  pathOf,
  readPageCursor,
  refused,
  toBrokerClient,
  unlessUnsent,
  writePageCursor,
} from './api.js';
import { complaintWords, isComplaint } from './error-text.js';
import type { EmqxAnswer, EmqxCall, EmqxHttp } from './http-client.js';
import { EMQX_NODE, toBrokerNodes } from './nodes.js';

const META = {
  type: 'object',
  properties: { hasnext: { type: 'boolean' }, cursor: { type: 'string', minLength: 1 } },
} as const;
const CLIENTS = {
  type: 'object',
  required: ['data', 'meta'],
  properties: { data: CLIENT_ITEMS, meta: META },
} as const;
const BANS = {
  type: 'object',
  required: ['data', 'meta'],
  properties: { data: { type: 'array', items: BAN }, meta: META },
} as const;
const NODES = { type: 'array', minItems: 1, items: EMQX_NODE } as const;
const STATUS = {
  type: 'object',
  required: ['rel_vsn'],
  properties: { rel_vsn: { type: 'string', maxLength: 100 } },
} as const;
const RECEIPT = {
  type: 'object',
  minProperties: 1,
  properties: { id: { type: 'string' }, reason_code: { type: 'integer' } },
} as const;
const RECEIPTS = { type: 'array', items: RECEIPT } as const;

const isClients = guard<FromSchema<typeof CLIENTS>>(CLIENTS);
const isBan = guard<FromSchema<typeof BAN>>(BAN);
const isBans = guard<FromSchema<typeof BANS>>(BANS);
const isNodes = guard<FromSchema<typeof NODES>>(NODES);
const isStatus = guard<FromSchema<typeof STATUS>>(STATUS);
const isReceipt = guard<FromSchema<typeof RECEIPT>>(RECEIPT);
const isReceipts = guard<FromSchema<typeof RECEIPTS>>(RECEIPTS);

const API = '/api/v5';
/** Since 5.6; older ones send all of a client, whatever is asked for. */
const FIELDS =
  'clientid,username,connected,connected_at,ip_address,port,proto_ver,keepalive,clean_start,node';
/** EMQX 5.0 refuses larger ones. */
const LONGEST_PAGE = 1000;
const AT = 'at ';
/** MQTT 5, 3.4.2.1. */
const NO_MATCHING_SUBSCRIBERS = 16;

/**
 * Asks whether EMQX 5 or 6 is there, with its REST API v5. Null when something else answers; rejects when nothing
 * does, or when it refuses the key.
 */
export async function probeV5(http: EmqxHttp): Promise<EmqxApi | null> {
  const { status, body } = await http.call(get('/nodes', [200, 403, 404]));
  if (status === 200 && isNodes(body)) {
    const version = body.find((node) => node.version !== undefined)?.version;
    return createV5(http, version ?? '5');
  }
  // A key of few rights may not see the nodes.
  return status === 403 && isComplaint(body) ? createV5(http, await statedVersion(http)) : null;
}

async function statedVersion(http: EmqxHttp): Promise<string> {
  const { body } = await http.call(get('/status?format=json', [200, 404]));
  return isStatus(body) ? body.rel_vsn.replace(/^[ve]/, '') : '5 or later';
}

function createV5(http: EmqxHttp, version: string): EmqxApi {
  /** The list with a cursor came with 5.7. It loses nobody when clients come and go between two pages. */
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

  async function post(path: string, body: unknown, understands: readonly number[]) {
    const call: EmqxCall = { method: 'POST', path: `${API}${path}`, body, isRepeatable: false, understands };
    return { call, ...(await http.call(call)) };
  }

  async function publish(message: BrokerMessage): Promise<PublishReceipt> {
    try {
      const { call, status, body } = await post('/publish', toPublish(message), [200, 202, 400, 503]);
      if (status === 400)
        return { accepted: false, reason: `EMQX refuses it: ${complaintOf({ status, body })}` };
      if (!isReceipt(body)) throw http.senseless(call, status);
      return toReceipt(body);
    } catch (error) {
      return unlessUnsent(error);
    }
  }

  async function publishTogether(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]> {
    try {
      const all = messages.map(toPublish);
      const { call, status, body } = await post('/publish/bulk', all, [200, 202, 400, 503]);
      // One bad message, and EMQX publishes none: so that the others go, each is sent alone.
      if (status === 400)
        return await Promise.all(messages.map((message) => publish(message).catch(refused)));
      if (!isReceipts(body) || body.length !== messages.length) throw http.senseless(call, status);
      return body.map(toReceipt);
    } catch (error) {
      const receipt = unlessUnsent(error);
      return messages.map(() => receipt);
    }
  }

  async function getClient(clientid: string) {
    if (!canExist(clientid)) return null;
    const path = pathOf(clientid);
    if (path === null) return await findClient(clientid);
    const call = get(`/clients/${path}`, [200, 404]);
    const answer = await http.call(call);
    if (!isDone(call, answer)) return null;
    if (!isClient(answer.body)) throw http.senseless(call, answer.status);
    return toClient(answer.body);
  }

  /** By the filter of the list, which EMQX goes through from end to end. */
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
    return isDone(call, await http.call(call));
  }

  /** By the call for many, which came with 5.1. */
  async function kickUnnamed(clientid: string): Promise<boolean> {
    if ((await findClient(clientid)) === null) return false;
    const { status } = await post('/clients/kickout/bulk', [clientid], [200, 204, 400, 404, 405]);
    if (status >= 400) throw notByPath('end the session of', clientid);
    return true;
  }

  /** False for what is not there; a 404 without a word of EMQX means that the call is not there. */
  function isDone(call: EmqxCall, { status, body }: EmqxAnswer): boolean {
    if (status !== 404) return true;
    if (isComplaint(body) && typeof body.code === 'string' && body.code !== 'API_NOT_EXIST') return false;
    throw http.senseless(call, status);
  }

  async function lift(clientid: string): Promise<void> {
    const path = pathOf(clientid);
    if (path === null) throw notByPath('lift the ban of', clientid);
    const call = remove(`/banned/clientid/${path}`);
    isDone(call, await http.call(call));
  }

  async function bans(filter: string): Promise<FromSchema<typeof BAN>[]> {
    const found: FromSchema<typeof BAN>[] = [];
    for (let page = 1; ; page += 1) {
      const call = get(`/banned?page=${page}&limit=${PAGE_OF_BANS}${filter}`, [200]);
      const { status, body } = await http.call(call);
      if (!isBans(body)) throw http.senseless(call, status);
      found.push(...body.data);
      if (body.meta.hasnext !== true || body.data.length === 0) return found;
    }
  }

  return {
    major: 5,
    name: `EMQX ${version}`,
    publish,
    publishTogether,
    async listClients(limit, cursor) {
      const at = cursor?.startsWith(AT) ? cursor.slice(AT.length) : null;
      const page = cursor === null ? null : readPageCursor(cursor);
      if (hasCursors && page === null) {
        const found = await listFrom(at, limit);
        if (found !== null) return found;
        hasCursors = false;
      }
      return await listPage(page?.page ?? 1, page?.limit ?? Math.min(limit, LONGEST_PAGE));
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
    async ban(clientid) {
      const ban = { as: 'clientid', who: clientid, by: OUR_NAME, reason: BAN_REASON, until: FAR_AHEAD };
      if (!canExist(clientid)) return;
      // To ban twice is to ban once.
      const call: EmqxCall = {
        method: 'POST',
        path: `${API}/banned`,
        body: ban,
        isRepeatable: true,
        understands: [200, 400],
      };
      let answer = await http.call(call);
      if (willEnd(answer)) {
        await lift(clientid);
        answer = await http.call(call);
      }
      if (answer.status !== 200 && !isBannedAlready(answer)) {
        throw new TpeError(
          'UNAVAILABLE',
          `EMQX at ${http.place} does not ban "${clientid}": ${complaintOf(answer)}.`,
        );
      }
      await kick(clientid);
    },
    async unban(clientids) {
      const wanted = new Set(clientids);
      const filters =
        wanted.size > FEW ? [''] : [...wanted].map((clientid) => `&clientid=${encodeURIComponent(clientid)}`);
      // Before 5.8 the filter is passed over and all bans come, so each is looked at.
      const found = (await Promise.all(filters.map(bans))).flat();
      const ours = found.filter(({ as, who, by }) => as === 'clientid' && by === OUR_NAME && wanted.has(who));
      await forEach(new Set(ours.map(({ who }) => who)), lift);
    },
  };
}

function get(path: string, understands: readonly number[]): EmqxCall {
  return { method: 'GET', path: `${API}${path}`, isRepeatable: true, understands };
}

function remove(path: string): EmqxCall {
  return { method: 'DELETE', path: `${API}${path}`, isRepeatable: true, understands: [200, 204, 404] };
}

function toClient(item: ClientItem) {
  const connectedAt = typeof item.connected_at === 'string' ? Date.parse(item.connected_at) : Number.NaN;
  return toBrokerClient(item, Number.isNaN(connectedAt) ? null : connectedAt);
}

function toPublish({ topic, payload }: BrokerMessage) {
  return {
    topic,
    qos: 1,
    retain: false,
    payload: Buffer.from(payload).toString('base64'),
    payload_encoding: 'base64',
  };
}

function toReceipt(body: FromSchema<typeof RECEIPT>): PublishReceipt {
  if (body.id !== undefined) return { accepted: true, noSubscriber: false };
  if (body.reason_code === NO_MATCHING_SUBSCRIBERS) return { accepted: true, noSubscriber: true };
  return {
    accepted: false,
    reason: `EMQX could not deliver it: ${complaintWords(body) || 'no reason given'}`,
  };
}

function complaintOf({ status, body }: EmqxAnswer): string {
  return complaintWords(body) || `HTTP ${status}`;
}

function isBannedAlready({ body }: EmqxAnswer): boolean {
  return isComplaint(body) && body.code === 'ALREADY_EXISTS';
}

/** Somebody else's ban stands in the way, such as that of the flapping detector, and will end. */
function willEnd(answer: EmqxAnswer): boolean {
  if (!isBannedAlready(answer) || !isComplaint(answer.body)) return false;
  try {
    const old: unknown = JSON.parse(answer.body.message ?? '');
    return isBan(old) && old.by !== OUR_NAME && 'until' in old && old.until !== 'infinity';
  } catch {
    return false;
  }
}
