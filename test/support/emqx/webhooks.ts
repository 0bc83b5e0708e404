import { type ActionSettings, shippedSettings } from './action-settings.js';
import type { EngineHooks } from './core.js';
import { covers, type EmqxTopics, fillTemplate } from './topics.js';
import type { Dialect } from './versions.js';
import { type Body, type PayloadForm, pluginBodies, ruleBodies } from './webhook-bodies.js';
import { createPoster } from './webhook-post.js';
import {
  createActionQueue,
  createPluginQueue,
  type WebhookControls,
  type WebhookQueue,
} from './webhook-queue.js';

export interface WebhookOptions {
  url: string;
  /** Sent as `Authorization: Bearer <secret>`. */
  secret: string;
  payloads: PayloadForm;
  /** EMQX 4: what the plugin has rules for. */
  actions?: readonly PluginAction[];
  /** Topics whose messages are sent; else the answers and the telemetry of the gateways. */
  filters?: readonly string[];
  /** EMQX 4: how long a client waits for the answer to what is told of it; 5000 ms. */
  patienceMs?: number;
  /** EMQX 5 and 6: how client events and how messages are sent; what is left out is as docker/emqx has it. */
  presence?: Partial<ActionSettings>;
  messages?: Partial<ActionSettings>;
  /** What each request costs beside what the target takes for it; 2 ms. */
  roundTripMs?: number;
}

export type PluginAction =
  | 'client_connect'
  | 'client_connack'
  | 'client_connected'
  | 'client_disconnected'
  | 'message_publish';

const TPEDM_ACTIONS: readonly PluginAction[] = ['client_connected', 'client_disconnected', 'message_publish'];
const PLUGIN_SOCKETS = 32;
const ROUND_TRIP_MS = 2;
/** What the HTTP client of 5.8 sends with each request. */
const LATE_HEADERS = {
  accept: 'application/json',
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'keep-alive': 'timeout=5',
};

export interface Webhooks {
  hooks: EngineHooks;
  controls: WebhookControls;
  forget(): void;
  close(): void;
}

const nothing = async () => undefined;
export const NO_HOOKS: EngineHooks = {
  connect: nothing,
  connected: nothing,
  connack: nothing,
  disconnected: nothing,
  published: nothing,
};

export function createWebhooks(
  dialect: Dialect,
  topics: EmqxTopics,
  options: WebhookOptions,
  mqttPort: () => number,
): Webhooks {
  const presence = { ...shippedSettings('tpedm_presence'), ...options.presence };
  const messages = { ...shippedSettings('tpedm_messages'), ...options.messages };
  const poster = createPoster({
    url: options.url,
    secret: options.secret,
    sockets: dialect.isV4 ? PLUGIN_SOCKETS : presence.connections + messages.connections,
    headers: dialect.isLate ? LATE_HEADERS : {},
    roundTripMs: options.roundTripMs ?? ROUND_TRIP_MS,
  });
  const filters =
    options.filters ?? [topics.output, ...topics.telemetry].map((template) => fillTemplate(template, '+'));
  const isWanted = (topic: string) =>
    !topic.startsWith('$SYS/') && filters.some((filter) => covers(filter, topic));
  const queue = dialect.isV4
    ? createPluginQueue(poster.post, options.patienceMs ?? 5000)
    : createActionQueue(poster.post, { presence, messages });
  const hooks = dialect.isV4
    ? pluginHooks(dialect, options, queue, isWanted)
    : ruleHooks(dialect, options, queue, isWanted, mqttPort);
  return { hooks, controls: queue, forget: queue.forget, close: poster.close };
}

function pluginHooks(
  dialect: Dialect,
  { payloads, actions = TPEDM_ACTIONS }: WebhookOptions,
  queue: WebhookQueue,
  isWanted: (topic: string) => boolean,
): EngineHooks {
  const bodies = pluginBodies(dialect, payloads);
  const tell = async (event: PluginAction, clientid: string, body: Body) => {
    if (actions.includes(event)) await queue.emit({ event, clientid, body });
  };
  return {
    connect: (attempt) => tell('client_connect', attempt.clientid, bodies.connect(attempt)),
    connected: (session) => tell('client_connected', session.clientid, bodies.connected(session)),
    connack: (attempt, connectedAt, result) =>
      tell('client_connack', attempt.clientid, bodies.connack(attempt, connectedAt, result)),
    disconnected: (session, reason) =>
      tell('client_disconnected', session.clientid, bodies.disconnected(session, reason)),
    async published(message) {
      if (isWanted(message.topic))
        await tell('message_publish', message.from.clientid, bodies.published(message));
    },
  };
}

function ruleHooks(
  dialect: Dialect,
  { payloads }: WebhookOptions,
  queue: WebhookQueue,
  isWanted: (topic: string) => boolean,
  mqttPort: () => number,
): EngineHooks {
  const bodies = ruleBodies(dialect, payloads, mqttPort);
  const tell = (event: string, clientid: string, body: Body) => queue.emit({ event, clientid, body });
  return {
    ...NO_HOOKS,
    connected: (session) => tell('client.connected', session.clientid, bodies.connected(session)),
    disconnected: (session, reason) =>
      tell('client.disconnected', session.clientid, bodies.disconnected(session, reason)),
    async published(message) {
      if (isWanted(message.topic))
        await tell('message.publish', message.from.clientid, bodies.published(message));
    },
  };
}
