import type { CallerRequest } from '../runtime/caller.js';
import { isSameOrigin } from './same-origin.js';

/** How browsers reach this Node-RED, as far as it is known. */
export interface PublicAddress {
  /**
   * Whether a request comes from a page of this Node-RED, or from no page at all: its origin is the host that it was sent to, the address
   * in TPE_PUBLIC_URL, or the host that a trusted proxy was asked for.
   */
  isOwnPage(request: CallerRequest): boolean;
  /** The path below which browsers see this Node-RED, ending with a slash: `/`, or `/plant1/`. */
  pathOf(request: CallerRequest): string;
}

const PATH = /^(?:\/[\w.~%-]+)+\/?$/;

/** Creates a PublicAddress. `publicUrl` is TPE_PUBLIC_URL if it is set, and `isProxy` says which addresses are trusted proxies. */
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

/** A proxy appends its value, so the last one comes from the nearest proxy. */
function lastOf(header: string | string[] | undefined): string {
  return [header].flat().join(',').split(',').at(-1)?.trim() ?? '';
}
