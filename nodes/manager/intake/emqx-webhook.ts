import type { ValidateFunction } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { known, TIME_SCHEMA, toMs } from '../broker/emqx-values.js';
import type {
  BrokerEvent,
  ClientConnected,
  ClientDisconnected,
  GatewayMessage,
  LoginRefused,
} from '../broker/events.js';
import type { PayloadReading } from '../broker/options.js';
import { guard } from '../shared/guard.js';
import { ipAddress, peerAddress } from '../shared/ip-address.js';
import { readPayload } from './webhook-payload.js';

/** What a webhook body says. */
export type WebhookReading =
  /** `id` is EMQX's id of a message; null for other events, and where EMQX sends none. */
  | { kind: 'event'; action: string; event: BrokerEvent; id: string | null }
  /** The manager does not use this event. */
  | { kind: 'ignored'; action: string }
  /** The body is not a valid webhook; `fault` is a sentence that names the field and the rule. */
  | { kind: 'fault'; fault: string; field: string | null };

const MAX_REASON_LENGTH = 256;
/** Client ids and topics never contain U+0000: MQTT forbids it, and PostgreSQL cannot store it. */
const TEXT = '^[^\\u0000]+$';
const CLIENTID = { type: 'string', maxLength: 1024, pattern: TEXT } as const;
const NODE = { type: 'string', maxLength: 256, pattern: TEXT } as const;
const ADDRESS = { type: 'string', maxLength: 128 } as const;

const CONNECTED = {
  type: 'object',
  required: ['clientid', 'connected_at'],
  properties: {
    clientid: CLIENTID,
    username: { type: 'string', maxLength: 1024 },
    connected_at: TIME_SCHEMA,
    ipaddress: ADDRESS,
    peername: ADDRESS,
    proto_ver: { type: 'integer', minimum: 0, maximum: 255 },
    keepalive: { type: 'integer', minimum: 0, maximum: 65_535 },
    clean_start: { type: 'boolean' },
    node: NODE,
  },
} as const;

const DISCONNECTED = {
  type: 'object',
  required: ['clientid', 'reason', 'disconnected_at'],
  properties: {
    clientid: CLIENTID,
    reason: { type: 'string' },
    connected_at: TIME_SCHEMA,
    disconnected_at: TIME_SCHEMA,
    node: NODE,
  },
} as const;

/** The CONNACK event; EMQX 4 has the result in `conn_ack`, EMQX 5 and 6 in `reason_code`. */
const CONNACK = {
  type: 'object',
  required: ['clientid'],
  anyOf: [{ required: ['conn_ack'] }, { required: ['reason_code'] }],
  properties: {
    clientid: CLIENTID,
    username: { type: 'string', maxLength: 1024 },
    conn_ack: { type: 'string', maxLength: 256 },
    reason_code: { type: 'string', maxLength: 256 },
    ipaddress: ADDRESS,
    peername: ADDRESS,
  },
} as const;

const MESSAGE_FIELDS = {
  topic: { type: 'string', maxLength: 65_535, pattern: TEXT },
  payload: { type: 'string' },
  payload_encoding: { enum: ['plain', 'base64'] },
  qos: { type: 'integer', minimum: 0, maximum: 2 },
} as const;

const MESSAGE = {
  type: 'object',
  required: ['topic', 'payload', 'qos'],
  properties: MESSAGE_FIELDS,
} as const;
type MessageFields = FromSchema<typeof MESSAGE>;

/** A message as the webhook plugin of EMQX 4 sends it. */
const MESSAGE_4 = {
  ...MESSAGE,
  required: ['from_client_id', 'topic', 'payload', 'qos'],
  properties: { ...MESSAGE_FIELDS, from_client_id: CLIENTID, retain: { type: 'boolean' } },
} as const;

/** A message as EMQX 5 and 6 send it, and as rules of EMQX 4 do. */
const MESSAGE_5 = {
  ...MESSAGE,
  required: ['clientid', 'topic', 'payload', 'qos'],
  properties: {
    ...MESSAGE_FIELDS,
    clientid: CLIENTID,
    id: { type: 'string', minLength: 1, maxLength: 128 },
    flags: { type: 'object', properties: { retain: { type: 'boolean' } } },
  },
} as const;

const isConnected = guard<FromSchema<typeof CONNECTED>>(CONNECTED);
const isDisconnected = guard<FromSchema<typeof DISCONNECTED>>(DISCONNECTED);
const isConnack = guard<FromSchema<typeof CONNACK>>(CONNACK);
const isMessage4 = guard<FromSchema<typeof MESSAGE_4>>(MESSAGE_4);
const isMessage5 = guard<FromSchema<typeof MESSAGE_5>>(MESSAGE_5);

type Body = Record<string, unknown>;
type Reader = (body: Body, action: string, payloads: PayloadReading) => WebhookReading;

const readConnected = reader(isConnected, CONNECTED, toConnected);
const readDisconnected = reader(isDisconnected, DISCONNECTED, toDisconnected);
const readRefused = reader(isConnack, CONNACK, toRefused);
const readMessage4 = messageReader(isMessage4, MESSAGE_4, (body) => ({
  clientid: body.from_client_id,
  retain: body.retain ?? false,
  id: null,
}));
const readMessage5 = messageReader(isMessage5, MESSAGE_5, (body) => ({
  clientid: body.clientid,
  retain: body.flags?.retain ?? false,
  id: body.id ?? null,
}));

/** The readers by `action`, in which the webhook plugin of EMQX 4 names the event. */
const ACTIONS = new Map<string, Reader>([
  ['client_connected', readConnected],
  ['client_disconnected', readDisconnected],
  ['client_connack', readConnack],
  ['message_publish', readMessage4],
]);

/** The readers by `event`, in which a rule names it. A rule may pass on the event's topic, which has slashes since EMQX 5.10. */
const EVENTS = new Map<string, Reader>([
  ['client.connected', readConnected],
  ['client.disconnected', readDisconnected],
  ['client.connack', readConnack],
  ['message.publish', readMessage5],
  ['$events/client_connected', readConnected],
  ['$events/client_disconnected', readDisconnected],
  ['$events/client_connack', readConnack],
  ['$events/client/connack', readConnack],
  ['$events/client/connected', readConnected],
  ['$events/client/disconnected', readDisconnected],
]);

/**
 * Reads a CONNACK event. Any client can cause one with any client id or none, and an invalid one belongs to no gateway. So an
 * invalid event is ignored and is not reported as a fault.
 */
function readConnack(body: Body, action: string, payloads: PayloadReading): WebhookReading {
  const reading = readRefused(body, action, payloads);
  return reading.kind === 'fault' ? { kind: 'ignored', action } : reading;
}

/**
 * Reads one webhook body of EMQX 4, 5 or 6, parsed from JSON. `payloads` says how payloads are encoded; see readPayload. A body
 * that cannot be read is a result of kind `fault`, not an error.
 */
export function readWebhook(body: unknown, payloads: PayloadReading): WebhookReading {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return fault('The webhook body must be a JSON object.', null);
  }
  const { action, event } = body as { action?: unknown; event?: unknown };
  if (typeof action === 'string') return readBy(ACTIONS, action, body as Body, payloads);
  if (typeof event === 'string') return readBy(EVENTS, event, body as Body, payloads);
  return fault(
    'The webhook body has neither "action" (EMQX 4) nor "event" (EMQX 5 and 6) with a text that says what happened.',
    action === undefined ? 'event' : 'action',
  );
}

function readBy(
  readers: Map<string, Reader>,
  action: string,
  body: Body,
  payloads: PayloadReading,
): WebhookReading {
  return readers.get(action)?.(body, action, payloads) ?? { kind: 'ignored', action };
}

function reader<Fields>(
  isValid: ValidateFunction<Fields>,
  schema: { properties: object },
  toEvent: (fields: Fields) => BrokerEvent | null,
): Reader {
  const names = Object.keys(schema.properties);
  return (body, action) => {
    const fields: unknown = knownFields(body, names);
    if (!isValid(fields)) return faultOf(isValid, action);
    const event = toEvent(fields);
    return event === null ? { kind: 'ignored', action } : { kind: 'event', action, event, id: null };
  };
}

function messageReader<Fields extends MessageFields>(
  isValid: ValidateFunction<Fields>,
  schema: { properties: object },
  ofDialect: (fields: Fields) => { clientid: string; retain: boolean; id: string | null },
): Reader {
  const names = Object.keys(schema.properties);
  return (body, action, payloads) => {
    const fields: unknown = knownFields(body, names);
    if (!isValid(fields)) return faultOf(isValid, action);
    const { clientid, retain, id } = ofDialect(fields);
    const payload = readPayload(fields.payload, fields.payload_encoding ?? null, payloads);
    if (payload === null) return fault(`The webhook "${action}": "payload" is not base64.`, 'payload');
    const event: GatewayMessage = {
      type: 'message',
      clientid,
      topic: fields.topic,
      payload,
      qos: fields.qos,
      retain,
      // By our own clock, since commands are timed by it.
      receivedAt: Date.now(),
      source: 'webhook',
    };
    return { kind: 'event', action, event, id };
  };
}

/**
 * Fields whose text comes from the client: there the text `undefined` is meant as such, and does not say that EMQX has no value.
 */
const FREE_TEXTS = new Set(['clientid', 'from_client_id', 'topic', 'payload', 'reason']);

/** Picks the fields that a reader uses, without those for which EMQX has no value. */
function knownFields(body: Body, names: readonly string[]): Body {
  const fields: Body = {};
  for (const name of names) {
    const value = FREE_TEXTS.has(name) ? body[name] : known(body[name]);
    if (value !== null && value !== undefined) fields[name] = value;
  }
  return fields;
}

function toConnected(body: FromSchema<typeof CONNECTED>): ClientConnected {
  return {
    type: 'connected',
    clientid: body.clientid,
    connectedAt: toMs(body.connected_at),
    username: body.username ?? null,
    ipAddress: addressOf(body),
    protocolVersion: body.proto_ver ?? null,
    keepalive: body.keepalive ?? null,
    cleanStart: body.clean_start ?? null,
    node: body.node ?? null,
    source: 'webhook',
  };
}

function toDisconnected(body: FromSchema<typeof DISCONNECTED>): ClientDisconnected {
  return {
    type: 'disconnected',
    clientid: body.clientid,
    reason: body.reason.slice(0, MAX_REASON_LENGTH),
    connectedAt: body.connected_at === undefined ? null : toMs(body.connected_at),
    disconnectedAt: toMs(body.disconnected_at),
    node: body.node ?? null,
    source: 'webhook',
  };
}

/**
 * EMQX's words for a client that may not connect. It gives no reliable detail beyond that, so that nobody can find out client
 * ids.
 */
const NOT_AUTHORIZED = new Set([
  'not_authorized',
  'bad_username_or_password',
  'malformed_username_or_password',
  'banned',
]);

/** Null for an accepted client, since its connect comes as an event of its own. */
function toRefused(body: FromSchema<typeof CONNACK>): LoginRefused | null {
  const answer = body.conn_ack ?? body.reason_code ?? '';
  if (answer === 'success' || answer === 'connection_accepted') return null;
  return {
    type: 'refused',
    clientid: body.clientid,
    username: body.username ?? null,
    ipAddress: addressOf(body),
    reason: NOT_AUTHORIZED.has(answer) ? 'not_authorized' : 'unavailable',
    at: Date.now(),
    source: 'webhook',
  };
}

/** EMQX 4 gives the address alone, EMQX 5 and 6 with a port behind it. */
function addressOf({ ipaddress, peername }: { ipaddress?: string; peername?: string }): string | null {
  return ipAddress(ipaddress) ?? peerAddress(peername);
}

function faultOf(isValid: ValidateFunction<never> | ValidateFunction, action: string): WebhookReading {
  const [error] = isValid.errors ?? [];
  const missing: unknown = error?.params.missingProperty;
  const field = typeof missing === 'string' ? missing : (error?.instancePath.slice(1) ?? '');
  const rule = typeof missing === 'string' ? 'is missing' : (error?.message ?? 'is not valid');
  return fault(`The webhook "${action}": "${field}" ${rule}.`, field);
}

function fault(text: string, field: string | null): WebhookReading {
  return { kind: 'fault', fault: text, field };
}
