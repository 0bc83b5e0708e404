import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { ipAddress } from '../../shared/ip-address.js';
import { jsonIn } from '../../shared/json-bounds.js';
import { known, TIME_SCHEMA, toMs } from '../emqx-values.js';
import type { ClientConnected, ClientDisconnected } from '../events.js';

/** The topics on which EMQX reports connects and disconnects. Other brokers publish nothing there. */
export const CLIENT_EVENT_FILTERS: readonly string[] = [
  '$SYS/brokers/+/clients/+/connected',
  '$SYS/brokers/+/clients/+/disconnected',
];

const TOPIC = /^\$SYS\/brokers\/([^/]{1,256})\/clients\/.+\/(connected|disconnected)$/s;
const MAX_BYTES = 16 * 1024;

const CLIENT = {
  clientid: { type: 'string', minLength: 1, maxLength: 1024 },
  username: { type: 'string', maxLength: 1024, nullable: true },
} as const;

const CONNECTED = {
  type: 'object',
  required: ['clientid', 'connected_at'],
  properties: {
    ...CLIENT,
    connected_at: TIME_SCHEMA,
    ipaddress: { type: 'string', maxLength: 128, nullable: true },
    proto_ver: { type: 'integer', minimum: 0, maximum: 255, nullable: true },
    keepalive: { type: 'integer', minimum: 0, maximum: 65_535, nullable: true },
    clean_start: { type: 'boolean', nullable: true },
  },
} as const;

const DISCONNECTED = {
  type: 'object',
  required: ['clientid', 'reason', 'disconnected_at'],
  properties: {
    ...CLIENT,
    reason: { type: 'string', maxLength: 1024 },
    connected_at: { ...TIME_SCHEMA, nullable: true },
    disconnected_at: TIME_SCHEMA,
  },
} as const;

const isConnected = guard<FromSchema<typeof CONNECTED>>(CONNECTED);
const isDisconnected = guard<FromSchema<typeof DISCONNECTED>>(DISCONNECTED);

/** True for the topics that parseClientEvent reads. */
export function isClientEventTopic(topic: string): boolean {
  return TOPIC.test(topic);
}

/**
 * Reads a message of EMQX 4 to 6 on `$SYS/brokers/<node>/clients/<clientid>/connected|disconnected`; null for anything else. The client id
 * is taken from the body, since it may contain slashes.
 */
export function parseClientEvent(
  topic: string,
  payload: Buffer,
): ClientConnected | ClientDisconnected | null {
  const [, node = null, kind] = TOPIC.exec(topic) ?? [];
  if (kind === undefined || payload.length > MAX_BYTES) return null;
  const body = jsonIn(payload.toString('utf8'));
  if (kind === 'connected') return isConnected(body) ? toConnected(body, node) : null;
  return isDisconnected(body) ? toDisconnected(body, node) : null;
}

function toConnected(body: FromSchema<typeof CONNECTED>, node: string | null): ClientConnected {
  return {
    type: 'connected',
    clientid: body.clientid,
    connectedAt: toMs(body.connected_at),
    username: known(body.username),
    ipAddress: ipAddress(body.ipaddress),
    protocolVersion: body.proto_ver ?? null,
    keepalive: body.keepalive ?? null,
    cleanStart: body.clean_start ?? null,
    node,
    source: 'mqtt',
  };
}

function toDisconnected(body: FromSchema<typeof DISCONNECTED>, node: string | null): ClientDisconnected {
  return {
    type: 'disconnected',
    clientid: body.clientid,
    reason: body.reason,
    connectedAt: body.connected_at == null ? null : toMs(body.connected_at),
    disconnectedAt: toMs(body.disconnected_at),
    node,
    source: 'mqtt',
  };
}
