import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuseRest } from './answers.js';
import { type DocsFile, docsFiles } from './docs-files.js';

const PAGE = '/docs/';
/** After so long without progress, the client is taken to be gone. */
const STALLED_MS = 60_000;

/** Allows only our own scripts and styles; the viewer has images in its style sheet. */
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

const HEADERS = {
  'content-encoding': 'gzip',
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  vary: 'accept-encoding',
  'x-content-type-options': 'nosniff',
};

/**
 * Whether a path below that of REST belongs to the page that shows the calls. Its files need no token, because they say nothing about the
 * fleet.
 */
export function isDocs(method: string, path: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const wanted = path.toLowerCase();
  return wanted.startsWith(PAGE) || `${wanted}/` === PAGE;
}

/**
 * Sends the page or a file that it loads. All names are known beforehand, so no path leads to any other file. Rejects when the files cannot
 * be read.
 */
export async function sendDocs(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  // The location is relative because a proxy may put all this below a path.
  if (!path.endsWith('/') && `${path.toLowerCase()}/` === PAGE)
    return void response.writeHead(302, { location: 'docs/', 'content-length': 0 }).end();
  if (!takesGzip(request)) return refuseRest(response, NOT_ACCEPTABLE);
  const { page, version, loaded } = await docsFiles();
  const name = path.slice(PAGE.length);
  if (name === '') return sendFile(request, response, page, { version, isKept: false });
  const file = name.startsWith(`${version}/`) ? loaded.get(name.slice(version.length + 1)) : undefined;
  if (file === undefined) return refuseRest(response, NOT_FOUND);
  sendFile(request, response, file, { version, isKept: true });
}

const NOT_FOUND = { status: 404, code: 'NOT_FOUND', message: 'There is no such file.' };
const NOT_ACCEPTABLE = {
  status: 406,
  code: 'INVALID_INPUT',
  message: 'This page is sent compressed: let the header Accept-Encoding have gzip.',
};

/** A client that does not send the header accepts every encoding. */
function takesGzip({ headers }: IncomingMessage): boolean {
  const accepted = headers['accept-encoding'];
  if (accepted === undefined) return true;
  return /(?:^|[,\s])(?:x-)?(?:gzip|\*)\s*(?:$|,|;\s*q=(?:1|0?\.0{0,2}[1-9]))/i.test(String(accepted));
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, type }: DocsFile,
  { version, isKept }: { version: string; isKept: boolean },
): void {
  const etag = `"${version}"`;
  const headers = {
    ...HEADERS,
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
