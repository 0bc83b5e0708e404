import type { IncomingMessage } from 'node:http';
import type { NodeAPI } from 'node-red';
import parseurl from 'parseurl';
import { isServedRest } from '../http/rest-route.js';

/**
 * What a request is for: signing in at the editor, the editor's API, REST and http-in nodes at and below /api, other http-in nodes, the
 * dashboard, or anything else.
 */
export type Place = 'auth' | 'admin' | 'rest' | 'node' | 'dashboard' | 'other';

export interface Places {
  placeOf(request: IncomingMessage): Place;
  /** Path of a request below the root of the HTTP nodes; null if it is elsewhere. */
  nodePath(request: IncomingMessage): string | null;
  /** Whether a request is for the editor's own WebSocket. */
  isComms(request: IncomingMessage): boolean;
}

/** The part of a layer in an Express application, version 4 or 5, that is used here. */
interface Layer {
  match(path: string): boolean;
  /** Path that the layer is mounted at, set once it has matched. */
  path?: string;
  handle: unknown;
  route?: { path: unknown; methods: Record<string, boolean> };
}

/** First levels of the paths of Node-RED's own API, which is in applications of its own. What nodes add to it is found among its routes. */
const OF_NODE_RED = new Set([
  // The page of the editor.
  '',
  ...[
    'auth',
    'comms',
    'context',
    'credentials',
    'diagnostics',
    'flow',
    'flows',
    'icons',
    'library',
    'locales',
  ],
  ...['nodes', 'plugins', 'projects', 'resources', 'settings', 'theme', 'types', 'red', 'vendor', 'core'],
]);
const SIGN_IN = new Set(['/auth/token', '/auth/revoke']);

/** The path of a request in lower case, since Express does not tell upper and lower case apart. */
export function pathOf(request: IncomingMessage): string {
  return parseurl(request)?.pathname?.toLowerCase() ?? '/';
}

/**
 * Creates the function that tells the places of a Node-RED apart. Where editor and http-in nodes are both at `/`, a path belongs to a node
 * if one has a route for it and the editor, which comes first, has none.
 */
export function createPlaces(RED: NodeAPI): Places {
  const { httpAdminRoot, httpNodeRoot, dashboard } = RED.settings as unknown as Record<string, unknown>;
  const adminRoot = rootOf(httpAdminRoot);
  const nodeRoot = rootOf(httpNodeRoot);
  const guard = (dashboard as { middleware?: unknown } | undefined)?.middleware;

  const isOfEditor = (path: string): boolean => {
    if (OF_NODE_RED.has(path.split('/', 2)[1] ?? '')) return true;
    return layersOf(RED.httpAdmin).some((layer) => matches(layer, path) && (layer.route || isMounted(layer)));
  };

  const nodePlace = (path: string, method: string): Place | null => {
    const matching = layersOf(RED.httpNode).filter((layer) => matches(layer, path));
    // The dashboard gets its sockets, whatever http-in node has the path before it.
    if (matching.some((layer) => layer.handle === guard && isMounted(layer))) return 'dashboard';
    for (const layer of matching) {
      if (layer.route === undefined && isMounted(layer)) return 'node';
      if (layer.route === undefined || isForOptions(layer.route)) continue;
      if (isBelowApi(String(layer.route.path))) return 'rest';
      if (takes(layer.route, method)) return 'node';
    }
    return null;
  };

  return {
    placeOf(request) {
      const path = pathOf(request);
      const ofAdmin = below(path, adminRoot);
      if (ofAdmin !== null && SIGN_IN.has(ofAdmin.replace(/\/$/, ''))) return 'auth';
      const ofNodes = below(path, nodeRoot);
      if (ofNodes !== null && isServedRest(methodOf(request), ofNodes)) return 'rest';
      const isEditors = ofAdmin !== null && isOfEditor(ofAdmin);
      const place = ofNodes === null || isEditors ? null : nodePlace(ofNodes, request.method ?? 'GET');
      return place ?? (ofAdmin === null ? 'other' : 'admin');
    },
    nodePath: (request) => below(pathOf(request), nodeRoot),
    // Node-RED compares this path as it was sent, upper and lower case apart.
    isComms: (request) => parseurl(request)?.pathname === `${adminRoot}/comms`,
  };
}

/** The method of a request; for a preflight, the method of the request that the browser announces. */
function methodOf({ method = 'GET', headers }: IncomingMessage): string {
  return method === 'OPTIONS' ? String(headers['access-control-request-method'] ?? method) : method;
}

/** A root without a slash at its end; null if it is turned off. */
function rootOf(setting: unknown): string | null {
  if (setting === false) return null;
  const root = String(setting ?? '/').replace(/\/+$/, '');
  return root === '' || root.startsWith('/') ? root : `/${root}`;
}

/** The rest of a path below a root; null if it is elsewhere. */
function below(path: string, root: string | null): string | null {
  if (root === null || !path.startsWith(root.toLowerCase())) return null;
  const rest = path.slice(root.length);
  return rest === '' || rest.startsWith('/') ? rest || '/' : null;
}

/** Whether a layer that has matched is mounted at a path, and not for all paths. */
function isMounted({ path }: Layer): boolean {
  return path !== undefined && path !== '' && path !== '/';
}

/** Whether a route only answers preflights, as the one that Node-RED has for all nodes. */
function isForOptions({ methods }: NonNullable<Layer['route']>): boolean {
  return Object.keys(methods).every((name) => name === 'options');
}

/** Whether a route handles requests of this method; a preflight counts for any. */
function takes({ methods }: NonNullable<Layer['route']>, method: string): boolean {
  const name = method.toLowerCase();
  if (name === 'options' || methods._all) return true;
  return methods[name] === true || (name === 'head' && methods.get === true);
}

function isBelowApi(pattern: string): boolean {
  return /^\/api(\/|$)/i.test(pattern);
}

function layersOf(app: unknown): Layer[] {
  // Express 4 throws for `router`, Express 5 has no `_router`.
  const { _router: router } = app as { _router?: { stack: Layer[] } };
  return (router ?? (app as { router: { stack: Layer[] } }).router).stack;
}

/** Whether a layer matches a path. A path that cannot be decoded matches nothing. */
function matches(layer: Layer, path: string): boolean {
  try {
    return layer.match(path);
  } catch {
    return false;
  }
}
