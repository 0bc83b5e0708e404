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

/** A caller's headers come at once. */
const HEADERS_WITHIN_MS = 20_000;

const standing = new WeakSet<Server>();

/**
 * Stands in front of all that Node-RED's server does, from the time on that its nodes are loaded, before it listens. Webhooks are
 * taken there in every Node-RED; the rest is guarded in one that our settings.js started, and left alone in others.
 */
export function standInFront(RED: NodeAPI): void {
  const { server } = RED;
  if (!server || standing.has(server)) return;
  standing.add(server);
  const root = String(RED.settings.httpNodeRoot || '/');
  // Behind the guard, which stands in front of it.
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
  // Nothing stands in front of webhooks, which are many.
  takeInFront(server, root);
}

interface App {
  parent?: App;
  use(handler: ReturnType<typeof errorAnswers>): void;
}

/** Behind all that Node-RED has put into the application that holds the editor's and the nodes'. */
function answerErrors(RED: NodeAPI): void {
  const rootOf = (app: App): App => (app.parent === undefined ? app : rootOf(app.parent));
  const app = (RED.httpNode ?? RED.httpAdmin) as unknown as App | undefined;
  if (app) rootOf(app).use(errorAnswers((text) => RED.log.error(text)));
}
