import type { JsonSchema } from '../operation.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { listed, type Notes } from './note-list.js';

/** The prefix of the paths of a document, and which server it comes from. */
export interface Prefix {
  prefix: string;
  /** The URL of the chosen server; null where there is none. */
  url: string | null;
  why: 'none' | 'used' | 'mock' | 'unknown';
  /** The URLs of the servers that were not chosen. */
  others: string[];
}

interface Server {
  url: string;
  /** The path of the URL; null where it depends on something unknown. */
  path: string | null;
  isMock: boolean;
}

/** The prefix of every gateway's API. A request over MQTT leaves it out. */
const GATEWAY_API = /\/api\/v1(?=\/|$)/i;
/** Mock servers, on which people try out an API description: recognised by the URL or, below, by the description. */
const MOCK = /mock|virtserver|swaggerhub|stoplight|pstmn|postman|apiary|beeceptor|microcks|hoppscotch|prism/i;
const SAID_TO_BE_MOCK = /mock|stub|dummy|fake/i;
/** Some mock servers have owner, name and version of the API description in the path. */
const BY_VERSION = /\/[^/]+\/[^/]+\/v?\d+\.(\d+|x)\.(\d+|x)[^/]*\/?$/i;
const SCHEME = /^[a-z][\w+.-]*:\/\/[^/?#]*/i;

/**
 * Finds the prefix of all paths, by the servers of a document, a path or an operation. Of several servers, it takes one with
 * `/api/v1`, since that is a gateway; the prefix is what follows `/api/v1`. The path of a mock server is not used, since a gateway
 * does not have it.
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

/** Notes which server was chosen, and which were not. */
export function noteServers({ prefix, url, why, others }: Prefix, notes: Notes): void {
  const place = '/servers';
  if (url !== null && why === 'mock') notes.add(place, 'server-mock', { url });
  if (url !== null && why === 'unknown') notes.add(place, 'server-unknown', { url });
  if (url !== null && why === 'used' && prefix !== '') notes.add(place, 'server-used', { url, prefix });
  if (others.length > 0) notes.add(place, 'servers-left', { names: listed(others) });
}

/** The part of the path after `/api/v1`; the whole path where it does not have that. */
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
  // A path is unknown if it is relative to the place of the document, or has variables without a default.
  const isKnown =
    path === '' || (path.startsWith('/') && !/[{}]/.test(path) && !/\/\.{1,2}(\/|$)/.test(path));
  return [{ url, path: isKnown ? path : null, isMock }];
}

/** Replaces the variables of a URL by their defaults. */
function withDefaults(url: string, variables: unknown): string {
  return url.replaceAll(/\{([^{}]+)\}/g, (all, name: string) => {
    const variable = isObject(variables) && Object.hasOwn(variables, name) ? variables[name] : null;
    const { default: usual } = isObject(variable) ? variable : ({} as JsonSchema);
    return typeof usual === 'string' || typeof usual === 'number' ? String(usual) : all;
  });
}
