import type { IncomingMessage } from 'node:http';
import { isFile, type Route } from '../../api/rest/route.js';
import { parseInPieces } from '../../manager/shared/json-pieces.js';
import type { Refusal } from './answers.js';
import { CLOSE } from './answers.js';
import { bodyFault, headerFault, isPlainJson, MAX_BYTES } from './json-body.js';
import { readBytes } from './read-body.js';

/** Our guard in front, where there is one, bounds the pace as well. */
const WITHIN_MS = 300_000;

/** As body parsers leave it: `_body` tells those behind that the body has been read. */
type ParsedRequest = IncomingMessage & { body?: unknown; _body?: boolean };

/**
 * The body of a REST call, for its route: the bytes of a file, or what stands in JSON or a form; `{}` where nothing was sent, and for what
 * takes none. Whole numbers beyond 2^53 are BigInt.
 */
export async function restBodyOf(
  request: ParsedRequest,
  route: Route,
): Promise<{ body: unknown } | { refusal: Refusal }> {
  if (route.body === undefined) return { body: {} };
  // Behind the body parsers of somebody else.
  if (request._body) return { body: request.body };
  const fault = headerFault(request);
  if (fault !== null) return refused(415, fault);
  const read = await readBytes(request, { mostBytes: MAX_BYTES, withinMs: WITHIN_MS });
  if ('fault' in read) return refused(read.fault === 'too large' ? 413 : 408, WHY[read.fault]);
  if (isFile(route)) return { body: read.bytes };
  return await parsed(request, read.bytes.toString('utf8'));
}

const WHY = {
  'too large': `The body is larger than ${MAX_BYTES / 1024 / 1024} MB.`,
  'too late': `The body did not come within ${WITHIN_MS / 1000} s.`,
  'cut off': 'The body was cut off.',
};

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
    return { body: Object.fromEntries(new URLSearchParams(text)) };
  }
  return refused(415, 'The body is not said to be JSON: send the header "Content-Type: application/json".');
}

function refused(status: number, message: string): { refusal: Refusal } {
  return { refusal: { status, code: 'INVALID_INPUT', message, headers: CLOSE } };
}
