import type { Server } from 'node:http';
import type { NodeAPI } from 'node-red';
import { intercept } from '../http/intercept.js';
import { serveRestInFront } from '../http/rest-route.js';
import { takeInFront } from '../http/webhook-route.js';
import { serverSettings } from '../server/settings.js';
import { boundConnections, createPipelineBound } from './connections.js';
import { errorAnswers } from './error-answers.js';
import { createPlaces } from './places.js';
import { createRequestGuard } from './request-guard.js';
import { createUpgradeGuard } from './upgrades.js';

/** How long the headers of a request may take, ms. A browser sends them at once. */
const HEADERS_WITHIN_MS = 20_000;

const standing = new WeakSet<Server>();

/**
 * Stands in front of everything that Node-RED's server does, from when its nodes are loaded, which is before it listens. Webhooks are taken
 * there in every Node-RED. Other requests are guarded only in a Node-RED that our settings.js started.
 */
export function standInFront(RED: NodeAPI): void {
  const { server } = RED;
  if (!server || standing.has(server)) return;
  standing.add(server);
  const root = String(RED.settings.httpNodeRoot || '/');
  // REST is behind the guard: the interceptor that is added last is asked first.
  serveRestInFront(server, root);
  const settings = serverSettings(RED).front;
  if (settings !== undefined) {
    const places = createPlaces(RED);
    const guardRequest = createRequestGuard(RED, settings, places);
    const guardUpgrade = createUpgradeGuard(settings, places);
    const mayWait = createPipelineBound();
    intercept(server, {
      request(request, response, next) {
        if (!mayWait(request, response)) return;
        guardRequest(request, response, settings.addressOf(request), next);
      },
      upgrade(request, socket, head, next) {
        guardUpgrade(request, socket, head, settings.addressOf(request), next);
      },
    });
    boundConnections(server, settings.isProxy);
    server.headersTimeout = HEADERS_WITHIN_MS;
    answerErrors(RED);
  }
  // Webhooks come first, because they are many.
  takeInFront(server, root);
}

interface App {
  parent?: App;
  use(handler: ReturnType<typeof errorAnswers>): void;
}

/** Adds the error handler behind all handlers of the application that contains both the editor and the HTTP nodes. */
function answerErrors(RED: NodeAPI): void {
  const rootOf = (app: App): App => (app.parent === undefined ? app : rootOf(app.parent));
  const app = (RED.httpNode ?? RED.httpAdmin) as unknown as App | undefined;
  if (app) rootOf(app).use(errorAnswers((text) => RED.log.error(text)));
}
