import { randomBytes } from 'node:crypto';
import type { IClientOptions } from 'mqtt';
import type { MqttOptions } from '../../broker/options.js';
import { quote } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import { addressesIn } from '../addresses.js';
import { readClientTls } from '../client-tls.js';
import { isSecure, isSharedGroup, MQTT_PORTS, readMqttUrl } from './url.js';

/** One address of a broker, with the options for mqtt.js. */
export interface MqttTarget {
  /** The URL without login and path, for people. */
  place: string;
  clientId: string;
  options: IClientOptions;
}

const CONNECT_WITHIN_MS = 15_000;
const KEEPALIVE_S = 30;
/** For how long the broker keeps answers while the manager is away. Without this a session of MQTT 5 ends with its connection. */
const SESSION_KEPT_S = 7 * 24 * 3600;

/**
 * How many answers the broker may send before the first of them is acknowledged, which is after its commit. Where MQTT 5 says nothing,
 * Mosquitto takes 20, and so a commit would serve no more.
 */
const MAX_UNACKNOWLEDGED_ANSWERS = 1000;

/** The protocol version as CONNECT has it: 4 is MQTT 3.1.1, 5 is MQTT 5. */
export type MqttVersion = 4 | 5;

/** Makes the options for mqtt.js to connect in this version. */
export function optionsIn(version: MqttVersion, { options }: MqttTarget): IClientOptions {
  if (version === 4) return { ...options, protocolVersion: 4 };
  const sessionExpiryInterval = options.clean ? 0 : SESSION_KEPT_S;
  return {
    ...options,
    protocolVersion: 5,
    properties: { sessionExpiryInterval, receiveMaximum: MAX_UNACKNOWLEDGED_ANSWERS },
  };
}

/** Reads each address of the options as readMqttTarget does, and throws as that does. The manager has the same client id at all of them. */
export function readMqttTargets(options: MqttOptions): [MqttTarget, ...MqttTarget[]] {
  const [first = '', ...more] = addressesIn(options.url, 'url');
  const target = readMqttTarget({ ...options, url: first });
  const others = more.map((url) => readMqttTarget({ ...options, url }));
  for (const other of others) {
    other.clientId = target.clientId;
    other.options.clientId = target.clientId;
  }
  return [target, ...others];
}

/** Reads and checks the options of a remote broker with one address. Throws INVALID_INPUT naming the field and its fault. */
export function readMqttTarget(options: MqttOptions): MqttTarget {
  const url = readMqttUrl(options.url);
  const isWebSocket = url.protocol.startsWith('ws');
  const port = url.port === '' ? MQTT_PORTS[url.protocol]! : Number(url.port);
  // A URL has an IPv6 address in brackets. A socket needs it without them, the URL of a WebSocket with them.
  const host = isWebSocket ? url.hostname : url.hostname.replace(/^\[(.*)\]$/, '$1');
  const username = options.username ?? (decode(url.username) || undefined);
  const password = options.password ?? (decode(url.password) || undefined);
  checkGroup(options.sharedGroup);
  const clientId = options.clientId ?? `tpedm-${randomBytes(6).toString('hex')}`;
  return {
    place: `${url.protocol}//${url.hostname}:${port}`,
    clientId,
    options: {
      protocol: url.protocol.slice(0, -1) as IClientOptions['protocol'],
      host,
      port,
      ...(isWebSocket ? { path: `${url.pathname}${url.search}` } : {}),
      clientId,
      // With a random client id the session could never be resumed, so it must not outlive the connection.
      clean: options.clientId === undefined,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(isSecure(url) ? readClientTls(options, 'the MQTT broker') : {}),
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_WITHIN_MS,
      // Each attempt makes a new client, so that no message that an earlier one had not sent is sent late.
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    },
  };
}

function checkGroup(group: string | undefined): void {
  if (group === undefined || isSharedGroup(group)) return;
  throw new TpeError(
    'INVALID_INPUT',
    `The shared group ${quote(group)} must have 1 to 100 characters, none of them a space or one of / + #.`,
    { field: 'sharedGroup' },
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
