import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Makes an absolute path, with or without a query, relative to the address `from`: for `/dashboard/page`, the path `/dashboard/login/` is
 * `login/`. A browser resolves it against the address that it knows, which behind a proxy may begin with a path that this server never
 * sees.
 */
export function relativeReference(from: string, target: string): string {
  const here = levelsOf(from.split(/[?#]/)[0] ?? '').slice(0, -1);
  const [path = '', ...rest] = target.split(/(?=[?#])/);
  const there = levelsOf(path);
  let common = 0;
  while (common < here.length && common < there.length - 1 && here[common] === there[common]) common += 1;
  const way = [...here.slice(common).map(() => '..'), ...there.slice(common)].join('/');
  // A colon in the first segment would be read as a scheme.
  const isPlain = way !== '' && !(way.split('/')[0] ?? '').includes(':');
  return `${isPlain ? way : `./${way}`}${rest.join('')}`;
}

function levelsOf(path: string): string[] {
  return path.replace(/^\/+/, '').split('/');
}

/** Makes the header `location` of an answer relative when the answer is sent, if it is an absolute path. */
export function withRelativeLocation(request: IncomingMessage, response: ServerResponse): void {
  const from = request.url ?? '/';
  const writeHead = response.writeHead;
  response.writeHead = (...values: unknown[]) => {
    const location = response.getHeader('location');
    if (typeof location === 'string' && /^\/(?![/\\])/.test(location)) {
      response.setHeader('location', relativeReference(from, location));
    }
    return writeHead.apply(response, values as Parameters<typeof writeHead>);
  };
}
