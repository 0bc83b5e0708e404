import { createServer } from 'node:http';
import Module from 'node:module';
import { ROUTES } from '../../nodes/api/rest/index.js';

// Loaded into a Node-RED before anything else (--require): it remembers each application of Express that is made, and tells
// on the port ROUTES_PORT which routes they have.

interface Layer {
  name: string;
  regexp?: RegExp & { fast_slash?: boolean };
  route?: { path: string | string[]; methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
}

interface App {
  mountpath: string | string[];
  parent?: App;
  _router?: { stack: Layer[] };
}

/** A route as a caller reaches it, with the parameters in its path. */
export interface Route {
  method: string;
  path: string;
}

const apps: App[] = [];
const loader = Module as unknown as { _load(name: string, ...more: unknown[]): unknown };
const load = loader._load;
const wrapped = new Map<unknown, unknown>();

loader._load = function (name, ...more) {
  const loaded = load.call(this, name, ...more);
  if (name !== 'express' || typeof loaded !== 'function') return loaded;
  if (!wrapped.has(loaded)) {
    const express = () => {
      const app = (loaded as () => App)();
      apps.push(app);
      return app;
    };
    wrapped.set(loaded, Object.assign(express, loaded));
  }
  return wrapped.get(loaded);
};

function placeOf({ mountpath, parent }: App): string {
  const own = parent === undefined ? '' : String(mountpath).replace(/\/$/, '');
  return parent === undefined ? own : placeOf(parent) + own;
}

/** Of a router within an application: `^\/auth\/?(?=\/|$)` is `/auth`. */
function prefixOf({ regexp }: Layer): string {
  if (regexp === undefined || regexp.fast_slash) return '';
  return regexp.source
    .replace(/^\^/, '')
    .replace(/\\\/\?\(\?=.*$/, '')
    .replaceAll('\\/', '/');
}

function routesIn(stack: readonly Layer[], place: string): Route[] {
  return stack.flatMap((layer) => {
    if (layer.route !== undefined) {
      const { path, methods } = layer.route;
      const names = Object.keys(methods);
      return [path]
        .flat()
        .flatMap((one) =>
          names.map((method) => ({ method: method.toUpperCase(), path: place + String(one) })),
        );
    }
    return layer.handle?.stack === undefined ? [] : routesIn(layer.handle.stack, place + prefixOf(layer));
  });
}

createServer((_request, response) => {
  // REST is served before Express, under the path of the bundled flow.
  const rest = ROUTES.map(({ method, path }) => ({
    method,
    path: `/api${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
  }));
  const routes = [...apps.flatMap((app) => routesIn(app._router?.stack ?? [], placeOf(app))), ...rest];
  response.end(JSON.stringify(routes));
}).listen(Number(process.env.ROUTES_PORT), '127.0.0.1');
