import { Duplex } from 'node:stream';
import { createFrameScanner, type FrameWatcher } from './frames.js';

export interface GuardedStream {
  /** What the MQTT engine reads and writes. Destroying it closes the connection. */
  stream: Duplex;
  /** Takes what was read before. */
  take(bytes: Buffer): void;
  /** Takes nothing more from the client until `release`. */
  hold(): void;
  release(): void;
  isHeld(): boolean;
}

export interface StreamWatcher extends FrameWatcher {
  /** The client sent what no MQTT client sends; the connection ends. */
  onViolation(): void;
}

/** What was written may still be sent when a connection is closed, but no longer than this, ms. */
const LAST_WORDS_MS = 1000;
/** A client that closed may have left messages that are still to be read; so long they have, ms. */
const LEFTOVERS_MS = 10_000;

/**
 * Puts the frame scanner between a connection and the MQTT engine, and lets the engine's owner stop the reading. It
 * begins held: nothing is read before `release`.
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
    // One packet is written in many small pieces: without this each would be a segment or a frame of its own.
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
  // The engine listens too, but only while it knows the client.
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

/** The client is gone, but what it said is still read: the engine closes when it comes to the end. */
function leaveToRead(stream: Duplex): void {
  const timer = setTimeout(() => stream.destroy(), LEFTOVERS_MS);
  stream.once('close', () => clearTimeout(timer));
}

/** Ends it politely, so that a CONNACK with its reason still arrives, and for certain. */
function close(connection: Duplex): void {
  if (connection.destroyed) return;
  connection.on('error', () => undefined);
  const timer = setTimeout(() => connection.destroy(), LAST_WORDS_MS);
  connection.once('close', () => clearTimeout(timer));
  const socket = connection as { destroySoon?: () => void };
  if (socket.destroySoon) socket.destroySoon();
  else connection.end();
}
