import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { createEmqxBroker } from '../../../nodes/manager/broker/emqx/emqx-broker.js';
import type { BrokerEvent } from '../../../nodes/manager/broker/events.js';
import type { EmqxOptions } from '../../../nodes/manager/broker/options.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { PACKAGE_ROOT } from '../../support/editor-files.js';

export const KEY = { apiKey: 'tpedm-key', apiSecret: 'quiet secret' };

export interface Seen {
  method: string;
  /** As it stood in the request, with its query. */
  url: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  headers: IncomingHttpHeaders;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** Null when the handler has answered, or will not. */
export type Handler = (seen: Seen, response: ServerResponse) => Reply | null | Promise<Reply | null>;

/** An HTTP server in the test that says what the handler says. */
export interface RestServer {
  url: string;
  port: number;
  seen: Seen[];
  /** So many connections were opened. */
  connections(): number;
  answer(handler: Handler): void;
  close(): Promise<void>;
}

export async function openRestServer(first: Handler): Promise<RestServer> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let handler = first;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = request.url ?? '';
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const call: Seen = {
      method: request.method ?? '',
      url,
      path: pathname,
      query: searchParams,
      body: text === '' ? null : JSON.parse(text),
      headers: request.headers,
    };
    seen.push(call);
    const reply = await handler(call, response);
    if (reply === null) return;
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    connections: () => connections,
    answer(next) {
      handler = next;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export function json(body: unknown, status = 200): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** The version that EMQX 5 names when it is asked for its nodes. */
export function nodes(version: string): Reply {
  return json([{ node: 'emqx@127.0.0.1', node_status: 'running', version }]);
}

/** An EMQX 5.8.9 for what the handler leaves undefined. */
export function v5(
  handler: (seen: Seen, response: ServerResponse) => ReturnType<Handler> | undefined,
): Handler {
  return (seen, response) => {
    const reply = handler(seen, response);
    if (reply !== undefined) return reply;
    if (seen.path === '/api/v5/nodes') return nodes('5.8.9');
    return json({ code: 'API_NOT_EXIST', message: 'Request Path Not Found' }, 404);
  };
}

/** One recorded call. */
interface Recorded {
  request: { method: string; path: string };
  status: number;
  headers: Record<string, string>;
  body_raw: string;
}

/** What a real broker answered, by the name of the call. */
export function recordings(version: '4.4.19' | '5.0.26') {
  const file = join(PACKAGE_ROOT, 'test/fixtures/emqx', version, 'rest-responses.json');
  const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Recorded>;
  return (name: string): Reply => {
    const recorded = all[name];
    if (recorded === undefined) throw new Error(`nothing is recorded under "${name}"`);
    const { status, headers, body_raw: body } = recorded;
    if (headers['content-length'] === undefined) return { status, headers, body };
    // Two paths in the answer of /nodes were made shorter for the record.
    return { status, headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) }, body };
  };
}

export interface EmqxRig {
  broker: ReturnType<typeof createEmqxBroker>;
  events: BrokerEvent[];
  texts(): string[];
  warnings: string[];
  /** Resolves when `isTrue` holds; looked at with each event, warning and change of health. */
  until(isTrue: () => boolean): Promise<void>;
}

export async function openEmqxRig(
  options: Partial<EmqxOptions> & { apiUrl: string },
  isOpen = true,
): Promise<EmqxRig> {
  const events: BrokerEvent[] = [];
  const warnings: string[] = [];
  const told = new EventEmitter().setMaxListeners(0);
  const broker = createEmqxBroker(
    { ...KEY, events: 'webhook', ...options },
    {
      topics: makeTopics(DEFAULT_TOPICS),
      log: {
        info: () => undefined,
        warn: (text) => {
          warnings.push(text);
          told.emit('news');
        },
      },
    },
  );
  broker.onHealth(() => told.emit('news'));
  if (isOpen) {
    await broker.open(async (event) => {
      events.push(event);
      told.emit('news');
    });
  }
  return {
    broker,
    events,
    warnings,
    texts: () => events.flatMap((event) => (event.type === 'message' ? [event.payload.toString()] : [])),
    async until(isTrue) {
      while (!isTrue()) await once(told, 'news');
    },
  };
}
