import type { IncomingMessage } from 'node:http';
import { valuesIn } from '../../api/rest/query.js';
import { isFile, type Route } from '../../api/rest/route.js';
import { createDeadlines } from '../../manager/shared/deadlines.js';
import { parseInPieces } from '../../manager/shared/json-pieces.js';
import type { Refusal } from './answers.js';
import { CLOSE } from './answers.js';
import { bodyFault, headerFault, isPlainJson, MAX_BYTES } from './json-body.js';
import { type BodyFault, readBytes } from './read-body.js';

/** How long a body may take to arrive, ms. The guard in front, where there is one, also bounds its speed. */
const WITHIN_MS = 300_000;
const deadline = createDeadlines(WITHIN_MS);
/** How long the rest of a body that is too large is read and dropped, ms. */
const DRAIN_MS = 10_000;
/** Largest body of a call about one thing, bytes. */
const MAX_JSON_BYTES = 1024 * 1024;

/** A request as body parsers leave it: `_body` tells the parsers behind that the body has been read. */
type ParsedRequest = IncomingMessage & { body?: unknown; _body?: boolean };

/**
 * Reads the body of a REST call as its route takes it: the bytes of a file, or the values in JSON or a form; `{}` if nothing was sent or
 * the route takes no body. Whole numbers beyond 2^53 become BigInt. Returns a refusal when the body is faulty or too large.
 */
export async function restBodyOf(
  request: ParsedRequest,
  route: Route,
): Promise<{ body: unknown } | { refusal: Refusal }> {
  if (route.body === undefined) return { body: {} };
  // Another body parser has read it before.
  if (request._body) return { body: request.body };
  const fault = headerFault(request);
  if (fault !== null) return refused(415, fault);
  const mostBytes = takesMany(route) ? MAX_BYTES : MAX_JSON_BYTES;
  const read = await readBytes(request, { mostBytes, deadline });
  if ('fault' in read) {
    // A caller that is cut off while it sends sees a broken connection, and not the reason.
    if (read.fault === 'too large') await drained(request);
    return refused(read.fault === 'too large' ? 413 : 408, whyNot(read.fault, mostBytes));
  }
  if (isFile(route)) return { body: read.bytes };
  return await parsed(request, read.bytes.toString('utf8'));
}

/** Reads and drops the rest of a body, up to the largest size that anybody may send. */
function drained(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let left = MAX_BYTES;
    const end = () => {
      clearTimeout(timer);
      request.off('data', onData).off('end', end).off('close', end);
      resolve();
    };
    const onData = (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) end();
    };
    const timer = setTimeout(end, DRAIN_MS);
    request.on('data', onData).on('end', end).on('close', end);
    if (request.readableEnded || request.destroyed) end();
  });
}

/** Only files and lists of gateways may be long. */
function takesMany({ body }: Route): boolean {
  return body?.kind === 'file' || body?.takesMany === true;
}

function whyNot(fault: BodyFault['fault'], mostBytes: number): string {
  if (fault === 'too large') return `The body is larger than ${mostBytes / 1024 / 1024} MB.`;
  return fault === 'too late'
    ? `The body did not come within ${WITHIN_MS / 1000} s.`
    : 'The body was cut off.';
}

async function parsed(
  request: IncomingMessage,
  text: string,
): Promise<{ body: unknown } | { refusal: Refusal }> {
  if (text.trim() === '') return { body: {} };
  if (isPlainJson(request)) {
    return await parseInPieces(text).then(
      (body) => ({ body }),
      (error: unknown) => refused(400, bodyFault(error)),
    );
  }
  const type = request.headers['content-type'] ?? '';
  if (/^application\/x-www-form-urlencoded\b/i.test(type) && !/^\s*[[{]/.test(text)) {
    return { body: valuesIn(text) };
  }
  return refused(415, 'The body is not said to be JSON: send the header "Content-Type: application/json".');
}

function refused(status: number, message: string): { refusal: Refusal } {
  return { refusal: { status, code: 'INVALID_INPUT', message, headers: CLOSE } };
}
