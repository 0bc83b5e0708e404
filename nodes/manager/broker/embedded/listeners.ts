import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { EmbeddedOptions } from '../../broker/options.js';
import { ipAddress as addressIn } from '../../shared/ip-address.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import type { Admission, Ticket } from './admission.js';
import { createConnectCollector, MAX_BEFORE_LOGIN_BYTES, MAX_PUBLISH_BYTES } from './frames.js';

/** The ports that are open; null for a listener that the options do not have. */
export interface Ports {
  tcp: number;
  tls: number | null;
  webSocket: number | null;
}

export interface Listeners {
  /** For a person, such as `127.0.0.1:1883, TLS 127.0.0.1:8883`. */
  detail: string;
  ports: Ports;
  /** Stops listening and closes every connection that is still open. */
  close(): Promise<void>;
}

/** The connection of a client that has sent a complete CONNECT. */
export interface Connection {
  stream: Duplex;
  /** The CONNECT, and the bytes that arrived with it. */
  first: Buffer;
  ticket: Ticket;
  ipAddress: string | null;
  port: number | null;
  kind: keyof Ports;
}

interface Listener {
  kind: keyof Ports;
  port: number;
  server: Server;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 1883;
const NAMES: Record<keyof Ports, string> = { tcp: '', tls: 'TLS ', webSocket: 'WebSocket ' };
/** TCP notices by this that a gateway is gone whose MQTT keepalive is 0. */
const TCP_KEEPALIVE_MS = 60_000;
/** The most bytes of headers in a request for a WebSocket. */
const MAX_HEADER_BYTES = 8 * 1024;

/**
 * Listens on TCP, and on TLS and WebSocket if the options have them. If one listener fails, none stays open. Rejects with CONFLICT for a
 * port that is taken or needs an administrator's rights, and with INVALID_INPUT for an address or certificate that cannot be used.
 */
export async function openListeners(
  options: EmbeddedOptions,
  admission: Admission,
  onConnection: (connection: Connection) => void,
): Promise<Listeners> {
  const host = options.host ?? DEFAULT_HOST;
  const sockets = new Set<Socket>();
  const opened: Listener[] = [];
  const close = async () => {
    const closed = opened.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  };
  const ports: Ports = { tcp: 0, tls: null, webSocket: null };
  try {
    for (const listener of listenersFor(options, admission, onConnection)) {
      remember(listener.server, sockets);
      await listen(listener, host);
      opened.push(listener);
      ports[listener.kind] = (listener.server.address() as AddressInfo).port;
    }
  } catch (error) {
    await close();
    throw error;
  }
  const detail = opened.map(({ kind }) => `${NAMES[kind]}${placeOf(host, ports[kind])}`).join(', ');
  return { detail, ports, close };
}

/** Takes a TCP connection that was accepted. */
type Take = (socket: Socket) => void;
/** Takes the stream of MQTT within it, after the handshake of TLS or WebSocket. */
type Hand = (stream: Duplex, socket: Socket) => void;

function listenersFor(
  { port, tls, webSocket }: EmbeddedOptions,
  admission: Admission,
  onConnection: (connection: Connection) => void,
): Listener[] {
  const entrance = (kind: keyof Ports, takerFor: (hand: Hand) => Take): Server =>
    createEntrance(kind, admission, onConnection, takerFor);
  const tcp = entrance('tcp', (hand) => (socket) => hand(socket, socket));
  const listeners: Listener[] = [{ kind: 'tcp', port: port ?? DEFAULT_PORT, server: tcp }];
  if (tls) {
    listeners.push({ kind: 'tls', port: tls.port, server: entrance('tls', (hand) => tlsTaker(tls, hand)) });
  }
  if (webSocket) {
    listeners.push({
      kind: 'webSocket',
      port: webSocket.port,
      server: entrance('webSocket', webSocketTaker),
    });
  }
  return listeners;
}

/** Creates the TCP server of a listener. Admission comes first, so that a connection without room costs nothing more. */
function createEntrance(
  kind: keyof Ports,
  admission: Admission,
  onConnection: (connection: Connection) => void,
  takerFor: (hand: Hand) => Take,
): Server {
  /** By address and port of the client: TLS makes a new socket, which has the same. */
  const tickets = new Map<string, Ticket>();
  const endOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

  const take = takerFor((stream, socket) => {
    const ticket = tickets.get(endOf(socket));
    if (ticket === undefined) return void stream.destroy();
    awaitConnect(stream, socket, (first) => {
      ticket.connectSeen();
      const ipAddress = addressOf(socket);
      const port = socket.remotePort ?? null;
      onConnection({ kind, stream, first, ticket, ipAddress, port });
    });
  });

  return createServer((socket) => {
    socket.on('error', () => undefined);
    const ticket = admission.enter(socket);
    if (ticket === null) return;
    const end = endOf(socket);
    tickets.set(end, ticket);
    socket.once('close', () => tickets.delete(end));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    take(socket);
  });
}

/** Reads until the CONNECT is complete. No session is created for a client before that. */
function awaitConnect(stream: Duplex, socket: Socket, onConnect: (first: Buffer) => void): void {
  const collect = createConnectCollector();
  const take = (chunk: Buffer) => {
    const first = collect(chunk);
    if (first === 'incomplete') return;
    stream.off('data', take);
    socket.off('data', count);
    if (first === null) return void stream.destroy();
    stream.pause();
    onConnect(first);
  };
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BEFORE_LOGIN_BYTES) socket.destroy();
  };
  stream.on('error', () => undefined);
  stream.on('data', take);
  // The WebSocket library holds an incomplete message without showing it, so the bytes of the socket are counted too.
  if (socket !== stream) socket.on('data', count);
}

function tlsTaker(files: { certFile: string; keyFile: string }, hand: Hand): Take {
  const cert = readPem(files.certFile, 'certificate');
  const key = readPem(files.keyFile, 'key');
  try {
    const server = createTlsServer({ cert, key }, (socket) => hand(socket, socket));
    // A handshake that fails affects only that client.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return (socket) => void server.emit('connection', socket);
  } catch (error) {
    throw new TpeError(
      'INVALID_INPUT',
      `The certificate ${files.certFile} with the key ${files.keyFile} cannot be used for MQTT over TLS: ${messageOf(error)}.`,
      { ...files },
      error,
    );
  }
}

function readPem(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new TpeError(
      'INVALID_INPUT',
      `The ${what} file for MQTT over TLS cannot be read: ${messageOf(error)}.`,
      { file },
      error,
    );
  }
}

function webSocketTaker(hand: Hand): Take {
  const server = createHttpServer({ maxHeaderSize: MAX_HEADER_BYTES }, (_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' });
    response.end('This is MQTT over WebSocket.\n');
  });
  const upgrades = new WebSocketServer({
    noServer: true,
    // The library holds a complete WebSocket message, so the frame scanner cannot shorten one: too large a message ends the connection.
    maxPayload: MAX_PUBLISH_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => ['mqtt', 'mqttv3.1'].find((name) => offered.has(name)) ?? false,
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      hand(createWebSocketStream(webSocket), socket);
    });
  });
  return (socket) => void server.emit('connection', socket);
}

function remember(server: Server, sockets: Set<Socket>): void {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

function listen({ server, port, kind }: Listener, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(asListenError(error, host, port, kind));
    server.once('error', refuse);
    server.listen({ host, port }, () => {
      server.off('error', refuse);
      // A later error means that one connection could not be accepted.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function asListenError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  kind: keyof Ports,
): TpeError {
  const place = `${NAMES[kind]}${placeOf(host, port)}`;
  const facts = { host, port, listener: kind };
  if (error.code === 'EADDRINUSE') {
    const text = `The MQTT broker cannot listen on ${place}: another program has that port. Stop it, or choose another port.`;
    return new TpeError('CONFLICT', text, facts, error);
  }
  if (error.code === 'EACCES') {
    const text = `The MQTT broker may not listen on ${place}: choose a port above 1023.`;
    return new TpeError('CONFLICT', text, facts, error);
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    const text = `The MQTT broker cannot listen on ${place}: this machine has no such address. Use 127.0.0.1, or 0.0.0.0 for all.`;
    return new TpeError('INVALID_INPUT', text, facts, error);
  }
  const text = `The MQTT broker cannot listen on ${place}: ${messageOf(error)}.`;
  return new TpeError('INVALID_INPUT', text, facts, error);
}

function addressOf(socket: Socket): string | null {
  return addressIn(socket.remoteAddress);
}

function placeOf(host: string, port: number | null): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
