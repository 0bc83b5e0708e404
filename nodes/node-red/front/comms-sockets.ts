import type { Duplex } from 'node:stream';
import { guard } from '../../manager/shared/guard.js';
import { createSocketGate } from './socket-gate.js';

/** What an editor sends. Anything else, `null` for one, would end the process. */
const isEditorMessage = guard({
  type: 'object',
  properties: {
    auth: { type: 'string', maxLength: 2000 },
    // Node-RED makes a pattern of it.
    subscribe: { type: 'string', pattern: '^[\\w/#+.:@ -]{0,300}$' },
    topic: { type: 'string', maxLength: 1000 },
  },
});

/** The editor signs in with its first message, and sends little afterwards: what it deploys goes another way. */
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
 * What Node-RED tells a socket of the editor that has signed in, as a text message: who is not signed in gets the same back in
 * answer to a ping that says it.
 */
const SIGNED_IN = '{"auth":"ok"}';
const SIGNED_IN_FRAME = Buffer.from([0x81, SIGNED_IN.length, ...Buffer.from(SIGNED_IN)]);

const open = new Set<Duplex>();

/** Takes a socket of the editor in front of Node-RED. False when its address has too many; then it is gone. */
export function admitCommsSocket(socket: Duplex, address: string, head: Buffer): boolean {
  const waiting = gate.admit(socket, address, head);
  if (waiting === null) return false;
  open.add(socket);
  socket.once('close', () => open.delete(socket));
  onWritten(socket, SIGNED_IN_FRAME, () => waiting.pass());
  return true;
}

/**
 * Closes all sockets of editors. Who may still come in does so by itself, within seconds; who may not any more, gets the
 * login.
 */
export function closeCommsSockets(): void {
  for (const socket of open) socket.destroy();
}

/**
 * Calls back once, when exactly this frame is written: its head, and then its text. What comes in one piece is the text of another
 * frame, which a caller may have chosen.
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

/** Of what is written; nothing of what is longer than `most` bytes. */
function bytesOf(chunk: unknown, most: number): Buffer {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  return Buffer.isBuffer(bytes) && bytes.length <= most ? bytes : Buffer.alloc(0);
}

/** Node-RED drops what is no JSON: then it is an empty object. */
function jsonIn(message: Buffer): unknown {
  try {
    return JSON.parse(message.toString('utf8'));
  } catch {
    return {};
  }
}
