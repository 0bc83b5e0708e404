import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A page of ours, or a file that it loads, compressed with gzip. */
export interface PageFile {
  bytes: Buffer;
  type: string;
}

/** After so long without progress, the client is taken to be gone. */
const STALLED_MS = 60_000;

/** Compresses the text of a page or of a file that it loads. */
export const compressed = promisify<string | Buffer, Buffer>(gzip);

/** Whether a client takes what is compressed with gzip. One that does not send the header accepts every encoding. */
export function takesGzip({ headers }: IncomingMessage): boolean {
  const accepted = headers['accept-encoding'];
  if (accepted === undefined) return true;
  return /(?:^|[,\s])(?:x-)?(?:gzip|\*)\s*(?:$|,|;\s*q=(?:1|0?\.0{0,2}[1-9]))/i.test(String(accepted));
}

/**
 * Sends a file of a page, or 304 to a browser that has this version. `isKept`: its address has the version in it, so browsers may keep it.
 * `policy` is the Content-Security-Policy.
 */
export function sendPageFile(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, type }: PageFile,
  { version, isKept, policy }: { version: string; isKept: boolean; policy: string },
): void {
  const etag = `"${version}"`;
  const headers = {
    'content-encoding': 'gzip',
    'content-security-policy': policy,
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
