import type { IncomingMessage, ServerResponse } from 'node:http';
import { docsFiles } from './docs-files.js';
import { sendPage } from './page-file.js';

const PAGE = '/docs/';

/**
 * Whether a path below that of REST belongs to the page that shows the calls. Its files need no token, because they say nothing about the
 * fleet.
 */
export function isDocs(method: string, path: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const wanted = path.toLowerCase();
  return wanted.startsWith(PAGE) || `${wanted}/` === PAGE;
}

/** Sends the page or a file that it loads. Rejects when the files cannot be read. */
export async function sendDocs(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  // The location is relative because a proxy may put all this below a path.
  if (!path.endsWith('/') && `${path.toLowerCase()}/` === PAGE)
    return void response.writeHead(302, { location: 'docs/', 'content-length': 0 }).end();
  sendPage(request, response, await docsFiles(), path.slice(PAGE.length));
}
