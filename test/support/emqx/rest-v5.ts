import { BAN_KINDS, type Ban, type BanKind } from './bans.js';
import { clientItemV5 } from './client-items.js';
import { type Message, makeMessage } from './message.js';
import {
  basicCredentials,
  filterSessions,
  isObject,
  json,
  parseJson,
  plain,
  type RestAnswer,
  type RestHandler,
  type RestHost,
  type RestRequest,
} from './rest-server.js';
import { isBase64, statusText } from './rest-v4.js';
import type { Session } from './session.js';
import { isTopicName } from './topics.js';

const MOST_ROWS = 10_000;
const DEFAULT_ROWS = 100;
const LONGEST_PACKET = 1024 * 1024;

const none: RestAnswer = { status: 204, text: '' };
const fault = (status: number, code: string, message: string) => json(status, { code, message });
const badRequest = (message: string) => fault(400, 'BAD_REQUEST', message);
const NO_SUCH_CLIENT = fault(404, 'CLIENTID_NOT_FOUND', 'Client ID not found');
const NO_SUCH_PATH: RestAnswer = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  text: '{"code": "API_NOT_EXIST", "message": "Request Path Not Found"}',
};

/** REST v5, which EMQX 6 has too. */
export function createRestV5(host: RestHost, apiKey: string, apiSecret: string): RestHandler {
  const rooms = ['publish', 'clients', 'banned', 'nodes'];
  if (host.engine.dialect.isLate) rooms.push('clients_v2');
  return async (request) => {
    const [api, version, room = ''] = request.path;
    if (api === 'status' || (version === 'v5' && room === 'status')) return status(host, request.query);
    // Anything else that is no part of the API is looked for among the files of the dashboard.
    if (api !== 'api' || version !== 'v5')
      return { status: 404, headers: { 'accept-ranges': 'bytes' }, text: '' };
    if (!rooms.includes(room)) return NO_SUCH_PATH;
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
    rel_vsn: release,
    broker_status: 'started',
    app_status: 'running',
  };
  // 5.0 misspells the type of its own answer.
  return {
    ...json(200, body),
    headers: { ...headers, 'content-type': isLate ? 'application/json' : 'applicatin/json' },
  };
}

const PUBLISH_FIELDS = new Set([
  'topic',
  'payload',
  'qos',
  'retain',
  'payload_encoding',
  'properties',
  'clientid',
]);

/** What the schema has against one message, as EMQX prints it; null for nothing. */
function schemaFault(given: unknown): string | null {
  const told = (fields: object) => JSON.stringify({ ...fields, kind: 'validation_error' });
  const wrong = (path: string, value: unknown, type: string) =>
    told({ value, reason: { expected_type: type }, path: `root.${path}` });
  if (!isObject(given)) return told({ reason: 'bad_value_for_struct', path: 'root' });
  for (const field of ['topic', 'payload']) {
    if (given[field] === undefined) return told({ reason: 'required_field', path: `root.${field}` });
    if (typeof given[field] !== 'string') return wrong(field, given[field], 'binary()');
  }
  const { qos = 0, retain = false, payload_encoding: encoding = 'plain', properties = {} } = given;
  if (qos !== 0 && qos !== 1 && qos !== 2) return wrong('qos', qos, 'qos()');
  if (typeof retain !== 'boolean') return wrong('retain', retain, 'boolean()');
  if (encoding !== 'plain' && encoding !== 'base64')
    return wrong('payload_encoding', encoding, 'plain | base64');
  if (!isObject(properties)) return wrong('properties', properties, 'struct()');
  const unknown = Object.keys(given).filter((field) => !PUBLISH_FIELDS.has(field));
  return unknown.length > 0
    ? told({ unknown: unknown.join(','), reason: 'unknown_fields', path: 'root' })
    : null;
}

/** The message, or the answer that refuses it. */
function readMessage(given: Record<string, unknown>): Message | RestAnswer {
  const { topic, payload, qos, retain, payload_encoding: encoding } = given;
  const text = String(payload);
  if (encoding === 'base64' && !isBase64(text)) {
    return json(400, { message: `{decode_base64_payload_failed,<<"${text}">>}`, reason_code: 131 });
  }
  if (!isTopicName(String(topic))) return json(400, { message: 'topic_name_invalid', reason_code: 144 });
  const bytes = Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
  if (bytes.length > LONGEST_PACKET) return json(400, { message: 'packet_too_large', reason_code: 151 });
  return makeMessage({
    topic: String(topic),
    payload: bytes,
    qos: qos === 1 || qos === 2 ? qos : 0,
    retain: retain === true,
    from: { clientid: 'http_api', username: null, peerhost: null, peername: null },
    isFromRest: true,
  });
}

function isAnswer(given: Message | RestAnswer): given is RestAnswer {
  return 'status' in given;
}

async function hand({ engine }: RestHost, message: Message): Promise<{ status: number; body: object }> {
  const receivers = await engine.publish(message);
  if (receivers > 0) return { status: 200, body: { id: message.id } };
  return { status: 202, body: { message: 'no_matching_subscribers', reason_code: 16 } };
}

async function publish(host: RestHost, body: unknown): Promise<RestAnswer> {
  const wrong = schemaFault(body);
  if (wrong !== null || !isObject(body)) return badRequest(wrong ?? '');
  const message = readMessage(body);
  if (isAnswer(message)) return message;
  const done = await hand(host, message);
  return json(done.status, done.body);
}

/** All are looked at before the first goes out: one that is wrong stops them all. */
async function publishBulk(host: RestHost, body: unknown): Promise<RestAnswer> {
  if (!Array.isArray(body))
    return badRequest('{"reason":"not_array","path":"root","kind":"validation_error"}');
  const wrong = body.map(schemaFault).find((found) => found !== null);
  if (wrong) return badRequest(wrong);
  // A slip of the pen in the source makes a crash of it.
  if (body.length === 0)
    return fault(500, 'INTERNAL_ERROR', 'error, {case_clause,{errror,<<"empty_batch">>}}');
  const messages: Message[] = [];
  for (const given of body.filter(isObject)) {
    const message = readMessage(given);
    if (isAnswer(message)) return message;
    messages.push(message);
  }
  const results: { status: number; body: object }[] = [];
  for (const message of messages) results.push(await hand(host, message));
  const isAllTaken = results.every(({ status: code }) => code === 200);
  return json(
    isAllTaken ? 200 : 202,
    results.map(({ body: result }) => result),
  );
}

async function listClients(host: RestHost, query: URLSearchParams): Promise<RestAnswer> {
  const page = Number(query.get('page') ?? 1);
  const limit = Number(query.get('limit') ?? DEFAULT_ROWS);
  if (!Number.isInteger(page) || page < 1) return badRequest(pagerFault('page', query, 'pos_integer()'));
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS) {
    return badRequest(pagerFault('limit', query, `1..${MOST_ROWS}`));
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

function pagerFault(name: string, query: URLSearchParams, type: string): string {
  return JSON.stringify({
    value: query.get(name),
    reason: { expected_type: type },
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
    return badRequest(`Cannot create expired banned, ${ban.at} to ${ban.until}`);
  }
  const old = bans.find(as, who);
  if (old) return fault(400, 'ALREADY_EXISTS', JSON.stringify(banItem(old)));
  bans.put(ban);
  if (as === 'clientid') engine.kick(who);
  return json(200, banItem(ban));
}

function listBans({ bans }: RestHost, query: URLSearchParams): RestAnswer {
  const page = Number(query.get('page') ?? 1);
  const limit = Number(query.get('limit') ?? DEFAULT_ROWS);
  const wanted = bans
    .list()
    .filter(({ as, who }) =>
      BAN_KINDS.every((kind) => !query.has(kind) || (kind === as && query.get(kind) === who)),
    );
  const rows = wanted.slice((page - 1) * limit, page * limit);
  return json(200, { data: rows.map(banItem), meta: { page, limit, count: wanted.length } });
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

function isBanKind(value: unknown): value is BanKind {
  return BAN_KINDS.some((kind) => kind === value);
}
