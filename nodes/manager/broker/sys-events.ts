import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import type { ClientConnected, ClientDisconnected } from '../events.js';

/** EMQX tells of each client here; other brokers have nothing on these topics. */
export const CLIENT_EVENT_FILTERS = [
  '$SYS/brokers/+/clients/+/connected',
  '$SYS/brokers/+/clients/+/disconnected',
];

const TOPIC = /^\$SYS\/brokers\/([^/]+)\/clients\/.+\/(connected|disconnected)$/;

const SCHEMA = {
  type: 'object',
  required: ['clientid'],
  properties: {
    clientid: { type: 'string', minLength: 1, maxLength: 256 },
    username: { type: ['string', 'null'] },
    ipaddress: { type: ['string', 'null'] },
    proto_ver: { type: ['integer', 'null'] },
    keepalive: { type: ['integer', 'null'] },
    clean_start: { type: ['boolean', 'null'] },
    connected_at: { type: 'integer', minimum: 0 },
    disconnected_at: { type: 'integer', minimum: 0 },
    reason: { type: 'string', maxLength: 1000 },
    ts: { type: 'integer' },
  },
} as const;

type SysEvent = FromSchema<typeof SCHEMA>;
const isSysEvent = new Ajv({ allowUnionTypes: true }).compile<SysEvent>(SCHEMA);

/** True for the topics that parseClientEvent reads. */
export function isClientEventTopic(topic: string): boolean {
  return TOPIC.test(topic);
}

/**
 * Reads EMQX's `$SYS/brokers/<node>/clients/<clientid>/connected|disconnected` (4.x to 6.x); null for what is none.
 * The client id comes from the body, since an id may have slashes.
 */
export function parseClientEvent(
  topic: string,
  payload: Buffer,
): ClientConnected | ClientDisconnected | null {
  const [, node = null, kind] = TOPIC.exec(topic) ?? [];
  const body = kind === undefined ? undefined : parseJson(payload);
  if (!isSysEvent(body)) return null;
  const { clientid } = body;
  if (kind === 'connected') {
    if (body.connected_at === undefined) return null;
    return {
      type: 'connected',
      clientid,
      connectedAt: toMs(body.connected_at),
      username: known(body.username),
      ipAddress: known(body.ipaddress),
      protocolVersion: body.proto_ver ?? null,
      keepalive: body.keepalive ?? null,
      cleanStart: body.clean_start ?? null,
      node,
      source: 'mqtt',
    };
  }
  const at = body.disconnected_at ?? body.ts;
  if (at === undefined) return null;
  return {
    type: 'disconnected',
    clientid,
    reason: body.reason ?? 'unknown',
    connectedAt: body.connected_at === undefined ? null : toMs(body.connected_at),
    disconnectedAt: toMs(at),
    node,
    source: 'mqtt',
  };
}

/** Erlang's word for nothing reaches us as text. */
function known(value: string | null | undefined): string | null {
  return value === undefined || value === 'undefined' ? null : value;
}

/** Before EMQX 4.2 these were seconds. */
function toMs(time: number): number {
  return time < 1e11 ? time * 1000 : time;
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
