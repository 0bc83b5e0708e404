import { EventEmitter, once } from 'node:events';
import type { Broker, BrokerMessage } from '../../nodes/manager/broker/broker.js';
import type { DatabaseOptions, DeviceManager, EmqxOptions } from '../../nodes/manager/device-manager.js';
import { openDeviceManager } from '../../nodes/manager/open-device-manager.js';
import { TpeError } from '../../nodes/manager/tpe-error.js';

const EMQX: EmqxOptions = {
  apiUrl: 'http://127.0.0.1:9',
  apiKey: 'key',
  apiSecret: 'secret',
  events: 'webhook',
};

export interface WebhookManager {
  manager: DeviceManager;
  /** Resolves with the first message to a gateway that fits, published already or still to come. */
  published(fits: (message: BrokerMessage) => boolean): Promise<BrokerMessage>;
  log: string[];
}

/** A real device manager whose events come by webhook; its EMQX takes every command and has no client list. */
export async function openWebhookManager(
  database: DatabaseOptions,
  telemetry: string[] = [],
  emqx: Partial<EmqxOptions> = {},
): Promise<WebhookManager> {
  const messages: BrokerMessage[] = [];
  const publishing = new EventEmitter<{ published: [] }>();
  const log: string[] = [];
  const manager = await openDeviceManager(
    {
      database,
      broker: { kind: 'emqx', ...EMQX, ...emqx },
      topics: { telemetry },
      instance: 'test',
      log: { info: (text) => log.push(text), warn: (text) => log.push(text) },
    },
    () =>
      quietBroker((message) => {
        messages.push(message);
        publishing.emit('published');
      }),
  );
  return {
    manager,
    log,
    async published(fits) {
      for (;;) {
        const found = messages.find(fits);
        if (found !== undefined) return found;
        await once(publishing, 'published');
      }
    },
  };
}

function quietBroker(onPublish: (message: BrokerMessage) => void): Broker {
  const health = { connected: true, detail: 'quiet' };
  const publish: Broker['publish'] = async (message) => {
    onPublish(message);
    return { accepted: true, noSubscriber: false };
  };
  return {
    kind: 'emqx',
    knowsPresence: true,
    open: async () => undefined,
    publish,
    publishMany: (messages) => Promise.all(messages.map(publish)),
    listClients: () => Promise.reject(new TpeError('UNAVAILABLE', 'No list.')),
    getClient: async () => null,
    disconnectClient: async () => false,
    lockOut: async () => undefined,
    letIn: async () => undefined,
    health: () => health,
    onHealth: () => undefined,
    close: async () => undefined,
  };
}
