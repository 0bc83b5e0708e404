import { Duplex } from 'node:stream';
import { createFrameScanner, type FrameWatcher } from './frames.js';

export interface GuardedStream {
  /** The stream that the MQTT engine reads and writes. Destroying it closes the connection. */
  stream: Duplex;
  /** Takes bytes that were read from the connection before. */
  take(bytes: Buffer): void;
  /** Stops reading from the client until `release`. */
  hold(): void;
  release(): void;
  isHeld(): boolean;
}

export interface StreamWatcher extends FrameWatcher {
  /** Called when the client broke the rules of MQTT packets, for which the connection ends. */
  onViolation(): void;
}

/** The longest time to send what was written before a connection is closed. */
const LAST_WORDS_MS = 1000;
/** The longest time for the engine to read the messages of a client that has closed the connection. */
const LEFTOVERS_MS = 10_000;

/**
 * Puts the frame scanner between a connection and the MQTT engine, and lets the broker pause the reading. It begins paused: nothing is read
 * from the connection before `release`.
 */
export function guardStream(connection: Duplex, watcher: StreamWatcher): GuardedStream {
  const scan = createFrameScanner(watcher);
  let isHeld = true;

  const stream = new Duplex({
    read() {
      if (!isHeld) connection.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      pass(connection, chunk, done);
    },
    // The engine writes a packet in many small pieces. Without this, each would be a TCP segment or WebSocket frame of its own.
    writev(pieces, done) {
      pass(connection, Buffer.concat(pieces.map(({ chunk }) => chunk as Buffer)), done);
    },
    destroy(error, done) {
      close(connection);
      done(error);
    },
  });

  function take(chunk: Buffer): void {
    if (stream.destroyed) return;
    const packets = scan(chunk);
    if (packets === null) {
      watcher.onViolation();
      stream.destroy();
      return;
    }
    let hasRoom = true;
    for (const packet of packets) hasRoom = stream.push(packet);
    if (!hasRoom || isHeld) connection.pause();
  }

  connection.pause();
  connection.on('data', take);
  connection.on('end', () => endOf(stream));
  connection.on('error', (error) => stream.destroy(error));
  connection.on('close', () => {
    if (stream.readableLength === 0) stream.destroy();
    else leaveToRead(stream);
  });
  // The engine handles errors too, but only while it knows the client, and an error without a handler would end the process.
  stream.on('error', () => undefined);

  return {
    stream,
    take,
    hold() {
      isHeld = true;
      connection.pause();
    },
    release() {
      isHeld = false;
      if (!stream.destroyed) connection.resume();
    },
    isHeld: () => isHeld,
  };
}

function pass(connection: Duplex, bytes: Buffer, done: (error?: Error | null) => void): void {
  if (!connection.writable) return done(connectionClosed());
  if (connection.write(bytes)) return done();
  connection.once('drain', () => done());
}

function connectionClosed(): Error {
  return Object.assign(new Error('the connection is closed'), { code: 'EPIPE' });
}

function endOf(stream: Duplex): void {
  if (!stream.destroyed && !stream.readableEnded) stream.push(null);
}

/** Lets the engine read what the client sent before it closed the connection. The engine closes the stream at its end. */
function leaveToRead(stream: Duplex): void {
  const timer = setTimeout(() => stream.destroy(), LEFTOVERS_MS);
  stream.once('close', () => clearTimeout(timer));
}

/** Closes a connection after what was written is sent, such as a CONNACK with its reason, and after a while in any case. */
function close(connection: Duplex): void {
  if (connection.destroyed) return;
  connection.on('error', () => undefined);
  const timer = setTimeout(() => connection.destroy(), LAST_WORDS_MS);
  connection.once('close', () => clearTimeout(timer));
  const socket = connection as { destroySoon?: () => void };
  if (socket.destroySoon) socket.destroySoon();
  else connection.end();
}
