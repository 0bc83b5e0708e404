/** Learns what the scanner finds in the bytes of a client. */
export interface FrameWatcher {
  /** Called for each complete DISCONNECT. */
  onGoodbye(): void;
  /** Called for each PUBLISH that was too large and so lost its topic and payload; `bytes` is its length after the fixed header. */
  onTooLarge(bytes: number): void;
}

/** Takes bytes of a client. Returns those that the engine may read, or null if the connection must end. */
export type FrameScanner = (chunk: Buffer) => Buffer[] | null;

/** The topic of a PUBLISH that reaches no client and not the sink. No client may subscribe to it. */
export const NOWHERE = '$tpedm/nowhere';

/** The largest PUBLISH in bytes after the fixed header. EMQX has the same limit. */
export const MAX_PUBLISH_BYTES = 1024 * 1024;
/** The largest CONNECT: the longest client id, username and password of the registry, and a will of some kB. */
export const MAX_CONNECT_BYTES = 8 * 1024;
/** The most bytes that a client may send before it has logged in, including its CONNECT. */
export const MAX_BEFORE_LOGIN_BYTES = 16 * 1024;
/** The largest packet of any other type, enough for a SUBSCRIBE with very many filters. */
const MAX_OTHER_BYTES = 128 * 1024;

const CONNECT = 1;
const PUBLISH = 3;
const DISCONNECT = 14;
const NO_BYTES = Buffer.alloc(0);
const SMALLEST_STORE = 256;

interface Header {
  type: number;
  qos: number;
  /** The bytes of the fixed header. */
  length: number;
  /** The bytes after the fixed header. */
  rest: number;
}

/**
 * Creates a scanner that splits the bytes of a client into complete MQTT packets, so that no client can make the broker hold more than one
 * packet of limited size. A PUBLISH that is too large is passed on with the topic NOWHERE and without payload: it is acknowledged, so that
 * the client does not send it again and again. The connection ends for any other packet that is too large, for a malformed length, and if
 * the first packet is no CONNECT.
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

/** Reads a fixed header. Null if its length is malformed. */
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
 * Creates a function that collects the bytes of a client until the CONNECT is complete. It returns all bytes then, `incomplete` before, and
 * null if the connection must end, because it began with another packet or sent too much.
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

/** Makes the same PUBLISH with the topic NOWHERE and without payload. Null if it is malformed. */
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

/** Holds the beginning of a packet. It grows by doubling, so that a packet that arrives byte by byte is not copied again each time. */
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
    /** Returns the bytes that are held, followed by the chunk. */
    join(chunk: Buffer): Buffer {
      if (length === 0) return chunk;
      grow(length + chunk.length);
      chunk.copy(held, length);
      length += chunk.length;
      return held.subarray(0, length);
    },
    /** Holds the bytes of `view` from `at`. The bytes before were passed on and must not be overwritten, so the rest is copied. */
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
