import { randomBytes } from 'node:crypto';
import type { IClientOptions } from 'mqtt';
import type { MqttOptions } from '../../broker/options.js';
import { quote } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import { addressesIn } from '../addresses.js';
import { readClientTls } from '../client-tls.js';
import { isSecure, isSharedGroup, MQTT_PORTS, readMqttUrl } from './url.js';

/** Where a broker is, and how to speak to it. */
export interface MqttTarget {
  /** The URL without login, for people. */
  place: string;
  clientId: string;
  options: IClientOptions;
}

const CONNECT_WITHIN_MS = 15_000;
const KEEPALIVE_S = 30;
/** A session of MQTT 5 ends with its connection unless it is asked for longer: so long answers are kept for us. */
const SESSION_KEPT_S = 7 * 24 * 3600;

/** MQTT 5 or 3.1.1, by the number that CONNECT has for it. */
export type MqttVersion = 4 | 5;

/** The options of one connection in this version. */
export function optionsIn(version: MqttVersion, { options }: MqttTarget): IClientOptions {
  if (version === 4) return { ...options, protocolVersion: 4 };
  const sessionExpiryInterval = options.clean ? 0 : SESSION_KEPT_S;
  return { ...options, protocolVersion: 5, properties: { sessionExpiryInterval } };
}

/** Of all addresses that the options have, as readMqttTarget. One manager is the same client at each of them. */
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

/** Checks the options of a remote broker. Throws INVALID_INPUT naming the field and its fault. */
export function readMqttTarget(options: MqttOptions): MqttTarget {
  const url = readMqttUrl(options.url);
  const isWebSocket = url.protocol.startsWith('ws');
  const port = url.port === '' ? MQTT_PORTS[url.protocol]! : Number(url.port);
  // A URL writes IPv6 in brackets; a socket wants it without, a WebSocket's URL with them.
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
      // A session under a name that nobody knows again must not stay behind.
      clean: options.clientId === undefined,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(isSecure(url) ? readClientTls(options, 'the MQTT broker') : {}),
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_WITHIN_MS,
      // Each attempt is a client of its own, so nothing that it had not sent is sent late by the next.
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
