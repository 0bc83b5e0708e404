import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmqxOptions } from '../../nodes/manager/broker/options.js';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import type { Credential } from '../../nodes/manager/registry/device.js';
import { keepConnections, openWebhook, webhookRoute } from '../../nodes/node-red/http/webhook-route.js';
import { LOOKS_OFTEN } from './emqx/action-settings.js';
import { BOOT_MS, type Emqx, startEmqx } from './emqx/index.js';
import type { EmqxVersion } from './emqx/versions.js';
import type { WebhookOptions } from './emqx/webhooks.js';
import { openEmqxCredentials } from './emqx-credentials.js';
import { connectGateway, type GatewayLogin, type TestGateway } from './gateway.js';

export const KEY = { apiKey: 'key-1', apiSecret: 'secret-1' };
const LOGIN = { username: 'tpedm', password: 'the login of the manager' };
const SECRET = 'the-secret-of-the-webhook';
const PATH = '/api/emqx/hook';

export interface EmqxManagerOptions {
  version: EmqxVersion;
  database: DatabaseOptions;
  events: EmqxOptions['events'];
  /** Commands go by MQTT too; always where events do. */
  commandsByMqtt?: boolean;
  /** What the manager takes for its key, where that is not the right one. */
  apiSecret?: string;
  webhook?: Partial<WebhookOptions>;
  /** EMQX is away at first: `startBroker` starts it again. */
  isBrokerAway?: boolean;
  /** Called before the manager is opened. */
  prepare?(emqx: Emqx): Promise<unknown>;
}

export interface EmqxManager {
  /** The one that is open; throws where none is. */
  readonly manager: DeviceManager;
  /** Throws where it is away. */
  readonly emqx: Emqx;
  log: string[];
  /** The manager and the HTTP server before it go away, as when Node-RED ends. */
  stopManager(): Promise<void>;
  /** It comes back where it was. */
  startManager(): Promise<void>;
  /** Starts EMQX, or another one in its place, where it was; `apiSecret`: what it takes for the right one. */
  startBroker(apiSecret?: string): Promise<void>;
  /** From now on webhooks are answered, but kept here; the returned function gives back what was kept, and ends that. */
  keepWebhooks(): () => unknown[];
  /** How many webhooks waited for the database at most at one time. */
  mostWaiting(): number;
  /** Registers the gateways. */
  register(...clientids: string[]): Promise<void>;
  /** Connects one that is registered. */
  connect(clientid: string, options?: GatewayLogin['options']): Promise<TestGateway>;
  login(clientid: string): Credential;
  /** Whom of the registered gateways the broker has as connected. */
  truth(): string[];
  /** Whom of them the manager holds for online. */
  held(): Promise<string[]>;
  /** Resolves when what the manager holds is the truth, and the condition holds too. */
  untilTrue(condition?: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

/** A real device manager beside EMQX, whose webhooks come over HTTP and through the route of Node-RED. */
export async function openEmqxManager(options: EmqxManagerOptions): Promise<EmqxManager> {
  const logins = new Map<string, Credential>();
  const log: string[] = [];
  let manager: DeviceManager | null = null;
  let emqx: Emqx | null = null;
  let kept: unknown[] | null = null;
  let mostWaiting = 0;

  const server = createServer((request, response) =>
    webhookRoute(request, response, () => response.writeHead(404).end()),
  );
  keepConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const closeWebhook = openWebhook(PATH, {
    isSecret: (token) => token === SECRET,
    async take(body) {
      if (kept !== null) {
        kept.push(body);
        return { outcome: 'kept' };
      }
      const taking = open().takeWebhook(body);
      mostWaiting = Math.max(mostWaiting, open().health().webhooks?.waiting ?? 0);
      return await taking;
    },
  });
  if (closeWebhook === null) throw new Error('another test has the path of the webhook still');
  const open = () => {
    if (manager === null) throw new Error('the device manager is not open yet');
    return manager;
  };
  const broker = () => {
    if (emqx === null) throw new Error('EMQX is away');
    return emqx;
  };

  const { port } = server.address() as AddressInfo;
  const webhook = { url: `http://127.0.0.1:${port}${PATH}`, secret: SECRET, payloads: 'base64' as const };
  const places = { mqttPort: 0, apiPort: 0 };
  async function startBroker(apiSecret = KEY.apiSecret): Promise<void> {
    await emqx?.stop();
    emqx = await startEmqx({
      version: options.version,
      ...places,
      apiKey: KEY.apiKey,
      apiSecret,
      accounts: [LOGIN],
      bootMs: places.mqttPort === 0 ? 0 : BOOT_MS,
      authenticate: (clientid, username, password) =>
        credentials === null
          ? open().registry.authenticate(clientid, username ?? '', password)
          : credentials.authenticate(clientid, username, password),
      ...(options.events === 'mqtt'
        ? { sysEvents: true }
        : { webhook: { ...webhook, presence: LOOKS_OFTEN, messages: LOOKS_OFTEN, ...options.webhook } }),
    });
    places.mqttPort = Number(new URL(emqx.mqttUrl).port);
    places.apiPort = Number(new URL(emqx.apiUrl).port);
  }
  // A database within the process has no other door than the manager.
  const credentials =
    options.database.kind === 'postgresql'
      ? await openEmqxCredentials(options.version, options.database)
      : null;
  await startBroker();
  if (options.isBrokerAway) await broker().stop();
  await options.prepare?.(broker());

  const hasMqtt = options.events === 'mqtt' || options.commandsByMqtt === true;
  const opened = () =>
    openDeviceManager({
      database: options.database,
      broker: {
        kind: 'emqx',
        apiUrl: broker().apiUrl,
        apiKey: KEY.apiKey,
        apiSecret: options.apiSecret ?? KEY.apiSecret,
        events: options.events,
        ...(hasMqtt ? { mqtt: { url: broker().mqttUrl, ...LOGIN } } : {}),
      },
      instance: 'test',
      log: { info: (text) => log.push(text), warn: (text) => log.push(text) },
    });
  manager = await opened();

  const truth = () =>
    broker()
      .clients()
      .filter(({ connected, username }) => connected && username !== LOGIN.username)
      .map(({ clientid }) => clientid)
      .sort();
  async function held(): Promise<string[]> {
    const online: string[] = [];
    for await (const { clientid } of open().registry.each({ status: 'online' })) online.push(clientid);
    return online.sort();
  }

  return {
    get manager() {
      return open();
    },
    get emqx() {
      return broker();
    },
    log,
    async stopManager() {
      const ended = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await ended;
      await open().close();
      manager = null;
    },
    async startManager() {
      manager = await opened();
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    startBroker,
    keepWebhooks() {
      kept = [];
      return () => {
        const bodies = kept ?? [];
        kept = null;
        return bodies;
      };
    },
    mostWaiting: () => mostWaiting,
    async register(...clientids) {
      for (const clientid of clientids) {
        logins.set(clientid, (await open().registry.register({ clientid })).credential);
      }
    },
    login: (clientid) => logins.get(clientid)!,
    async connect(clientid, more = {}) {
      return await connectGateway({ port: places.mqttPort, ...logins.get(clientid)!, options: more });
    },
    truth,
    held,
    async untilTrue(condition = async () => true) {
      // What the broker has, nobody tells: it is looked at again.
      const isTrue = async () => JSON.stringify(await held()) === JSON.stringify(truth());
      while (!((await isTrue()) && (await condition()))) await sleep(20);
    },
    async close() {
      closeWebhook();
      await manager?.close();
      await emqx?.stop();
      await credentials?.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
