import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { TpeError } from '../../shared/tpe-error.js';
import {
  BAN,
  BAN_REASON,
  CLIENT_ITEMS,
  type ClientItem,
  canExist,
  clientsIn,
  type EmqxApi,
  FAR_AHEAD,
  forEach,
  notByPath,
  OUR_NAME,
  PAGE_OF_BANS,
  pathOf,
  readPageCursor,
  toBrokerClient,
  writePageCursor,
} from './api.js';
import { codeWords, get, isEnvelope, post, remove } from './calls-v4.js';
import type { EmqxCall, EmqxHttp } from './http-client.js';
import { EMQX_NODE, toBrokerNodes } from './nodes.js';
import { publishingV4 } from './publish-v4.js';

const META = {
  type: 'object',
  properties: { hasnext: { type: 'boolean' }, count: { type: 'integer' } },
} as const;
const CLIENTS = {
  type: 'object',
  required: ['data', 'meta'],
  properties: { data: CLIENT_ITEMS, meta: META },
} as const;
/** The answer for one client id, which is a list too. */
const CLIENT_LIST = {
  type: 'object',
  required: ['data'],
  properties: { data: CLIENT_ITEMS },
} as const;
const BANS = {
  type: 'object',
  required: ['data', 'meta'],
  properties: { data: { type: 'array', items: BAN }, meta: META },
} as const;
const BROKERS = {
  type: 'object',
  required: ['data'],
  properties: {
    data: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', properties: { version: { type: 'string', maxLength: 100 } } },
    },
  },
} as const;
const NODES = {
  type: 'object',
  required: ['data'],
  properties: { data: { type: 'array', minItems: 1, items: EMQX_NODE } },
} as const;
const isClients = guard<FromSchema<typeof CLIENTS>>(CLIENTS);
const isClientList = guard<FromSchema<typeof CLIENT_LIST>>(CLIENT_LIST);
const isBans = guard<FromSchema<typeof BANS>>(BANS);
const isBrokers = guard<FromSchema<typeof BROKERS>>(BROKERS);
const isNodes = guard<FromSchema<typeof NODES>>(NODES);

const NOT_FOUND = 112;
/**
 * Checks whether EMQX 4 answers, with its REST API v4. Null if something else answers. Rejects with UNAVAILABLE if nothing answers or the
 * key is refused.
 */
export async function probeV4(http: EmqxHttp): Promise<EmqxApi | null> {
  const { status, body } = await http.call(get('/brokers', [200, 404]));
  if (status !== 200 || !isEnvelope(body) || body.code !== 0 || !isBrokers(body)) return null;
  const version = body.data.find((node) => node.version !== undefined)?.version;
  return createV4(http, version ?? '4');
}

function createV4(http: EmqxHttp, version: string): EmqxApi {
  /** Makes a call and returns the envelope of the answer. Rejects with UNAVAILABLE if its code is none of `codes`. */
  async function ask(call: EmqxCall, codes: readonly number[] = [0]) {
    const { status, body } = await http.call(call);
    if (!isEnvelope(body)) throw http.senseless(call, status);
    if (codes.includes(body.code)) return body;
    throw new TpeError('UNAVAILABLE', `EMQX at ${http.place}: ${codeWords(body.code, body.message)}.`);
  }

  async function getClient(clientid: string) {
    if (!canExist(clientid)) return null;
    const path = pathOf(clientid);
    // A client id that cannot stand in a path is found by the filter of the list, which is slower: EMQX reads the whole list for it.
    const call = get(
      path === null ? `/clients?clientid=${encodeURIComponent(clientid)}&_limit=10` : `/clients/${path}`,
    );
    const body = await ask(call, [0, NOT_FOUND]);
    if (body.code === NOT_FOUND) return null;
    if (!isClientList(body)) throw http.senseless(call, 200);
    const item = clientsIn(body.data)?.find((one) => one.clientid === clientid);
    return item === undefined ? null : toClient(item);
  }

  async function kick(clientid: string): Promise<boolean> {
    const path = pathOf(clientid);
    if (path === null) throw notByPath('end the session of', clientid);
    const { code } = await ask(remove(`/clients/${path}`), [0, NOT_FOUND]);
    return code === 0;
  }

  async function bans(): Promise<FromSchema<typeof BAN>[]> {
    const found: FromSchema<typeof BAN>[] = [];
    for (let page = 1; ; page += 1) {
      const call = get(`/banned?_page=${page}&_limit=${PAGE_OF_BANS}`);
      const body = await ask(call);
      if (!isBans(body)) throw http.senseless(call, 200);
      found.push(...body.data);
      // `hasnext` is missing from this list, so a page that is not full is the last.
      if (body.data.length < PAGE_OF_BANS) return found;
    }
  }

  async function lift(clientid: string): Promise<void> {
    const path = pathOf(clientid);
    if (path === null) throw notByPath('lift the ban of', clientid);
    await ask(remove(`/banned/clientid/${path}`), [0, NOT_FOUND]);
  }

  return {
    major: 4,
    name: `EMQX ${version}`,
    ...publishingV4(http),
    async listClients(limit, cursor) {
      const at = (cursor === null ? null : readPageCursor(cursor)) ?? { page: 1, limit };
      const call = get(`/clients?_page=${at.page}&_limit=${at.limit}`);
      const body = await ask(call);
      const clients = isClients(body) ? clientsIn(body.data) : null;
      if (clients === null || !isClients(body)) throw http.senseless(call, 200);
      const hasNext = body.meta.hasnext === true && body.data.length > 0;
      return {
        clients: clients.map(toClient),
        next: hasNext ? writePageCursor({ page: at.page + 1, limit: at.limit }) : null,
      };
    },
    getClient,
    async listNodes() {
      const askedAt = performance.now();
      const call = get('/nodes', [200, 404]);
      const { status, body } = await http.call(call);
      if (status === 404) return [];
      if (!isEnvelope(body) || body.code !== 0 || !isNodes(body)) throw http.senseless(call, status);
      return toBrokerNodes(body.data, askedAt);
    },
    async kick(clientid) {
      // EMQX 4 reports success even if there is no such client.
      return (await getClient(clientid)) === null ? false : await kick(clientid);
    },
    async ban(clientid) {
      if (!canExist(clientid)) return;
      const until = Math.floor(Date.parse(FAR_AHEAD) / 1000);
      const ban = { as: 'clientid', who: clientid, by: OUR_NAME, reason: BAN_REASON, until };
      await ask(post('/banned', ban, true));
      // Since 4.4 a ban ends the session itself; older versions need this call.
      if (pathOf(clientid) !== null) await kick(clientid);
    },
    async unban(clientids) {
      const wanted = new Set(clientids);
      const ours = (await bans()).filter(
        ({ as, who, by }) => as === 'clientid' && by === OUR_NAME && wanted.has(who),
      );
      await forEach(new Set(ours.map(({ who }) => who)), lift);
    },
  };
}

/** EMQX 4 gives times in the local time of the node, so they cannot identify a session. */
function toClient(item: ClientItem) {
  return toBrokerClient(item, null);
}
