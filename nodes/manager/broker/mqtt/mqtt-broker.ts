import type { MqttOptions } from '../../broker/options.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { Broker, BrokerMessage, PublishReceipt } from '../broker.js';
import type { BrokerDependencies } from '../dependencies.js';
import { createHealthTeller, createStartTeller } from '../health.js';
import { createMqttSession, type MqttSession } from './session.js';
import { subscriptionsOf } from './subscriptions.js';
import { readMqttTargets } from './target.js';

/**
 * Any MQTT broker: Mosquitto, or EMQX without its REST API. One persistent session takes the answers of all gateways;
 * each is acknowledged when the sink has it. A plain broker does not tell who is connected and has no list, so presence
 * comes from what gateways say; the client events that EMQX publishes on `$SYS` are passed on where they come, but
 * they can be lost while we are away, so they prove nothing.
 */
export function createMqttBroker(
  options: MqttOptions,
  dependencies: Pick<BrokerDependencies, 'topics' | 'log'>,
): Broker {
  const health = createHealthTeller({ connected: false, detail: 'not started' });
  const starts = createStartTeller();
  let session: MqttSession | null = null;

  // It does not say whether it began anew, or only the connection to it was lost.
  health.onChange(({ connected }) => {
    if (connected) starts.tell(Date.now());
  });

  const publish = async (message: BrokerMessage): Promise<PublishReceipt> => {
    const receipt = session?.publish(message) ?? null;
    // Never kept for later: a request that comes late is not wanted any more.
    return receipt ?? { accepted: false, reason: `the MQTT broker is away (${health.now().detail})` };
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
    // Who is let in is decided elsewhere.
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
