import type { IncomingMessage, ServerResponse } from 'node:http';
import { UncarriedNumber } from '../../manager/shared/exact-json.js';
import { parseInPieces } from '../../manager/shared/json-pieces.js';
import { messageOf } from '../../manager/shared/tpe-error.js';

/** Largest body of a request, bytes: a file of 100,000 gateways. */
export const MAX_BYTES = 20 * 1024 * 1024;

const restPaths = new WeakMap<IncomingMessage, string>();

/**
 * Notes that a request is a REST call, with its URL below the root of the HTTP nodes. Where that root is not `/`, the parser in front of
 * the editor, which runs first, sees only the whole URL.
 */
export function nameRestCall(request: IncomingMessage, url: string): void {
  restPaths.set(request, url);
}

/** A request as body parsers leave it: `_body` tells the parsers behind that the body has been read. */
type ParsedRequest = IncomingMessage & { body?: unknown; _body?: boolean };

/**
 * Middleware that reads the bodies of REST calls before Node-RED does. An imported file stays as its bytes. Broken JSON is answered with a
 * 400 in the form of all REST answers, where Node-RED would send a 500 with a page of HTML; a body that is too large is answered with a
 * 413. Whole numbers beyond 2^53 become BigInt. Goes behind the guard of the API token into `httpAdminMiddleware`, since the editor's
 * parser comes first, and into `httpNodeMiddleware`.
 */
export function jsonBody(request: ParsedRequest, response: ServerResponse, next: () => void): void {
  if (request._body || !isRestCall(request)) return next();
  const fault = headerFault(request);
  if (fault !== null) return refuse(response, 415, fault);
  if (!isPlainJson(request) && !isFile(request)) return next();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BYTES) chunks.push(chunk);
  });
  request.on('end', () => {
    if (size > MAX_BYTES)
      return refuse(response, 413, `The body is larger than ${MAX_BYTES / 1024 / 1024} MB.`);
    if (isFile(request)) {
      request.body = Buffer.concat(chunks);
      request._body = true;
      return next();
    }
    const text = Buffer.concat(chunks).toString('utf8');
    (text === '' ? Promise.resolve({}) : parseInPieces(text)).then(
      (body) => {
        request.body = body;
        request._body = true;
        next();
      },
      (error: unknown) => refuse(response, 400, bodyFault(error)),
    );
  });
}

/** A sentence that says why a body is not accepted. */
export function bodyFault(error: unknown): string {
  const what = error instanceof UncarriedNumber ? 'cannot be taken' : 'is not JSON';
  return `The body ${what}: ${messageOf(error)}`;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify({ status: false, data: { code: 'INVALID_INPUT', message } }));
}

function isRestCall(request: IncomingMessage): boolean {
  return /^\/api(\/|$)/i.test(restUrl(request));
}

function restUrl(request: IncomingMessage): string {
  return restPaths.get(request) ?? request.url ?? '';
}

/**
 * The bytes of a file are kept whatever its content type is: the reader of files detects the encoding, while a parser here would assume
 * UTF-8.
 */
function isFile(request: IncomingMessage): boolean {
  const isImport = /^\/api\/(?:device|operation)\/import\/?(?:\?|$)/i.test(restUrl(request));
  return request.method === 'POST' && isImport;
}

/** A content type as in RFC 9110, 8.3.1, with names as in RFC 6838. */
const NAME = '[A-Za-z0-9][\\w!#$&^.+-]{0,126}';
const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const MEDIA_TYPE = new RegExp(
  `^${NAME}/${NAME}(?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*"))*[ \\t]*$`,
);

/** The fault in the headers that the parsers behind would answer with a 500; null if there is none. */
export function headerFault({ method, headers }: IncomingMessage): string | null {
  if (method === 'GET' || method === 'HEAD') return null;
  const { 'content-type': type, 'content-encoding': encoding } = headers;
  if (encoding !== undefined && encoding !== 'identity') {
    return `The body is encoded (${encoding.slice(0, 20)}): send plain JSON.`;
  }
  if (type === undefined || MEDIA_TYPE.test(type)) return null;
  return `"${type.slice(0, 100)}" is no content type: send the header "Content-Type: application/json".`;
}

/** Whether the content type of a request is JSON. */
export function isPlainJson({ headers }: IncomingMessage): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '');
}
