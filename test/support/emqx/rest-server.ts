import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { freePort } from '../free-port.js';
import type { Bans } from './bans.js';
import type { Engine } from './engine.js';
import type { Session } from './session.js';

/** What the REST handlers of both versions work on. */
export interface RestHost {
  engine: Engine;
  bans: Bans;
  startedAt: number;
  /** It listens, and knows none of its calls yet. */
  isBooting(): boolean;
  /** Called before each page of the client list but the first. */
  betweenPages(): Promise<void>;
}

export interface RestRequest {
  method: string;
  /** Path segments, decoded: `/api/v5/clients/a%2Fb` is api, v5, clients, a/b. */
  path: string[];
  query: URLSearchParams;
  text: string;
  authorization: string | null;
}

export interface RestAnswer {
  status: number;
  headers?: Record<string, string>;
  text: string;
}

export type RestHandler = (request: RestRequest) => Promise<RestAnswer>;

export interface RestServer {
  port(): number;
  listen(): Promise<void>;
  halt(): Promise<void>;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): RestAnswer {
  return { status, headers: { ...headers, 'content-type': 'application/json' }, text: JSON.stringify(body) };
}

/** A refusal of REST v5. */
export function fault(status: number, code: string, message: string): RestAnswer {
  return json(status, { code, message });
}

export const badRequest = (message: string): RestAnswer => fault(400, 'BAD_REQUEST', message);

export function plain(status: number, text: string, headers: Record<string, string> = {}): RestAnswer {
  return { status, headers: { ...headers, 'content-type': 'text/plain' }, text };
}

/** The key and secret of a Basic header; null for none. */
export function basicCredentials(authorization: string | null): { key: string; secret: string } | null {
  const [, coded] = /^Basic (.+)$/i.exec(authorization ?? '') ?? [];
  if (coded === undefined) return null;
  const [key = '', ...rest] = Buffer.from(coded, 'base64').toString().split(':');
  return { key, secret: rest.join(':') };
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of `/status`, which both versions have. */
export function statusText({ engine }: RestHost): string {
  return `Node ${engine.dialect.node} is started\nemqx is running`;
}

export function isBase64(value: unknown): boolean {
  return typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

/** The sessions that the filters of a list want, in both spellings of their names. */
export function filterSessions(sessions: Iterable<Session>, query: URLSearchParams, prefix: '' | '_') {
  const clientids = query.getAll('clientid');
  const usernames = query.getAll('username');
  const state = query.get('conn_state');
  const likeClientid = query.get(`${prefix}like_clientid`);
  const likeUsername = query.get(`${prefix}like_username`);
  const found = [...sessions].filter(
    ({ clientid, username, isListedConnected }) =>
      (clientids.length === 0 || clientids.includes(clientid)) &&
      (usernames.length === 0 || usernames.includes(username ?? '')) &&
      (state === null || (state === 'connected') === isListedConnected) &&
      (likeClientid === null || clientid.includes(likeClientid)) &&
      (likeUsername === null || (username ?? '').includes(likeUsername)),
  );
  const isFiltered = clientids.length + usernames.length > 0 || state !== null;
  return { found, isFiltered, isFuzzy: likeClientid !== null || likeUsername !== null };
}

/** Serves a REST API on loopback; what a handler throws is a 500, as a crash of EMQX's own handlers is. */
export function createRestServer(handle: RestHandler, wantedPort: number): RestServer {
  let port = wantedPort;
  let server: Server | null = null;
  return {
    port: () => port,
    async listen() {
      server = createServer(async (request, response) => {
        const answer = await read(request)
          .then(handle)
          .catch(() => plain(500, 'Internal Error'));
        // 204 has no body, and its answer no length.
        const length =
          answer.status === 204 ? {} : { 'content-length': String(Buffer.byteLength(answer.text)) };
        response.writeHead(answer.status, { server: 'Cowboy', ...length, ...answer.headers });
        response.end(answer.text);
      });
      server.keepAliveTimeout = 60_000;
      port ||= await freePort();
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async halt() {
      const closing = server;
      server = null;
      if (!closing) return;
      const closed = once(closing, 'close');
      closing.close();
      closing.closeAllConnections();
      await closed;
    },
  };
}

async function read(request: IncomingMessage): Promise<RestRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  return {
    method: request.method ?? 'GET',
    path: url.pathname.split('/').slice(1).map(decodeURIComponent),
    query: url.searchParams,
    text: Buffer.concat(chunks).toString(),
    authorization: request.headers.authorization ?? null,
  };
}
