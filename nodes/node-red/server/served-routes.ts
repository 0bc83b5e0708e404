import cors from 'cors';
import type { NodeAPI } from 'node-red';
import { asTpeError } from '../../manager/shared/tpe-error.js';
import { keepConnections } from '../http/webhook-route.js';
import { callerReader } from '../runtime/caller.js';
import { restPath, type ServerConfig, type ServerDefaults, webhookPath, webhookSecret } from './options.js';
import { serveRest } from './rest.js';
import type { ServerNode } from './server-node.js';
import { serverSettings } from './settings.js';
import { serveWebhook } from './webhook.js';
import { secretCheck } from './webhook-secret.js';

/** Starts the routes in the fields of a tpe-server: webhooks and REST. If one cannot start, reports the error and starts the other. */
export function serveRoutes(
  RED: NodeAPI,
  node: ServerNode,
  config: ServerConfig,
  defaults: ServerDefaults,
): void {
  for (const serve of [serveWebhooks, serveRestCalls]) {
    try {
      serve(RED, node, config, defaults);
    } catch (error) {
      node.error(asTpeError(error));
    }
  }
}

function serveWebhooks(RED: NodeAPI, node: ServerNode, config: ServerConfig, defaults: ServerDefaults): void {
  const path = webhookPath(config, defaults);
  if (path === null) return;
  if (RED.server) keepConnections(RED.server);
  const own = webhookSecret(config, node.credentials);
  const { isWebhookSecret, isPreviousWebhookSecret } = serverSettings(RED);
  serveWebhook(node, path, {
    isSecret: own === undefined ? isWebhookSecret : secretCheck(own),
    isPreviousSecret: isPreviousWebhookSecret,
  });
}

function serveRestCalls(RED: NodeAPI, node: ServerNode, config: ServerConfig): void {
  const path = restPath(config);
  if (path === null) return;
  const { restAccess, front } = serverSettings(RED);
  const { httpNodeCors } = RED.settings;
  serveRest(node, path, restAccess, {
    addressOf: front?.addressOf ?? callerReader(undefined),
    ...(httpNodeCors && { cors: cors(httpNodeCors) }),
  });
}
