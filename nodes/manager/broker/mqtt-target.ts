import { randomBytes } from 'node:crypto';
import type { IClientOptions } from 'mqtt';
import type { MqttOptions } from '../device-manager.js';
import { quote } from '../registry/text.js';
import { TpeError } from '../tpe-error.js';
import { readClientTls } from './client-tls.js';
import { isSecure, isSharedGroup, MQTT_PORTS, readMqttUrl } from './mqtt-url.js';

/** Where a broker is, and how to speak to it. */
export interface MqttTarget {
  /** The URL without login, for people. */
  place: string;
  clientId: string;
  options: IClientOptions;
}

const CONNECT_WITHIN_MS = 15_000;
const KEEPALIVE_S = 30;

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
      protocolVersion: 4,
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
