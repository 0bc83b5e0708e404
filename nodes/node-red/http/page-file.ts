import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { refuseRest } from './answers.js';

/** A page of ours, or a file that it loads, compressed with gzip. */
export interface PageFile {
  bytes: Buffer;
  type: string;
}

/** A page of ours and the files that it loads, by their names. */
export interface PageFiles {
  page: PageFile;
  loaded: ReadonlyMap<string, PageFile>;
  /** Changes whenever one of them changes. */
  version: string;
}

/** Reads the files of a page at the first call and keeps them. When that fails, the call rejects, and the next one tries again. */
export function keptFiles(readFiles: () => Promise<PageFiles>): () => Promise<PageFiles> {
  let read: Promise<PageFiles> | undefined;
  return () => {
    read ??= readFiles().catch((error: unknown) => {
      read = undefined;
      throw error;
    });
    return read;
  };
}

/** Allows only our own scripts and styles; images stand in style sheets. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const NOT_FOUND = { status: 404, code: 'NOT_FOUND', message: 'There is no such file.' };
const NOT_ACCEPTABLE = {
  status: 406,
  code: 'INVALID_INPUT',
  message: 'This page is sent compressed: let the header Accept-Encoding have gzip.',
};

/** After so long without progress, the client is taken to be gone. */
const STALLED_MS = 60_000;

/** Compresses the text of a page or of a file that it loads. */
export const compressed = promisify<string | Buffer, Buffer>(gzip);

/**
 * Sends what has this name below the page: nothing is the page itself, `VERSION/FILE` is a file that it loads. All names are known beforehand,
 * so no name leads to any other file; one that is not known gets 404.
 */
export function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  { page, loaded, version }: PageFiles,
  name: string,
): void {
  if (!takesGzip(request)) return refuseRest(response, NOT_ACCEPTABLE);
  if (name === '') return sendFile(request, response, page, { version, isKept: false });
  const file = name.startsWith(`${version}/`) ? loaded.get(name.slice(version.length + 1)) : undefined;
  if (file === undefined) return refuseRest(response, NOT_FOUND);
  sendFile(request, response, file, { version, isKept: true });
}

/** Whether a client takes what is compressed with gzip. One that does not send the header accepts every encoding. */
function takesGzip({ headers }: IncomingMessage): boolean {
  const accepted = headers['accept-encoding'];
  if (accepted === undefined) return true;
  return /(?:^|[,\s])(?:x-)?(?:gzip|\*)\s*(?:$|,|;\s*q=(?:1|0?\.0{0,2}[1-9]))/i.test(String(accepted));
}

/** Sends a file, or 304 to a browser that has this version. `isKept`: its address has the version in it, so browsers may keep it. */
function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, type }: PageFile,
  { version, isKept }: { version: string; isKept: boolean },
): void {
  const etag = `"${version}"`;
  const headers = {
    'content-encoding': 'gzip',
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
    etag,
    'cache-control': isKept ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  const known = String(request.headers['if-none-match'] ?? '');
  if (known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag))
    return void response.writeHead(304, headers).end();
  response.setTimeout(STALLED_MS, () => void response.destroy());
  response.writeHead(200, { ...headers, 'content-type': type, 'content-length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
