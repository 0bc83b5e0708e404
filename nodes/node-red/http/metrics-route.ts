import type { RequestHandler } from 'express';
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';
import type { DeviceManager } from '../../manager/device-manager.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { bearerTokenIn } from './bearer-token.js';

/** Where Prometheus reads what the managers of this process count. */
export const METRICS_PATH = '/metrics';

/** The process itself: memory, CPU, lag of the event loop, garbage collection. */
let ofThisProcess: Registry | null = null;
const managers = new Map<string, { name: string; manager: DeviceManager }>();
let scraping: Promise<string> | null = null;

/** The manager's figures are served from now on, with the label `server`; the returned function ends that. */
export function showMetrics(id: string, name: string, manager: DeviceManager): () => void {
  ofThisProcess ??= readProcess();
  const shown = { name, manager };
  managers.set(id, shown);
  return () => {
    if (managers.get(id) === shown) managers.delete(id);
  };
}

/** Serves them to who brings a token that `isToken` knows; without any token there is no such page. */
export function metricsRoute(isToken: () => ((token: string) => boolean) | null): RequestHandler {
  return (request, response, next) => {
    let check: ReturnType<typeof isToken>;
    try {
      check = isToken();
    } catch {
      // Which file is wrong is told by the servers that read it too, and not to anybody who asks here.
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

/** Two servers of one name would be added up. */
async function ofManager([id, { name, manager }]: [string, { name: string; manager: DeviceManager }]) {
  const isAlone = [...managers.values()].filter((other) => other.name === name).length === 1;
  manager.metrics.setDefaultLabels({ server: isAlone ? name : `${name} (${id})` });
  return await manager.metrics.getMetricsAsJSON();
}
