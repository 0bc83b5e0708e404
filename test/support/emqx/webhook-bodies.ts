import type { ConnectAttempt } from './core.js';
import type { Message } from './message.js';
import type { Session } from './session.js';
import type { Dialect } from './versions.js';

export type Body = Record<string, unknown>;
export type PayloadForm = 'plain' | 'base64';

/** How one line of EMQX tells of what happens, each as the body of one request. */
export interface WebhookBodies {
  connected(session: Session): Body;
  disconnected(session: Session, reason: string): Body;
  published(message: Message): Body;
}

/** The bodies of the webhook plugin of EMQX 4. */
export function pluginBodies(dialect: Dialect, payloads: PayloadForm) {
  const { node } = dialect;
  const attempt = (action: string, { clientid, username, ipAddress, ...given }: ConnectAttempt): Body => ({
    username,
    proto_ver: given.protocolVersion,
    node,
    keepalive: given.keepalive,
    ipaddress: ipAddress,
    clientid,
    action,
  });
  return {
    connect: (given: ConnectAttempt): Body => attempt('client_connect', given),
    connack: (given: ConnectAttempt, connectedAt: number | null, result: string): Body => ({
      ...attempt('client_connack', given),
      ...(connectedAt === null ? {} : { connected_at: connectedAt }),
      conn_ack: result,
    }),
    connected: (session: Session): Body => ({
      ...attempt('client_connected', session),
      connected_at: session.connectedAt,
    }),
    disconnected: (session: Session, reason: string): Body => ({
      username: session.username,
      reason,
      node,
      disconnected_at: session.disconnectedAt,
      connected_at: session.connectedAt,
      clientid: session.clientid,
      action: 'client_disconnected',
    }),
    published: (message: Message): Body => ({
      ts: message.receivedAt,
      topic: message.topic,
      retain: message.retain,
      qos: message.qos,
      payload: encode(message.payload, payloads),
      node,
      from_username: message.from.username,
      from_client_id: message.from.clientid,
      action: 'message_publish',
    }),
  };
}

const RULE = { rule_id: 'tpedm' };

/** The bodies of a rule: all of the event, or for base64 payloads the columns that the shipped rule names. */
export function ruleBodies(dialect: Dialect, payloads: PayloadForm, mqttPort: () => number): WebhookBodies {
  const { node, isLate } = dialect;
  const late = (fields: Body): Body => (isLate ? fields : {});
  const client = (session: Session) => ({
    username: session.username ?? 'undefined',
    timestamp: Date.now(),
    sockname: `127.0.0.1:${mqttPort()}`,
    proto_ver: session.protocolVersion,
    proto_name: session.protocolName,
    peername: `${session.ipAddress}:${session.port}`,
    node,
    metadata: RULE,
    clientid: session.clientid,
    ...late({ client_attrs: {} }),
  });
  return {
    connected: (session) => ({
      ...client(session),
      receive_maximum: session.receiveMaximum,
      mountpoint: 'undefined',
      keepalive: session.keepalive,
      is_bridge: false,
      expiry_interval: session.expirySeconds,
      event: 'client.connected',
      connected_at: session.connectedAt,
      conn_props: { 'User-Property': {}, ...session.connProps },
      clean_start: session.cleanStart,
    }),
    disconnected: (session, reason) => ({
      ...client(session),
      reason,
      event: 'client.disconnected',
      disconnected_at: session.disconnectedAt,
      disconn_props: { 'User-Property': {} },
      ...late({ connected_at: session.connectedAt }),
    }),
    published: (message) => {
      const { from } = message;
      const columns = {
        username: from.username ?? 'undefined',
        topic: message.topic,
        timestamp: Date.now(),
        qos: message.qos,
        publish_received_at: message.receivedAt,
        payload: encode(message.payload, payloads),
        node,
        id: message.id,
        flags: message.isFromRest ? { retain: message.retain } : { retain: message.retain, dup: false },
        event: 'message.publish',
        clientid: from.clientid,
      };
      if (payloads === 'base64') return { ...columns, payload_encoding: 'base64' };
      return {
        ...columns,
        pub_props: printable(message),
        peerhost: from.peerhost ?? 'undefined',
        metadata: RULE,
        ...late({ peername: from.peername ?? 'undefined', client_attrs: {} }),
      };
    },
  };
}

function printable({ properties, userProperties }: Message): Body {
  const pairs = userProperties.length > 0 ? { 'User-Property-Pairs': userProperties } : {};
  const byKey = Object.fromEntries(userProperties.map(({ key, value }) => [key, value]));
  return { ...pairs, 'User-Property': byKey, ...properties };
}

/** JSON has no bytes: what is no UTF-8 in a plain payload is lost. */
function encode(payload: Buffer, form: PayloadForm): string {
  return payload.toString(form === 'base64' ? 'base64' : 'utf8');
}
