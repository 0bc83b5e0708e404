import type { MqttOptions } from '../../broker/options.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { Broker, BrokerMessage, PublishReceipt } from '../broker.js';
import type { BrokerDependencies } from '../dependencies.js';
import { createHealthTeller, createStartTeller } from '../health.js';
import { publishReason } from '../publish-reasons.js';
import { createMqttSession, type MqttSession } from './session.js';
import { subscriptionsOf } from './subscriptions.js';
import { readMqttTargets } from './target.js';

/**
 * Creates the broker for any MQTT broker, such as Mosquitto, or EMQX without its REST API. One persistent session receives the answers of
 * all gateways, and acknowledges each when the sink has it. A plain broker cannot say which gateways are connected, so presence comes from
 * their messages. Client events of EMQX on `$SYS` are passed on, but they can be lost while the connection is down, so presence does not
 * rely on them.
 */
export function createMqttBroker(
  options: MqttOptions,
  dependencies: Pick<BrokerDependencies, 'topics' | 'log'>,
): Broker {
  const health = createHealthTeller({ connected: false, detail: 'not started' });
  const starts = createStartTeller();
  let session: MqttSession | null = null;

  // A plain broker does not say whether it restarted or only the connection was lost, so each connect counts as a start.
  health.onChange(({ connected }) => {
    if (connected) starts.tell(Date.now());
  });

  const publish = async (message: BrokerMessage): Promise<PublishReceipt> => {
    const receipt = session?.publish(message) ?? null;
    // A message is never kept for later, since a request that arrives late is no longer wanted.
    if (receipt !== null) return receipt;
    return { accepted: false, reason: publishReason('mqtt-broker-away', { words: health.now().detail }) };
  };

  const cannot = async (): Promise<never> => {
    throw new TpeError(
      'UNAVAILABLE',
      'A plain MQTT broker does not tell who is connected and cannot end a session: that takes EMQX with its REST API.',
    );
  };

  return {
    kind: 'mqtt',
    knowsPresence: false,
    async open(sink) {
      const targets = readMqttTargets(options);
      const subscriptions = subscriptionsOf(dependencies.topics, options.sharedGroup);
      session = createMqttSession(targets, { subscriptions, health }, dependencies);
      await session.open(sink);
    },
    publish,
    publishMany: (messages) => Promise.all(messages.map(publish)),
    listClients: cannot,
    listNodes: cannot,
    onNodes: () => undefined,
    onGap: () => undefined,
    canBeAsked: () => false,
    canPublish: () => health.now().connected,
    listLagMs: () => 0,
    getClient: cannot,
    disconnectClient: cannot,
    // A plain MQTT broker cannot be told whom to refuse: it decides that by its own configuration.
    ban: async () => undefined,
    unban: async () => undefined,
    health: health.now,
    onHealth: health.onChange,
    onStart: starts.onStart,
    async close() {
      await session?.close();
    },
  };
}
