import type { RequestHandler } from 'express';
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';
import type { DeviceManager } from '../../manager/device-manager.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { bearerTokenIn } from './bearer-token.js';

/** Path at which Prometheus reads the metrics of all managers in this process. */
export const METRICS_PATH = '/metrics';

/** Metrics of the process: memory, CPU, lag of the event loop, garbage collection. */
let ofThisProcess: Registry | null = null;
const managers = new Map<string, { name: string; manager: DeviceManager }>();
let scraping: Promise<string> | null = null;

/** Serves the metrics of a manager, with the label `server`, until the returned function is called. */
export function showMetrics(id: string, name: string, manager: DeviceManager): () => void {
  ofThisProcess ??= readProcess();
  const shown = { name, manager };
  managers.set(id, shown);
  return () => {
    if (managers.get(id) === shown) managers.delete(id);
  };
}

/**
 * Serves the metrics to callers with a token that `isToken` accepts. While `isToken` returns null, no token is set, and there is no such
 * page.
 */
export function metricsRoute(isToken: () => ((token: string) => boolean) | null): RequestHandler {
  return (request, response, next) => {
    let check: ReturnType<typeof isToken>;
    try {
      check = isToken();
    } catch {
      // The message does not name the file, because anybody can ask here; the status of tpe-server names it.
      const message = 'The token for metrics cannot be read: see the status of tpe-server.';
      response.status(503).json({ status: false, data: { code: 'UNAVAILABLE', message } });
      return;
    }
    if (check === null) return next();
    const token = bearerTokenIn(request.headers);
    if (token === undefined || !check(token)) {
      const challenge = token === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
      const message = `Send the header "Authorization: Bearer TOKEN" with the API token, or with what TPE_METRICS_TOKEN says.`;
      response
        .status(401)
        .set('WWW-Authenticate', challenge)
        .json({ status: false, data: { code: 'UNAUTHORIZED', message } });
      return;
    }
    scraping ??= scrape().finally(() => {
      scraping = null;
    });
    scraping.then(
      (text) => response.set('cache-control', 'no-store').type(Registry.PROMETHEUS_CONTENT_TYPE).send(text),
      (error: unknown) =>
        response.status(500).json({ status: false, data: { code: 'ERROR', message: messageOf(error) } }),
    );
  };
}

async function scrape(): Promise<string> {
  ofThisProcess ??= readProcess();
  const all = [ofThisProcess.getMetricsAsJSON(), ...[...managers].map(ofManager)];
  return await AggregatorRegistry.aggregate(await Promise.all(all)).metrics();
}

function readProcess(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Servers of the same name get their id into the label, because their values would be added up otherwise. */
async function ofManager([id, { name, manager }]: [string, { name: string; manager: DeviceManager }]) {
  const isAlone = [...managers.values()].filter((other) => other.name === name).length === 1;
  manager.metrics.setDefaultLabels({ server: isAlone ? name : `${name} (${id})` });
  return await manager.metrics.getMetricsAsJSON();
}
