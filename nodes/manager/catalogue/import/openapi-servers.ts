import type { JsonSchema } from '../operation.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { listed, type Notes } from './note-list.js';

/** What stands before the paths of a document. */
export interface Prefix {
  prefix: string;
  /** The server that it is from; null where there is none. */
  url: string | null;
  why: 'none' | 'used' | 'mock' | 'unknown';
  /** Servers that were not asked. */
  others: string[];
}

interface Server {
  url: string;
  /** Null where it cannot be known. */
  path: string | null;
  isMock: boolean;
}

/** What every gateway has before its paths; a request over MQTT leaves it out. */
const GATEWAY_API = /\/api\/v1(?=\/|$)/i;
/** Places where a description is tried out, by their address or by what is said of them. */
const MOCK = /mock|virtserver|swaggerhub|stoplight|pstmn|postman|apiary|beeceptor|microcks|hoppscotch|prism/i;
const SAID_TO_BE_MOCK = /mock|stub|dummy|fake/i;
/** Such places keep descriptions by owner, name and version. */
const BY_VERSION = /\/[^/]+\/[^/]+\/v?\d+\.(\d+|x)\.(\d+|x)[^/]*\/?$/i;
const SCHEME = /^[a-z][\w+.-]*:\/\/[^/?#]*/i;

/**
 * The path that stands before all others, by the servers of a document, a path or an operation. `/api/v1` is not part of it:
 * of several servers, one that has it is a gateway. One where a description is only tried out is none, so its path counts for nothing.
 */
export function prefixOf(servers: unknown): Prefix {
  const all = (Array.isArray(servers) ? servers : []).flatMap(readServer);
  const found = [
    all.find(({ path }) => path !== null && GATEWAY_API.test(path)),
    all.find(({ path, isMock }) => path !== null && !isMock),
    all[0],
  ].find((server) => server !== undefined);
  if (found === undefined) return { prefix: '', url: null, why: 'none', others: [] };
  const others = all.filter((server) => server !== found).map(({ url }) => url);
  const { url, path, isMock } = found;
  if (path === null) return { prefix: '', url, why: 'unknown', others };
  if (isMock && !GATEWAY_API.test(path))
    return { prefix: '', url, why: path === '' ? 'none' : 'mock', others };
  return { prefix: withoutApi(path), url, why: 'used', others };
}

/** Says which server counts, and which do not. */
export function noteServers({ prefix, url, why, others }: Prefix, notes: Notes): void {
  const place = '/servers';
  if (url !== null && why === 'mock') notes.add(place, 'server-mock', { url });
  if (url !== null && why === 'unknown') notes.add(place, 'server-unknown', { url });
  if (url !== null && why === 'used' && prefix !== '') notes.add(place, 'server-used', { url, prefix });
  if (others.length > 0) notes.add(place, 'servers-left', { names: listed(others) });
}

/** What follows `/api/v1`, where that stands in the path. */
function withoutApi(path: string): string {
  const place = path.search(GATEWAY_API);
  return place === -1 ? path : path.slice(place + '/api/v1'.length);
}

function readServer(server: unknown): Server[] {
  if (!isObject(server) || typeof server.url !== 'string') return [];
  const url = withDefaults(server.url, server.variables);
  const place =
    url
      .replace(SCHEME, '')
      .replace(/^\/\/[^/?#]*/, '')
      .split(/[?#]/)[0] ?? '';
  const path = place.replace(/\/+$/, '');
  const isAbsolute = SCHEME.test(url) || url.startsWith('//');
  const isMock =
    isAbsolute &&
    (MOCK.test(url) || SAID_TO_BE_MOCK.test(String(server.description ?? '')) || BY_VERSION.test(path));
  // Relative to where the document lies, or of variables of which nothing is said.
  const isKnown =
    path === '' || (path.startsWith('/') && !/[{}]/.test(path) && !/\/\.{1,2}(\/|$)/.test(path));
  return [{ url, path: isKnown ? path : null, isMock }];
}

/** With what its variables are by default. */
function withDefaults(url: string, variables: unknown): string {
  return url.replaceAll(/\{([^{}]+)\}/g, (all, name: string) => {
    const variable = isObject(variables) && Object.hasOwn(variables, name) ? variables[name] : null;
    const { default: usual } = isObject(variable) ? variable : ({} as JsonSchema);
    return typeof usual === 'string' || typeof usual === 'number' ? String(usual) : all;
  });
}
