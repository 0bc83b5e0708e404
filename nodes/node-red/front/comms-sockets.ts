import type { Duplex } from 'node:stream';
import { guard } from '../../manager/shared/guard.js';
import { createSocketGate } from './socket-gate.js';

/** A message of an editor. Node-RED would crash on another value, such as `null`. */
const isEditorMessage = guard({
  type: 'object',
  properties: {
    auth: { type: 'string', maxLength: 2000 },
    // Node-RED makes a regular expression from the topic that an editor subscribes to.
    subscribe: { type: 'string', pattern: '^[\\w/#+.:@ -]{0,300}$' },
    topic: { type: 'string', maxLength: 1000 },
  },
});

/** The editor signs in with its first message, and sends little afterwards, because it deploys flows over HTTP. */
const gate = createSocketGate({
  withinMs: 10_000,
  mostBytes: 8 * 1024,
  mostOfMessage: 1024 * 1024,
  isSound: (message) => isEditorMessage(jsonIn(message)),
  each: 20,
  all: 200,
  eachMinute: 240,
});

/**
 * The text message that Node-RED sends to an editor's socket that has signed in. A socket that has not signed in can get the same text back
 * by a ping that contains it.
 */
const SIGNED_IN = '{"auth":"ok"}';
const SIGNED_IN_FRAME = Buffer.from([0x81, SIGNED_IN.length, ...Buffer.from(SIGNED_IN)]);

const open = new Set<Duplex>();

/**
 * Bounds a socket of the editor in front of Node-RED until it has signed in. False if its address has too many sockets; then the socket is
 * closed.
 */
export function admitCommsSocket(socket: Duplex, address: string, head: Buffer): boolean {
  const waiting = gate.admit(socket, address, head);
  if (waiting === null) return false;
  open.add(socket);
  socket.once('close', () => open.delete(socket));
  onWritten(socket, SIGNED_IN_FRAME, () => waiting.pass());
  return true;
}

/** Closes the sockets of all editors. An editor that is still signed in reconnects within seconds; any other shows the login. */
export function closeCommsSockets(): void {
  for (const socket of open) socket.destroy();
}

/**
 * Calls back once, when the socket writes exactly this frame: first its head, then its text. A frame that is written in one piece does not
 * count, because it may hold a text that the caller has chosen.
 */
function onWritten(socket: Duplex, frame: Buffer, done: () => void): void {
  const write = socket.write;
  let before: Buffer = Buffer.alloc(0);
  socket.write = (...values: unknown[]): boolean => {
    const chunk = bytesOf(values[0], frame.length);
    if (before.length === 2 && frame.equals(Buffer.concat([before, chunk]))) {
      socket.write = write;
      done();
    }
    before = chunk;
    return write.apply(socket, values as Parameters<typeof write>);
  };
}

/** The written bytes; empty when they are more than `most`. */
function bytesOf(chunk: unknown, most: number): Buffer {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  return Buffer.isBuffer(bytes) && bytes.length <= most ? bytes : Buffer.alloc(0);
}

/** Node-RED ignores a message that is no JSON, which therefore counts as an empty object. */
function jsonIn(message: Buffer): unknown {
  try {
    return JSON.parse(message.toString('utf8'));
  } catch {
    return {};
  }
}
