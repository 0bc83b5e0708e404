import type { CallerRequest } from '../runtime/caller.js';
import { isSameOrigin } from './same-origin.js';

/** How browsers reach this Node-RED, as far as that is known. */
export interface PublicAddress {
  /**
   * Whether a request comes from a page of ours, or from no page at all: its origin is the host that it was sent to, what
   * TPE_PUBLIC_URL says, or the host that a proxy was asked for whose word is taken.
   */
  isOwnPage(request: CallerRequest): boolean;
  /** The path below which browsers see this Node-RED, with a slash at its end: `/`, or `/plant1/`. */
  pathOf(request: CallerRequest): string;
}

const PATH = /^(?:\/[\w.~%-]+)+\/?$/;

/** `isProxy` tells the addresses of proxies whose word is taken. */
export function publicAddress(
  publicUrl: URL | undefined,
  isProxy: (address: string) => boolean,
): PublicAddress {
  const isTrusted = ({ socket }: CallerRequest) => isProxy(socket.remoteAddress ?? '');
  return {
    isOwnPage(request) {
      const { headers } = request;
      if (isSameOrigin(headers)) return true;
      if (publicUrl !== undefined && headers.origin === publicUrl.origin) return true;
      const forwarded = lastOf(headers['x-forwarded-host']);
      return forwarded !== '' && isTrusted(request) && isSameOrigin({ ...headers, host: forwarded });
    },
    pathOf(request) {
      const said =
        publicUrl?.pathname ?? (isTrusted(request) ? lastOf(request.headers['x-forwarded-prefix']) : '');
      return PATH.test(said) ? said.replace(/\/?$/, '/') : '/';
    },
  };
}

/** A proxy adds what it knows at the end. */
function lastOf(header: string | string[] | undefined): string {
  return [header].flat().join(',').split(',').at(-1)?.trim() ?? '';
}
