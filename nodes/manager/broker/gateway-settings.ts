import type { BrokerOptions } from '../broker/options.js';
import type { Topics } from '../protocol/topics.js';
import { addressesIn } from './addresses.js';

/** The settings to enter on the MQTT page of a gateway. */
export interface MqttSettings {
  /** Null stands for the address of this machine, as gateways reach it. */
  host: string | null;
  /** Null if the manager does not know it. */
  port: number | null;
  tls: boolean;
  inputTopic(clientid: string): string;
  outputTopic(clientid: string): string;
}

/** Derives the settings from the broker options. Gateways may have to use another address than the manager does. */
export function mqttSettings(
  broker: BrokerOptions,
  { inputTopic, outputTopic }: Pick<Topics, 'inputTopic' | 'outputTopic'>,
): MqttSettings {
  return { ...addressOf(broker), inputTopic, outputTopic };
}

function addressOf(broker: BrokerOptions): Pick<MqttSettings, 'host' | 'port' | 'tls'> {
  if (broker.kind === 'embedded') {
    const { host = '127.0.0.1', port = 1883, tls } = broker;
    return { host: reachable(host), port: tls?.port ?? port, tls: tls !== undefined };
  }
  if (broker.kind === 'mqtt') return inUrl(broker.url);
  if (broker.mqtt !== undefined) return inUrl(broker.mqtt.url);
  return { host: reachable(new URL(firstOf(broker.apiUrl)).hostname), port: null, tls: false };
}

function inUrl(text: string): Pick<MqttSettings, 'host' | 'port' | 'tls'> {
  const { hostname, port, protocol } = new URL(firstOf(text));
  const tls = protocol === 'mqtts:' || protocol === 'wss:';
  // Gateways do not speak MQTT over WebSocket.
  const isMqtt = protocol === 'mqtt:' || protocol === 'mqtts:';
  const known = port === '' ? (tls ? 8883 : 1883) : Number(port);
  return { host: reachable(hostname), port: isMqtt ? known : null, tls };
}

/** A gateway takes one address, so it gets the first node. To fail over to the others it needs a name that resolves to all of them. */
function firstOf(addresses: string): string {
  return addressesIn(addresses, 'url')[0] ?? addresses;
}

/** Returns the host without brackets, or null for an address by which a machine reaches only itself. */
function reachable(host: string): string | null {
  const bare = host.replace(/^\[|\]$/g, '');
  const isOwn = /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1?)$/i.test(bare);
  return isOwn || bare === '' ? null : bare;
}
