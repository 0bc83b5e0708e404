import { type Ban, isBanKind } from './bans.js';
import { clientItemV4, localTime } from './client-items.js';
import { makeMessage } from './message.js';
import {
  basicCredentials,
  filterSessions,
  isBase64,
  isObject,
  json,
  parseJson,
  plain,
  type RestAnswer,
  type RestHandler,
  type RestHost,
  type RestRequest,
  statusText,
} from './rest-server.js';
import { isTopicName } from './topics.js';

const MAX_ROWS = 10_000;
const NOT_FOUND = plain(404, 'Not found.');

const ok = (more: object = {}) => json(200, { ...more, code: 0 });
const failed = (code: number, message: string) => json(200, { message, code });

/** REST v4: the envelope is 200 with a `code` inside, and the failures that EMQX did not think of are text. */
export function createRestV4(host: RestHost, apiKey: string, apiSecret: string): RestHandler {
  return async (request) => {
    const { path, authorization } = request;
    if (path[0] === 'status') return plain(200, statusText(host));
    if (path[0] !== 'api' || path[1] !== 'v4') return { status: 404, text: '' };
    const given = basicCredentials(authorization);
    if (given?.key !== apiKey || given.secret !== apiSecret) {
      return {
        status: 401,
        headers: { 'WWW-Authenticate': 'Basic Realm="minirest-server"' },
        text: 'UNAUTHORIZED',
      };
    }
    const body = request.text === '' ? undefined : parseJson(request.text);
    if (request.text !== '' && body === undefined) return plain(400, 'Bad Request');
    return route(host, request, body);
  };
}

async function route(host: RestHost, request: RestRequest, body: unknown): Promise<RestAnswer> {
  const [, , room = '', first, second] = request.path;
  const call = `${request.method} ${room}`;
  if (call === 'POST mqtt' && first === 'publish') return answerPublish(await publish(host, body), body);
  if (call === 'POST mqtt' && first === 'publish_batch') return publishBatch(host, body);
  if (call === 'GET clients') {
    if (first === undefined || first === '') return listClients(host, request.query);
    return ok({ data: findClients(host, first, second) });
  }
  if (call === 'DELETE clients' && first !== undefined) {
    // Recorded so from 4.4.19 for a client that nobody knows, too.
    host.engine.kick(first);
    return ok();
  }
  if (call === 'GET subscriptions' && first !== undefined) return ok({ data: subscriptions(host, first) });
  if (call === 'GET banned') return listBans(host, request.query);
  if (call === 'POST banned') return createBan(host, body);
  if (call === 'DELETE banned' && first !== undefined && second !== undefined) {
    if (!isBanKind(first)) return failed(108, AS_FAULT);
    host.bans.remove(first, second);
    return ok();
  }
  if (call === 'GET nodes') return ok({ data: [nodeItem(host)] });
  if (call === 'GET brokers') return ok({ data: [brokerItem(host)] });
  return NOT_FOUND;
}

interface Published {
  code: number;
  message?: string;
  ids: string[];
}

/** What EMQX cannot make sense of, such as QoS 3, crashes its handler: it throws here, and is a 500. */
async function publish({ engine }: RestHost, body: unknown): Promise<Published> {
  const given = isObject(body) ? body : {};
  const { payload = '', encoding, qos = 0, retain = false, clientid } = given;
  const topics = String(given.topic ?? given.topics ?? '')
    .split(',')
    .filter(isTopicName);
  if (encoding === 'base64' && !isBase64(payload)) return { code: 108, message: 'bad_params', ids: [] };
  if (clientid !== undefined && typeof clientid !== 'string') {
    return { code: 108, message: 'bad clientid: must be string', ids: [] };
  }
  if (topics.length === 0) return { code: 115, message: 'bad_topic', ids: [] };
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new Error('function_clause');
  if (typeof retain !== 'boolean') throw new Error('function_clause');
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const ids: string[] = [];
  for (const topic of topics) {
    const message = makeMessage({
      topic,
      payload: Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8'),
      qos,
      retain,
      from: { clientid: clientid ?? 'undefined', username: null, peerhost: null, peername: null },
      isFromRest: true,
    });
    await engine.publish(message);
    ids.push(message.id);
  }
  return { code: 0, ids };
}

function answerPublish({ code, message, ids }: Published, body: unknown): RestAnswer {
  if (code !== 0) return failed(code, message ?? '');
  if (!isObject(body) || body.return === undefined) return ok();
  return ok({ data: body.topics === undefined ? { msgid: ids.at(-1) } : { msgids: ids } });
}

async function publishBatch(host: RestHost, body: unknown): Promise<RestAnswer> {
  if (!Array.isArray(body)) throw new Error('function_clause');
  const data: object[] = [];
  for (const item of body) {
    const { code, message } = await publish(host, item);
    const topic: unknown = isObject(item) ? (item.topic ?? item.topics ?? '') : '';
    data.push(message === 'bad_params' ? { code, message } : { topic, code });
  }
  return ok({ data });
}

async function listClients(host: RestHost, query: URLSearchParams): Promise<RestAnswer> {
  const page = wholeNumber(query.get('_page'), 1);
  const limit = wholeNumber(query.get('_limit'), MAX_ROWS);
  if (page > 1) await host.betweenPages();
  const { dialect, listing } = host.engine;
  const { found, isFiltered, isFuzzy } = filterSessions(listing.all(), query, '_');
  const start = page > 1 ? (page - 1) * limit : 0;
  const data = found.slice(start, start + limit).map((session) => clientItemV4(session, dialect));
  // The count is that of the table, so there is none for a part of it.
  const count = isFiltered || isFuzzy ? -1 : listing.all().length;
  return ok({ meta: { page, limit, hasnext: found.length > start + limit, count }, data });
}

function findClients({ engine }: RestHost, first: string, second: string | undefined) {
  const { dialect, listing } = engine;
  const found = listing
    .all()
    .filter(({ clientid, username }) =>
      first === 'username' && second !== undefined ? username === second : clientid === first,
    );
  return found.map((session) => clientItemV4(session, dialect));
}

function subscriptions({ engine }: RestHost, clientid: string) {
  const filters = engine.router.sessions.get(clientid)?.subscriptions ?? new Map();
  return [...filters].map(([topic, qos]) => ({ topic, qos, node: engine.dialect.node, clientid }));
}

const AS_FAULT = "value of 'as' must be one of: ['clientid', 'username', 'peerhost']";

/** A ban of a client id ends the session that it has. */
function createBan({ engine, bans }: RestHost, body: unknown): RestAnswer {
  const given = isObject(body) ? body : {};
  const { who, as, reason, by = 'user' } = given;
  if (who === undefined || as === undefined) return failed(107, "missing mandatory params: ['who', 'as']");
  if (!isBanKind(as)) return failed(108, AS_FAULT);
  // The source has no default for the reason, and crashes without one.
  if (reason === undefined) throw new Error('function_clause');
  const now = Math.floor(Date.now() / 1000);
  const ban: Ban = {
    as,
    who: String(who),
    by: String(by),
    reason: String(reason),
    at: typeof given.at === 'number' ? given.at : now,
    until: typeof given.until === 'number' ? given.until : now + 300,
  };
  bans.put(ban);
  if (as === 'clientid') engine.kick(ban.who);
  return ok({ data: given });
}

function listBans({ bans }: RestHost, query: URLSearchParams): RestAnswer {
  const page = wholeNumber(query.get('_page'), 1);
  const limit = wholeNumber(query.get('_limit'), MAX_ROWS);
  const all = bans.list();
  const data = all
    .slice((page - 1) * limit, page * limit)
    .map(({ who, as, by, reason, at, until }) => ({ who, as, by, reason, at, until }));
  return ok({ meta: { page, limit, count: all.length }, data });
}

function nodeItem(host: RestHost) {
  const all = host.engine.listing.all();
  const live = all.filter(({ isListedConnected }) => isListedConnected).length;
  return {
    ...release(host),
    process_used: 315,
    process_available: 262144,
    memory_used: '608.94M',
    memory_total: '23.54G',
    max_fds: 20000,
    load1: '0.24',
    load5: '0.15',
    load15: '0.05',
    live_connections: live,
    connections: all.length,
  };
}

function brokerItem(host: RestHost) {
  return { ...release(host), sysdescr: 'EMQX', datetime: localTime(Date.now()) };
}

function release({ engine, startedAt }: RestHost) {
  const seconds = Math.floor((Date.now() - startedAt) / 1000);
  return {
    version: engine.dialect.release,
    uptime: `${Math.floor(seconds / 60)} minutes, ${seconds % 60} seconds`,
    otp_release: '25.2.3/13.1.5',
    node_status: 'Running',
    node: engine.dialect.node,
  };
}

function wholeNumber(given: string | null, otherwise: number): number {
  if (given === null) return otherwise;
  if (!/^-?\d+$/.test(given)) throw new Error('badarg');
  return Number(given);
}
