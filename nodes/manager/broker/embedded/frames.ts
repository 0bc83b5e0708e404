/** What the scanner tells of the bytes that pass. */
export interface FrameWatcher {
  /** A whole DISCONNECT passed. */
  onGoodbye(): void;
  /** A PUBLISH of so many bytes was cut down to nothing. */
  onTooLarge(bytes: number): void;
}

/** Takes what came from a client; returns what may go on, or null when the connection must end. */
export type FrameScanner = (chunk: Buffer) => Buffer[] | null;

/** A PUBLISH that may be no message: its topic says so. Nobody can subscribe to it. */
export const NOWHERE = '$tpedm/nowhere';

/** The largest PUBLISH, bytes after the fixed header. EMQX has the same limit. */
export const MAX_PUBLISH_BYTES = 1024 * 1024;
/** The largest CONNECT: client id, username and password as long as the registry has them, and a will of some kB. */
export const MAX_CONNECT_BYTES = 8 * 1024;
/** So much may come before a client is let in, a CONNECT with it. */
export const MAX_BEFORE_LOGIN_BYTES = 16 * 1024;
/** The largest of the others: a SUBSCRIBE with very many filters. */
const MAX_OTHER_BYTES = 128 * 1024;

const CONNECT = 1;
const PUBLISH = 3;
const DISCONNECT = 14;
const NO_BYTES = Buffer.alloc(0);
const SMALLEST_STORE = 256;

interface Header {
  type: number;
  qos: number;
  /** Of the fixed header. */
  length: number;
  /** After the fixed header. */
  rest: number;
}

/**
 * Cuts a client's bytes into whole MQTT packets, so that no client can make the broker hold more than one packet of
 * bounded size. A PUBLISH that is too large goes on with the topic NOWHERE and without its payload: it can be
 * acknowledged, so that its sender does not send it for ever. Anything else that is too large, a broken length, and
 * bytes that do not begin with CONNECT end the connection.
 */
export function createFrameScanner(watcher: FrameWatcher): FrameScanner {
  const store = createStore();
  let skipping = 0;
  let isGreeted = false;

  return (chunk) => {
    const skipped = Math.min(skipping, chunk.length);
    skipping -= skipped;
    const view = store.join(chunk.subarray(skipped));
    const passing: Buffer[] = [];
    let from = 0;
    let at = 0;
    while (at < view.length) {
      if (!isGreeted && view[at]! >> 4 !== CONNECT) return null;
      const header = readHeader(view, at);
      if (header === null) return null;
      if (header === 'incomplete') break;
      const total = header.length + header.rest;
      if (header.rest > limitOf(header)) {
        if (header.type !== PUBLISH) return null;
        const stub = stubOf(view.subarray(at), header);
        if (stub === null) return null;
        if (stub === 'incomplete') break;
        passing.push(view.subarray(from, at), stub);
        watcher.onTooLarge(header.rest);
        const present = Math.min(total, view.length - at);
        skipping = total - present;
        at += present;
        from = at;
        continue;
      }
      if (view.length - at < total) break;
      if (header.type === DISCONNECT) watcher.onGoodbye();
      isGreeted = true;
      at += total;
    }
    passing.push(view.subarray(from, at));
    store.keep(view, at);
    return passing.filter((bytes) => bytes.length > 0);
  };
}

/** Null when the length is broken. */
function readHeader(view: Buffer, at: number): Header | 'incomplete' | null {
  let rest = 0;
  for (let index = 1; index <= 4; index += 1) {
    const byte = view[at + index];
    if (byte === undefined) return 'incomplete';
    rest += (byte & 0x7f) * 128 ** (index - 1);
    if (byte < 0x80) return { type: view[at]! >> 4, qos: (view[at]! >> 1) & 3, length: index + 1, rest };
  }
  return null;
}

function limitOf({ type }: Header): number {
  if (type === CONNECT) return MAX_CONNECT_BYTES;
  return type === PUBLISH ? MAX_PUBLISH_BYTES : MAX_OTHER_BYTES;
}

/**
 * Collects what comes until a whole CONNECT is there; returns all of it then, `incomplete` before, and null when the
 * connection must end: it began with something else, or sent too much.
 */
export function createConnectCollector(): (chunk: Buffer) => Buffer | 'incomplete' | null {
  const store = createStore();
  return (chunk) => {
    const view = store.join(chunk);
    if (view.length === 0) return 'incomplete';
    if (view.length > MAX_BEFORE_LOGIN_BYTES || view[0]! >> 4 !== CONNECT) return null;
    const header = readHeader(view, 0);
    if (header === null || (header !== 'incomplete' && header.rest > MAX_CONNECT_BYTES)) return null;
    if (header !== 'incomplete' && view.length >= header.length + header.rest) return view;
    store.keep(view, 0);
    return 'incomplete';
  };
}

/** The same PUBLISH without payload, on NOWHERE. Null when it is malformed. */
function stubOf(frame: Buffer, header: Header): Buffer | 'incomplete' | null {
  if (header.qos > 2) return null;
  const topicAt = header.length;
  if (frame.length < topicAt + 2) return 'incomplete';
  const idAt = topicAt + 2 + frame.readUInt16BE(topicAt);
  const idBytes = header.qos === 0 ? 0 : 2;
  if (frame.length < idAt + idBytes) return 'incomplete';
  const topic = Buffer.from(NOWHERE);
  const body = [Buffer.from([0, topic.length]), topic, frame.subarray(idAt, idAt + idBytes)];
  return Buffer.concat([Buffer.from([frame[0]!, 2 + topic.length + idBytes]), ...body]);
}

/** Holds the beginning of a packet. It grows by doubling, so that a packet sent byte by byte costs no more. */
function createStore() {
  let held = NO_BYTES;
  let length = 0;

  function grow(size: number): void {
    if (size <= held.length) return;
    const larger = Buffer.allocUnsafe(Math.max(size, held.length * 2, SMALLEST_STORE));
    held.copy(larger, 0, 0, length);
    held = larger;
  }

  return {
    /** What is held, and the chunk behind it. */
    join(chunk: Buffer): Buffer {
      if (length === 0) return chunk;
      grow(length + chunk.length);
      chunk.copy(held, length);
      length += chunk.length;
      return held.subarray(0, length);
    },
    /** Holds what stands in `view` from `at`. What is before has gone on and must not be written over. */
    keep(view: Buffer, at: number): void {
      if (at === 0 && length > 0) return;
      const rest = view.subarray(at);
      held = NO_BYTES;
      length = 0;
      if (rest.length === 0) return;
      grow(rest.length);
      rest.copy(held);
      length = rest.length;
    },
  };
}
