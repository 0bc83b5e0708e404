import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, type Authenticate, createAccess } from './access.js';
import { createBans } from './bans.js';
import type { EngineHooks } from './core.js';
import { type Crowd, createCrowd } from './crowd.js';
import { createEngine } from './engine.js';
import { createRestServer, type RestHost } from './rest-server.js';
import { createRestV4 } from './rest-v4.js';
import { createRestV5 } from './rest-v5.js';
import { createRouter } from './router.js';
import { createSysEvents } from './sys-events.js';
import { type EmqxTopics, TPEDM_TOPICS } from './topics.js';
import { DIALECTS, type EmqxVersion } from './versions.js';
import type { WebhookControls } from './webhook-queue.js';
import { createWebhooks, NO_HOOKS, type WebhookOptions } from './webhooks.js';

export interface EmqxOptions {
  version: EmqxVersion;
  /** Free ones where they are not given; the same ones after a restart. */
  mqttPort?: number;
  apiPort?: number;
  apiKey: string;
  apiSecret: string;
  webhook?: WebhookOptions;
  /** Tells of each client on `$SYS/brokers/…`. */
  sysEvents?: boolean;
  /** How long it listens after its start before it knows anybody and answers any call; 0. */
  bootMs?: number;
  /** How long it takes to deal with each connection that died; left out: as measured. */
  cleanedInMs?: number;
  /** Who may come in besides the accounts; everybody without it, as EMQX with no authentication set. */
  authenticate?: Authenticate;
  /** Logins that may use every topic, such as the manager's. */
  accounts?: readonly Account[];
  topics?: EmqxTopics;
}

export interface EmqxClient {
  clientid: string;
  username: string | null;
  connected: boolean;
  connectedAt: number;
}

/** A broker that behaves to the outside as EMQX does: MQTT, REST, webhooks and `$SYS` events. */
export interface Emqx extends Crowd {
  mqttUrl: string;
  /** Where the REST API is, without `/api/v4` or `/api/v5`. */
  apiUrl: string;
  node: string;
  clients(): EmqxClient[];
  /** Throws where the broker has no webhook. */
  webhooks: WebhookControls;
  /** Called before each page of the client list but the first: the list may change under who reads it. */
  changeWhileListing(change: () => void | Promise<void>): void;
  /** As when the process dies: every connection and the API are gone, and nobody is told. */
  stop(): Promise<void>;
  /**
   * Comes back after `stop`, or goes and comes back, with no client in its list. Bans are kept. Resolves when it has
   * booted: it listens before that.
   */
  restart(): Promise<void>;
}

/** How long a restart listens before it is of use. */
export const BOOT_MS = 300;

export async function startEmqx(options: EmqxOptions): Promise<Emqx> {
  const { version, accounts = [], authenticate = async () => 'accepted', topics = TPEDM_TOPICS } = options;
  const dialect = DIALECTS[version];
  const router = createRouter();
  const bans = createBans();
  const mqttPort = () => engine.port();
  const webhooks = options.webhook ? createWebhooks(dialect, topics, options.webhook, mqttPort) : null;
  const sysEvents = options.sysEvents ? createSysEvents(dialect, mqttPort) : null;
  const told = webhooks?.hooks ?? NO_HOOKS;
  const hooks: EngineHooks = {
    ...told,
    async connected(session) {
      if (sysEvents) router.route(sysEvents.connected(session));
      await told.connected(session);
    },
    async disconnected(session, reason) {
      if (sysEvents) router.route(sysEvents.disconnected(session, reason));
      await told.disconnected(session, reason);
    },
  };
  let isBooting = false;
  const access = createAccess(dialect, topics, accounts, authenticate, () => isBooting);
  const engine = createEngine(
    { dialect, access, bans, router, hooks },
    options.mqttPort ?? 0,
    options.cleanedInMs,
  );
  let change: () => void | Promise<void> = () => undefined;
  const host: RestHost = {
    engine,
    bans,
    startedAt: Date.now(),
    isBooting: () => isBooting,
    betweenPages: async () => change(),
  };
  const createRest = dialect.isV4 ? createRestV4 : createRestV5;
  const rest = createRestServer(createRest(host, options.apiKey, options.apiSecret), options.apiPort ?? 0);
  const start = async (bootMs: number) => {
    host.startedAt = Date.now();
    isBooting = bootMs > 0;
    await Promise.all([engine.listen(), rest.listen()]);
    if (bootMs > 0) await sleep(bootMs);
    isBooting = false;
  };
  const halt = async () => {
    webhooks?.forget();
    await Promise.all([engine.halt(), rest.halt()]);
  };
  await start(options.bootMs ?? 0);
  return {
    ...createCrowd(engine, topics),
    mqttUrl: `mqtt://127.0.0.1:${engine.port()}`,
    apiUrl: `http://127.0.0.1:${rest.port()}`,
    node: dialect.node,
    clients: () =>
      [...router.sessions.values()].map(({ clientid, username, connected, connectedAt }) => ({
        clientid,
        username,
        connected,
        connectedAt,
      })),
    get webhooks() {
      if (webhooks === null) throw new Error('This broker was started without a webhook.');
      return webhooks.controls;
    },
    changeWhileListing(next) {
      change = next;
    },
    async stop() {
      await halt();
      webhooks?.close();
    },
    async restart() {
      await halt();
      await start(BOOT_MS);
    },
  };
}
