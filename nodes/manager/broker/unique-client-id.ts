import { createHash } from 'node:crypto';
import type { BrokerOptions, MqttOptions } from './options.js';

/** A persistent session belongs to one manager, so its client id is made of the manager's name. */
export function uniqueClientId(broker: BrokerOptions, instance: string): BrokerOptions {
  const name = `tpedm-${createHash('sha256').update(instance).digest('hex').slice(0, 12)}`;
  const named = (mqtt: MqttOptions) => ({ ...mqtt, clientId: mqtt.clientId ?? name });
  if (broker.kind === 'mqtt') return { kind: broker.kind, ...named(broker) };
  if (broker.kind === 'emqx' && broker.mqtt) return { ...broker, mqtt: named(broker.mqtt) };
  return broker;
}
