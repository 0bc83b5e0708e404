import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { BrokerOptions } from '../device-manager.js';
import { messageOf, TpeError } from '../tpe-error.js';

export interface Listeners {
  /** `127.0.0.1:1883, TLS 127.0.0.1:8883`. */
  detail: string;
  close(): Promise<void>;
}

/** What a listener hands on: a stream of MQTT bytes, and the address at its other end. */
export type OnConnection = (stream: Duplex, address: string) => void;

interface Wanted {
  name: string;
  port: number;
  server: Server;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 1883;
/** An MQTT packet of a gateway: its answer of 1 MB and the topic. */
const MAX_FRAME_BYTES = 2 * 1024 * 1024;

/** Listens on TCP, and on TLS and WebSocket where asked. All or none; CONFLICT for a taken port. */
export async function openListeners(
  options: Extract<BrokerOptions, { kind: 'embedded' }>,
  onConnection: OnConnection,
): Promise<Listeners> {
  const host = options.host ?? DEFAULT_HOST;
  const onSocket = (socket: Socket) => onConnection(socket, socket.remoteAddress ?? 'unknown');
  const wanted: Wanted[] = [{ name: '', port: options.port ?? DEFAULT_PORT, server: createServer(onSocket) }];
  if (options.tls) {
    const { port, certFile, keyFile } = options.tls;
    const pair = { cert: readPem(certFile, 'certificate'), key: readPem(keyFile, 'key') };
    wanted.push({ name: 'TLS ', port, server: tlsServer(pair, onSocket) });
  }
  if (options.webSocket) {
    wanted.push({ name: 'WebSocket ', port: options.webSocket.port, server: webSocketServer(onConnection) });
  }

  const open: Server[] = [];
  const close = async () => void (await Promise.all(open.map(closeServer)));
  const details: string[] = [];
  try {
    for (const { name, port, server } of wanted) {
      await listen(server, host, port);
      open.push(server);
      details.push(`${name}${host}:${(server.address() as AddressInfo).port}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { detail: details.join(', '), close };
}

function readPem(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const text = `The ${what} file of the MQTT broker cannot be read: ${messageOf(error)}`;
    throw new TpeError('INVALID_INPUT', text, { file }, error);
  }
}

function tlsServer(pair: { cert: Buffer; key: Buffer }, onSocket: (socket: Socket) => void): Server {
  try {
    const server = createTlsServer({ ...pair, minVersion: 'TLSv1.2' }, onSocket);
    // A handshake that fails concerns that client alone.
    server.on('tlsClientError', () => undefined);
    return server;
  } catch (error) {
    const text = `The certificate and key of the MQTT broker do not work: ${messageOf(error)}`;
    throw new TpeError('INVALID_INPUT', text, {}, error);
  }
}

function webSocketServer(onConnection: OnConnection): Server {
  const server = createHttpServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({
    server,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
  });
  sockets.on('connection', (socket, request) => {
    onConnection(createWebSocketStream(socket), request.socket.remoteAddress ?? 'unknown');
  });
  return server;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(asListenError(error, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function asListenError(error: NodeJS.ErrnoException, host: string, port: number): TpeError {
  const place = `${host}:${port}`;
  const facts = { host, port };
  if (error.code === 'EADDRINUSE') {
    const text = `The MQTT port ${place} is taken by another program: stop it, or choose another port (TPE_MQTT_PORT).`;
    return new TpeError('CONFLICT', text, facts, error);
  }
  if (error.code === 'EACCES') {
    return new TpeError('CONFLICT', `No right to listen on ${place}: choose a port over 1023.`, facts, error);
  }
  return new TpeError(
    'INVALID_INPUT',
    `The MQTT broker cannot listen on ${place}: ${messageOf(error)}`,
    facts,
    error,
  );
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
