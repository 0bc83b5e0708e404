import type { IncomingHttpHeaders } from 'node:http';

/** The token of `Authorization: Bearer TOKEN`; undefined where there is none. */
export function bearerTokenIn({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
}
