import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuseRest } from './answers.js';
import { docsFiles } from './docs-files.js';
import { sendPageFile, takesGzip } from './page-file.js';

const PAGE = '/docs/';

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
  if (name === '') return sendPageFile(request, response, page, { version, isKept: false, policy: POLICY });
  const file = name.startsWith(`${version}/`) ? loaded.get(name.slice(version.length + 1)) : undefined;
  if (file === undefined) return refuseRest(response, NOT_FOUND);
  sendPageFile(request, response, file, { version, isKept: true, policy: POLICY });
}

const NOT_FOUND = { status: 404, code: 'NOT_FOUND', message: 'There is no such file.' };
const NOT_ACCEPTABLE = {
  status: 406,
  code: 'INVALID_INPUT',
  message: 'This page is sent compressed: let the header Accept-Encoding have gzip.',
};
