import { IncomingMessage, type ServerResponse } from 'node:http';
import { addressKey } from '../../manager/shared/address-key.js';
import { CLOSE, type Refusal } from '../http/answers.js';

/** A request body that arrives. */
export interface BodyOptions {
  /** IP address of the caller. */
  address: string;
  /** True for an authenticated caller, whose body is bounded in its speed only. */
  isKnown: boolean;
  /** Largest size, bytes. */
  most: number;
  /** How much memory the body takes once it is parsed. */
  kind: BodyKind;
  /** Answers with the refusal. Not called when an answer has begun already: then the connection ends. */
  refuse(refusal: Refusal): void;
}

/** The bodies that one server is receiving. */
export interface Bodies {
  /** Bounds a body that has yet to be read. False if it is refused. */
  admit(request: IncomingMessage, response: ServerResponse, options: BodyOptions): boolean;
  /** Bytes of unauthenticated callers' bodies that are in memory or announced, weighed by their kind. */
  held(): number;
}

export interface BodyLimits {
  /** How long no byte of a body may arrive while somebody reads it, ms. */
  idleMs: number;
  /** Time after which the body of an unauthenticated caller must have arrived with at least `bytesPerSecond` on average, ms. */
  graceMs: number;
  bytesPerSecond: number;
  /** Bounds of unauthenticated callers, all together and for each address. The bytes of JSON count several times. */
  bytes: number;
  bytesEach: number;
  bodies: number;
  bodiesEach: number;
}

const MB = 1024 * 1024;
const LIMITS: BodyLimits = {
  idleMs: 10_000,
  graceMs: 10_000,
  bytesPerSecond: 16 * 1024,
  bytes: 48 * MB,
  bytesEach: 24 * MB,
  bodies: 500,
  bodiesEach: 100,
};
const LOOK_EVERY_MS = 1000;

interface Body extends BodyOptions {
  request: IncomingMessage;
  response: ServerResponse;
  key: string;
  /** Bytes that the body counts for by its kind: those announced, or those received if they are more. */
  weight: number;
  received: number;
  isWhole: boolean;
  startedAt: number;
  lastAt: number;
}

interface Share {
  bodies: number;
  bytes: number;
}

/** Whether a request has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || announced(headers) > 0;
}

/** The kind of a body, by the headers of its request. */
export function kindOf({ headers }: IncomingMessage): BodyKind {
  const [type = '', encoding = 'identity'] = [headers['content-type'], headers['content-encoding']];
  const isJson = /\bjson\b/i.test(type);
  const isCompressed = encoding.toLowerCase() !== 'identity';
  if (isCompressed && (isJson || /urlencoded/i.test(type))) return 'compressed';
  return isJson ? 'json' : 'plain';
}

/** The announced size of a body, bytes; 0 if there is none. */
export function announced(headers: IncomingMessage['headers']): number {
  return Number(headers['content-length'] ?? 0);
}

/**
 * Creates the bounds for bodies. Unauthenticated callers share bounds for bytes and number, all together and for each address, and their
 * bodies need a least speed. A body of anybody that stands still is refused with TIMED_OUT.
 */
export function createBodies(limits: BodyLimits = LIMITS): Bodies {
  const underWay = new Set<Body>();
  const shares = new Map<string, Share>();
  const all: Share = { bodies: 0, bytes: 0 };
  let timer: NodeJS.Timeout | null = null;

  const shareOf = (key: string): Share => shares.get(key) ?? { bodies: 0, bytes: 0 };

  const take = (body: Body, bytes: number, bodies = 0): void => {
    if (body.isKnown) return;
    const own = shareOf(body.key);
    for (const share of [own, all]) {
      share.bytes += bytes;
      share.bodies += bodies;
    }
    if (own.bodies > 0) shares.set(body.key, own);
    else shares.delete(body.key);
  };

  const end = (body: Body): void => {
    if (!underWay.delete(body)) return;
    take(body, -body.weight, -1);
    if (underWay.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };

  const refuse = (body: Body, refusal: Refusal): void => {
    end(body);
    const { request, response } = body;
    // The reader of the body gets no more of it.
    request.push = () => true;
    if (response.headersSent) return void request.destroy();
    response.once('close', () => request.destroy());
    body.refuse({ ...refusal, headers: { ...refusal.headers, ...CLOSE } });
  };

  const look = (): void => {
    const now = Date.now();
    for (const body of [...underWay]) {
      const fault = paceFault(body, now, limits);
      if (fault !== null) refuse(body, { status: 408, code: 'TIMED_OUT', message: fault });
    }
  };

  const grew = (body: Body, bytes: number): void => {
    body.received += bytes;
    body.lastAt = Date.now();
    if (body.received > body.most) return refuse(body, tooLarge(body.most));
    const more = weightOf(body.received, body.kind) - body.weight;
    if (more <= 0) return;
    body.weight += more;
    take(body, more);
    if (!body.isKnown && isTooMuch(shareOf(body.key), all, limits)) refuse(body, TOO_MUCH);
  };

  return {
    admit(request, response, options) {
      const now = Date.now();
      const size = announced(request.headers);
      const key = addressKey(options.address);
      const { isKnown, most, kind } = options;
      const weight = weightOf(size, kind);
      // Data has arrived while the caller was being identified.
      const received = request.readableLength;
      const body = {
        ...options,
        request,
        response,
        key,
        weight,
        received,
        isWhole: false,
        startedAt: now,
        lastAt: now,
      };
      const refusal =
        size > most || received > most
          ? tooLarge(most)
          : isKnown
            ? null
            : shareFault(shareOf(key), all, weight, limits);
      if (refusal !== null) {
        options.refuse({ ...refusal, headers: CLOSE });
        return false;
      }
      underWay.add(body);
      take(body, weight, 1);
      timer ??= setInterval(look, LOOK_EVERY_MS).unref();
      request.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
        const goesOn = IncomingMessage.prototype.push.call(request, chunk, encoding);
        if (chunk !== null) grew(body, chunk.length);
        // What is parsed from a large body stays in memory until the answer.
        else if (body.weight <= SMALL || kind === 'plain') end(body);
        else body.isWhole = true;
        return goesOn;
      };
      request.once('close', () => {
        if (!body.isWhole) end(body);
      });
      response.once('close', () => end(body));
      return true;
    },
    held: () => all.bytes,
  };
}

const TOO_MUCH: Refusal = {
  status: 503,
  code: 'BUSY',
  message: 'Too many uploads without sign-in at the same time: try again in a moment.',
  headers: { 'retry-after': '5' },
};

function tooLarge(most: number): Refusal {
  const size = most < MB ? `${Math.floor(most / 1024)} kB` : `${Math.floor(most / MB)} MB`;
  return { status: 413, code: 'INVALID_INPUT', message: `The body is larger than ${size}.` };
}

/**
 * The kind of a body: JSON, which is parsed; JSON or a form in compressed form, which Node-RED inflates before it parses it; or any other.
 */
export type BodyKind = 'json' | 'compressed' | 'plain';

/**
 * Parsed JSON takes more memory than its text, in the worst case (empty objects) twenty times as much. The factor is lower, since only a
 * few such bodies fit into the bounds at a time.
 */
const OF_JSON = 4;

/** The bytes that a body counts for when `bytes` of it have arrived or are announced. */
function weightOf(bytes: number, kind: BodyKind): number {
  return kind === 'plain' ? bytes : OF_JSON * bytes;
}

/** Bodies up to this size, bytes, are bounded by their number only, so that large ones do not keep them out. */
const SMALL = 64 * 1024;

function shareFault(own: Share, all: Share, weight: number, limits: BodyLimits): Refusal | null {
  const isTooMany = own.bodies >= limits.bodiesEach || all.bodies >= limits.bodies;
  if (isTooMany) return TOO_MUCH;
  if (weight <= SMALL) return null;
  const plus = ({ bytes, bodies }: Share) => ({ bodies, bytes: bytes + weight });
  return isTooMuch(plus(own), plus(all), limits) ? TOO_MUCH : null;
}

function isTooMuch(own: Share, all: Share, limits: BodyLimits): boolean {
  return own.bytes > limits.bytesEach || all.bytes > limits.bytes;
}

/** What is wrong with the pace of a body; null if nothing is, or if nobody reads the body. */
function paceFault(body: Body, now: number, limits: BodyLimits): string | null {
  const { request, received, isWhole, startedAt, lastAt, isKnown } = body;
  if (isWhole) return null;
  const isRead = request.readableFlowing === true || request.listenerCount('readable') > 0;
  if (!isRead) return null;
  if (now - lastAt > limits.idleMs) return `No data received for ${limits.idleMs / 1000} s.`;
  const seconds = (now - startedAt) / 1000;
  if (isKnown || now - startedAt <= limits.graceMs) return null;
  return received < seconds * limits.bytesPerSecond ? 'The request body arrives too slowly.' : null;
}
