import { createHash } from 'node:crypto';
import type { BrokerOptions, MqttOptions } from './options.js';

/**
 * Fills in the MQTT client id of the options from the name of this manager, if none is given. A persistent session must belong to one
 * manager and must be found again after a restart.
 */
export function uniqueClientId(broker: BrokerOptions, instance: string): BrokerOptions {
  const name = `tpedm-${createHash('sha256').update(instance).digest('hex').slice(0, 12)}`;
  const named = (mqtt: MqttOptions) => ({ ...mqtt, clientId: mqtt.clientId ?? name });
  if (broker.kind === 'mqtt') return { kind: broker.kind, ...named(broker) };
  if (broker.kind === 'emqx' && broker.mqtt) return { ...broker, mqtt: named(broker.mqtt) };
  return broker;
}
