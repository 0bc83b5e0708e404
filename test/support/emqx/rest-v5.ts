import { BAN_KINDS, type Ban, isBanKind } from './bans.js';
import { clientItemV5 } from './client-items.js';
import {
  badRequest,
  basicCredentials,
  fault,
  filterSessions,
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
import { publish, publishBulk } from './rest-v5-publish.js';
import type { Session } from './session.js';

const MAX_ROWS = 10_000;
const DEFAULT_ROWS = 100;

const none: RestAnswer = { status: 204, text: '' };
const NO_SUCH_CLIENT = fault(404, 'CLIENTID_NOT_FOUND', 'Client ID not found');
const NO_SUCH_PATH: RestAnswer = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  text: '{"code": "API_NOT_EXIST", "message": "Request Path Not Found"}',
};
/** Of 5.8, and all that it answers while it boots: its dashboard knows no more. */
const NO_SUCH_PAGE: RestAnswer = {
  status: 404,
  headers: { 'content-type': 'text/html' },
  text: '<html><head><title>404 - NOT FOUND</title></head><body><h1>404 - NOT FOUND</h1></body></html>',
};

/** REST v5, which EMQX 6 has too. */
export function createRestV5(host: RestHost, apiKey: string, apiSecret: string): RestHandler {
  const rooms = ['publish', 'clients', 'banned', 'nodes'];
  const { isLate } = host.engine.dialect;
  if (isLate) rooms.push('clients_v2');
  const noSuchPath = isLate ? NO_SUCH_PAGE : NO_SUCH_PATH;
  return async (request) => {
    if (host.isBooting()) return isLate ? NO_SUCH_PAGE : { status: 404, text: '' };
    const [api, version, room = ''] = request.path;
    if (api === 'status' || (version === 'v5' && room === 'status')) return status(host, request.query);
    // Anything else that is no part of the API is looked for among the files of the dashboard.
    if (api !== 'api' || version !== 'v5')
      return isLate ? NO_SUCH_PAGE : { status: 404, headers: { 'accept-ranges': 'bytes' }, text: '' };
    if (!rooms.includes(room)) return noSuchPath;
    const refusal = refuse(request.authorization, apiKey, apiSecret);
    if (refusal) return refusal;
    const body = request.text === '' ? undefined : parseJson(request.text);
    if (request.text !== '' && body === undefined) return badRequest('Invalid json message received');
    return route(host, request, body);
  };
}

function refuse(authorization: string | null, apiKey: string, apiSecret: string): RestAnswer | null {
  const given = basicCredentials(authorization);
  if (given?.key === apiKey && given.secret === apiSecret) return null;
  const [code, message] = given
    ? ['BAD_API_KEY_OR_SECRET', 'Check api_key/api_secret']
    : ['AUTHORIZATION_HEADER_ERROR', 'Support authorization: basic/bearer '];
  return json(401, { code, message }, { 'WWW-Authenticate': 'Basic Realm="emqx-dashboard"' });
}

async function route(host: RestHost, request: RestRequest, body: unknown): Promise<RestAnswer> {
  const [, , room = '', first, second] = request.path;
  const call = [request.method, room, first === undefined ? '' : ':', second === undefined ? '' : ':']
    .join(' ')
    .trim();
  const { engine, bans } = host;
  switch (call) {
    case 'POST publish':
      return publish(host, body);
    case 'POST publish :':
      return first === 'bulk' ? publishBulk(host, body) : NO_SUCH_PATH;
    case 'GET clients':
      return listClients(host, request.query);
    case 'GET clients_v2':
      return walkClients(host, request.query);
    case 'GET clients :': {
      const session = engine.listing.find(first ?? '');
      return session ? json(200, item(host, session, request.query)) : NO_SUCH_CLIENT;
    }
    case 'GET clients : :': {
      const session = engine.listing.find(first ?? '');
      if (second !== 'subscriptions') return NO_SUCH_PATH;
      return session ? json(200, subscriptions(host, session)) : NO_SUCH_CLIENT;
    }
    case 'DELETE clients :':
      return engine.kick(first ?? '') ? none : NO_SUCH_CLIENT;
    case 'POST clients : :':
      return first === 'kickout' && second === 'bulk' ? kickAll(host, body) : NO_SUCH_PATH;
    case 'GET banned':
      return listBans(host, request.query);
    case 'POST banned':
      return createBan(host, body);
    case 'DELETE banned : :':
      return bans.remove(first ?? '', second ?? '')
        ? none
        : fault(404, 'NOT_FOUND', `${first}: ${second} not found`);
    case 'GET nodes':
      return json(200, [nodeItem(host)]);
    default:
      return fault(405, 'METHOD_NOT_ALLOWED', 'Method not allowed');
  }
}

function status(host: RestHost, query: URLSearchParams): RestAnswer {
  const { node, release, isLate } = host.engine.dialect;
  const headers = { 'retry-after': '15' };
  if (query.get('format') !== 'json') return plain(200, statusText(host), headers);
  const body = {
    node_name: node,
    rel_vsn: release.startsWith('5.8') ? `v${release}` : release,
    broker_status: 'started',
    app_status: 'running',
  };
  // 5.0 misspells the type of its own answer.
  return {
    ...json(200, body),
    headers: { ...headers, 'content-type': isLate ? 'application/json' : 'applicatin/json' },
  };
}

async function listClients(host: RestHost, query: URLSearchParams): Promise<RestAnswer> {
  const { isLate } = host.engine.dialect;
  const page = Number(query.get('page') ?? 1);
  const limit = Number(query.get('limit') ?? DEFAULT_ROWS);
  if (!Number.isInteger(page) || page < 1)
    return badRequest(pagerFault('page', query, 'pos_integer()', isLate));
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ROWS) {
    return badRequest(pagerFault('limit', query, `1..${MAX_ROWS}`, isLate));
  }
  if (page > 1) await host.betweenPages();
  const { listing } = host.engine;
  const { found, isFuzzy } = filterSessions(listing.all(), query, '');
  const rows = found.slice((page - 1) * limit, page * limit);
  // A full page always says that there is more: the table was not read to its end. The page after it may be empty.
  const meta = { page, limit, hasnext: rows.length === limit, ...(isFuzzy ? {} : { count: found.length }) };
  return json(200, { data: rows.map((session) => item(host, session, query)), meta });
}

/**
 * `/clients_v2`: a cursor in place of a page, so that nobody is missed or doubled where others come and go. Its count
 * is that of the page, there is a cursor while there is more, and it has no `fields`.
 */
async function walkClients(host: RestHost, query: URLSearchParams): Promise<RestAnswer> {
  const limit = Number(query.get('limit') ?? DEFAULT_ROWS);
  const after = Buffer.from(query.get('cursor') ?? '', 'base64url').toString();
  if (query.has('cursor')) await host.betweenPages();
  const { dialect, listing } = host.engine;
  const { found } = filterSessions(listing.all(), query, '');
  const rest = found
    .filter(({ clientid }) => clientid > after)
    .sort((left, right) => (left.clientid < right.clientid ? -1 : 1));
  const rows = rest.slice(0, limit);
  const last = rows.at(-1)?.clientid ?? '';
  const cursor = rest.length > limit ? { cursor: Buffer.from(last).toString('base64url') } : {};
  const data = rows.map((session) => clientItemV5(session, dialect));
  return json(200, { data, meta: { count: rows.length, ...cursor } });
}

function pagerFault(name: string, query: URLSearchParams, type: string, isLate: boolean): string {
  const given = query.get(name);
  return JSON.stringify({
    value: isLate && /^\d+$/.test(given ?? '') ? Number(given) : given,
    reason: { [isLate ? 'expected' : 'expected_type']: type },
    path: name,
    kind: 'validation_error',
  });
}

/** 5.0 has no `fields`, and does not mind it. */
function item({ engine }: RestHost, session: Session, query: URLSearchParams): Record<string, unknown> {
  const whole = clientItemV5(session, engine.dialect);
  const wanted = engine.dialect.isLate ? (query.get('fields') ?? 'all') : 'all';
  if (wanted === 'all') return whole;
  const fields = wanted.split(',');
  return Object.fromEntries(Object.entries(whole).filter(([name]) => fields.includes(name)));
}

function subscriptions({ engine }: RestHost, { clientid, subscriptions: filters }: Session) {
  const { node, isLate } = engine.dialect;
  return [...filters].map(([topic, qos]) => ({
    clientid,
    node,
    topic,
    qos,
    nl: 0,
    rap: 0,
    rh: 0,
    ...(isLate ? { durable: false } : {}),
  }));
}

function kickAll({ engine }: RestHost, body: unknown): RestAnswer {
  for (const clientid of Array.isArray(body) ? body : []) engine.kick(String(clientid));
  return none;
}

/** A ban of a client id ends the session that it has. */
function createBan({ engine, bans }: RestHost, body: unknown): RestAnswer {
  if (!isObject(body)) return badRequest('Invalid json message received');
  const { as, who, by = 'mgmt_api', reason = '' } = body;
  if (!isBanKind(as) || typeof who !== 'string') {
    return badRequest('{"reason":"required_field","path":"root.who","kind":"validation_error"}');
  }
  const now = Math.floor(Date.now() / 1000);
  const isLate = engine.dialect.isLate;
  const at = seconds(body.at) ?? now;
  const until = isLate && body.until === 'infinity' ? 'infinity' : seconds(body.until);
  if (until === null && body.until !== undefined) {
    return badRequest('{"reason":"bad_epoch_second","path":"root.until","kind":"validation_error"}');
  }
  const ban: Ban = {
    as,
    who,
    by: String(by),
    reason: String(reason),
    at,
    until: until ?? (isLate ? 'infinity' : at + 300),
  };
  if (ban.until !== 'infinity' && ban.until <= now) {
    return badRequest(
      isLate ? asCharacters(now, ban.until) : `Cannot create expired banned, ${at} to ${ban.until}`,
    );
  }
  const old = bans.find(as, who);
  if (old) return fault(400, 'ALREADY_EXISTS', JSON.stringify(isLate ? turned(banItem(old)) : banItem(old)));
  bans.put(ban);
  if (as === 'clientid') engine.kick(who);
  return json(200, banItem(ban));
}

/** 5.8 prints the list of characters that Erlang has made of its words; numbers are texts in it. */
function asCharacters(now: number, until: number): string {
  const codes = (text: string) => [...text].map((one) => one.charCodeAt(0)).join(',');
  return `[${codes('Cannot create expired banned, ')},"${now}",${codes(' to ')},"${until}"]`;
}

function listBans({ bans, engine }: RestHost, query: URLSearchParams): RestAnswer {
  const { isLate } = engine.dialect;
  const page = Number(query.get('page') ?? 1);
  const limit = Number(query.get('limit') ?? DEFAULT_ROWS);
  const wanted = bans
    .list()
    .filter(({ as, who }) =>
      BAN_KINDS.every((kind) => !query.has(kind) || (kind === as && query.get(kind) === who)),
    );
  const rows = wanted.slice((page - 1) * limit, page * limit);
  const isFiltered = BAN_KINDS.some((kind) => query.has(kind));
  const hasNext = isLate && isFiltered ? { hasnext: page * limit < wanted.length } : {};
  return json(200, { data: rows.map(banItem), meta: { page, limit, count: wanted.length, ...hasNext } });
}

/** 5.8 prints a ban the other way round where it is a text. */
function turned(item: object): object {
  return Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? 1 : -1)));
}

function banItem({ as, who, by, reason, at, until }: Ban) {
  const time = (at: number) => new Date(at * 1000).toISOString().replace('.000Z', '+00:00');
  return { as, who, by, reason, at: time(at), until: until === 'infinity' ? until : time(until) };
}

/** Seconds of an epoch number or an RFC 3339 text; null for neither. */
function seconds(given: unknown): number | null {
  if (typeof given === 'number') return Math.floor(given);
  if (typeof given !== 'string') return null;
  const at = /^\d+$/.test(given) ? Number(given) : Date.parse(given) / 1000;
  return Number.isNaN(at) ? null : Math.floor(at);
}

function nodeItem({ engine, startedAt }: RestHost) {
  const { dialect, listing } = engine;
  const connections = listing.all().length;
  const live = listing.all().filter(({ isListedConnected }) => isListedConnected).length;
  return {
    connections,
    edition: dialect.release.startsWith('6') ? 'Enterprise' : 'Opensource',
    load1: 0.21,
    load15: 0.14,
    load5: 0.23,
    log_path: '/opt/emqx',
    max_fds: 20000,
    memory_total: '23.54G',
    memory_used: '775.95M',
    node: dialect.node,
    node_status: 'running',
    otp_release: '25.2.3\n/13.1.5',
    process_available: 262144,
    process_used: 398,
    role: 'core',
    sys_path: '/usr/lib/erlang',
    uptime: Date.now() - startedAt,
    version: dialect.release,
    ...(dialect.isLate ? { live_connections: live, cluster_sessions: connections } : {}),
  };
}
