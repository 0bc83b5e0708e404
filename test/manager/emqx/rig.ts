import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import { PACKAGE_ROOT } from '../../support/editor-files.js';
import { type Emqx, type EmqxOptions, startEmqx } from '../../support/emqx/index.js';

export const KEY = { apiKey: 'key-1', apiSecret: 'secret-1' };
export const MANAGER = { username: 'tpedm', password: 'manager' };

export interface Hook {
  headers: IncomingHttpHeaders;
  raw: string;
  body: Record<string, unknown>;
}

/** A webhook that notes what it gets, and answers as the test wants it. */
export interface Receiver {
  url: string;
  hooks: Hook[];
  /** The status to answer with, or null to cut the connection; 200 from the start. */
  answerWith(decide: (hook: Hook) => number | null | Promise<number | null>): void;
  /** Resolves when `isTrue` holds; looked at with each request. */
  until(isTrue: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const hooks: Hook[] = [];
  const news = new EventEmitter().setMaxListeners(0);
  let decide: Parameters<Receiver['answerWith']>[0] = () => 200;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const raw = Buffer.concat(chunks).toString();
    const hook: Hook = { headers: incoming.headers, raw, body: JSON.parse(raw) };
    hooks.push(hook);
    news.emit('hook');
    const status = await decide(hook);
    if (status === null) incoming.socket.destroy();
    else response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhook`,
    hooks,
    answerWith(next) {
      decide = next;
    },
    async until(isTrue) {
      while (!isTrue()) await once(news, 'hook');
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** All that a test opened; closed by `closeAll`. */
export interface Rig {
  emqx: Emqx;
  version: EmqxOptions['version'];
  receiver: Receiver;
  /** A client that does not come back by itself. */
  client(clientId: string, options?: IClientOptions): Promise<MqttClient>;
  /** CONNECT from a bare socket, which never says more. */
  silent(clientId: string, keepalive: number): Promise<Socket>;
  rest(method: string, path: string, body?: unknown, login?: string | null): Promise<Answer>;
  closeAll(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Undefined where it is no JSON. */
  body: unknown;
}

type RigOptions = Omit<EmqxOptions, 'apiKey' | 'apiSecret' | 'webhook'> & {
  webhook?: Partial<NonNullable<EmqxOptions['webhook']>>;
};

export async function openRig(options: RigOptions): Promise<Rig> {
  const receiver = await openReceiver();
  const emqx = await startEmqx({
    ...KEY,
    accounts: [MANAGER],
    ...options,
    webhook: {
      url: receiver.url,
      secret: 'hook-secret',
      payloads: 'plain',
      ...options.webhook,
      presence: { healthCheckMs: 5, ...options.webhook?.presence },
      messages: { healthCheckMs: 5, ...options.webhook?.messages },
    },
  });
  const clients: MqttClient[] = [];
  const sockets: Socket[] = [];
  const { host } = new URL(emqx.mqttUrl);
  const [, port = ''] = host.split(':');
  return {
    emqx,
    version: options.version,
    receiver,
    async client(clientId, more = {}) {
      const client = await connectAsync(emqx.mqttUrl, { clientId, reconnectPeriod: 0, ...more });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    async silent(clientId, keepalive) {
      const socket = connect(Number(port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(
        generate({
          cmd: 'connect',
          clientId,
          keepalive,
          clean: true,
          protocolVersion: 4,
          protocolId: 'MQTT',
        }),
      );
      await once(socket, 'data');
      return socket;
    },
    rest: (method, path, body, login = `${KEY.apiKey}:${KEY.apiSecret}`) =>
      ask(new URL(path, emqx.apiUrl), method, body, login),
    async closeAll() {
      for (const client of clients) client.end(true);
      for (const socket of sockets) socket.destroy();
      await emqx.stop();
      await receiver.close();
    },
  };
}

function ask(url: URL, method: string, body: unknown, login: string | null): Promise<Answer> {
  const text = body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method,
      agent: false,
      headers: {
        'content-type': 'application/json',
        ...(login === null ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
      },
    });
    call.on('error', reject);
    call.on('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(Buffer.from(chunk));
      const answer = Buffer.concat(chunks).toString();
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: answer,
        body: parse(answer),
      });
    });
    call.end(text);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Resolves when the client has lost its connection. */
export function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => void client.once('close', () => resolve()));
}

/** A file of what a running broker sent. */
export function recorded<T>(release: string, name: string): T {
  return JSON.parse(readFileSync(join(PACKAGE_ROOT, 'test/fixtures/emqx', release, `${name}.json`), 'utf8'));
}
