import { EventEmitter, once } from 'node:events';
import { connectAsync } from 'mqtt';
import type { BrokerMessage } from '../../nodes/manager/broker/broker.js';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import type { DeviceManager, DeviceManagerOptions } from '../../nodes/manager/device-manager.js';
import { type Emqx, startEmqx } from './emqx/index.js';

const KEY = { apiKey: 'key', apiSecret: 'secret' };
const LISTENER = { username: 'listener', password: 'listens to what gateways are told' };

export interface WebhookManager {
  manager: DeviceManager;
  emqx: Emqx;
  /** Resolves with the first message to a gateway that fits, published already or still to come. */
  published(fits: (message: BrokerMessage) => boolean): Promise<BrokerMessage>;
  log: string[];
  close(): Promise<void>;
}

/**
 * A real device manager whose events come by webhook, from the test: its EMQX takes the commands, and sends no webhook
 * of its own. It is EMQX 4, whose list names no session: a test may tell of sessions of any time.
 */
export async function openWebhookManager(
  database: DatabaseOptions,
  more: Partial<DeviceManagerOptions> = {},
): Promise<WebhookManager> {
  const messages: BrokerMessage[] = [];
  const publishing = new EventEmitter<{ published: [] }>();
  const log: string[] = [];
  const emqx = await startEmqx({ version: '4.4', ...KEY, accounts: [LISTENER] });
  const listener = await connectAsync(emqx.mqttUrl, LISTENER);
  listener.on('message', (topic, payload) => {
    messages.push({ topic, payload: payload.toString() });
    publishing.emit('published');
  });
  await listener.subscribeAsync('/tpedm/+/input');
  const manager = await openDeviceManager({
    database,
    broker: { kind: 'emqx', apiUrl: emqx.apiUrl, ...KEY, events: 'webhook' },
    instance: 'test',
    log: { info: (text) => log.push(text), warn: (text) => log.push(text) },
    ...more,
  });
  // What the test tells of is not in its list: the first comparison must be over by then.
  while (manager.health().presence.checkedAt === null) await once(manager.events, 'health');
  return {
    manager,
    emqx,
    log,
    async published(fits) {
      for (;;) {
        const found = messages.find(fits);
        if (found !== undefined) return found;
        await once(publishing, 'published');
      }
    },
    async close() {
      await manager.close();
      await listener.endAsync();
      await emqx.stop();
    },
  };
}
