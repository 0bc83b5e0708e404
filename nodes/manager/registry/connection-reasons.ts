import type { ClientConnected, ClientDisconnected } from '../broker/events.js';
import { defineReasons, type Reason, wordsOfOthers } from '../shared/reason.js';

/** Why a gateway is online or offline, and what is wrong with how it connects. */
export const connectionReason = defineReasons({
  connected: 'connected',
  'connected-from': 'connected from {address}',
  'disconnected-by-itself': 'disconnected by itself',
  'disconnected-leaving-its-will': 'disconnected by itself, leaving its will',
  'disconnected-by-the-manager': 'disconnected by the device manager',
  'keepalive-timeout': 'keepalive timeout',
  'connection-lost': 'connection lost',
  'connection-lost-tls': 'connection lost (TLS)',
  'mqtt-not-authorized': 'not authorized',
  'broker-stopped': 'the broker was stopped',
  'mqtt-packet-too-large': 'sent a packet that is too large',
  'mqtt-packet-malformed': 'sent something that is no MQTT packet',
  'mqtt-topic-invalid': 'published to something that is no topic',
  'mqtt-protocol-violated': 'did not keep to the MQTT protocol',
  'heard-from-it': 'heard from it',
  'probe-unanswered': 'no answer to a probe',
  'broker-lists-it': 'the broker lists it as connected',
  'broker-lacks-it': 'the broker has no such client',
  'status-set-by-others': 'set by another program',
  'link-unstable': 'unstable link or power: connected {times} times within {minutes} minutes',
  'client-id-shared':
    'two gateways seem to share this client id: taken over {times} times within {minutes} minutes',
  'client-id-shared-from':
    'two gateways seem to share this client id: taken over {times} times within {minutes} minutes, from {before} and {here}',
  'login-refused': 'login refused, from {address}: {why}',
  'login-refused-often': 'login refused {times} times, the last from {address}: {why}',
  'address-unknown': 'an unknown address',
  'broker-list-short': 'not confirmed: the broker lists {listed} clients, but its nodes count {counted}',
  'broker-node-away': "not confirmed: the broker's node {node} cannot be reached",
});

export type ConnectionCode = keyof typeof connectionReason.texts;

/** What the brokers' words for the end of a session mean. */
const ENDS = {
  normal: 'disconnected-by-itself',
  keepalive_timeout: 'keepalive-timeout',
  tcp_closed: 'connection-lost',
  ssl_closed: 'connection-lost-tls',
  kicked: 'disconnected-by-the-manager',
  not_authorized: 'mqtt-not-authorized',
  server_shutdown: 'broker-stopped',
  disconnect_with_will_message: 'disconnected-leaving-its-will',
  frame_too_large: 'mqtt-packet-too-large',
  malformed_packet: 'mqtt-packet-malformed',
  topic_name_invalid: 'mqtt-topic-invalid',
  protocol_error: 'mqtt-protocol-violated',
} as const satisfies Record<string, ConnectionCode>;

const MAX_ADDRESS_LENGTH = 64;
const MAX_WORDS_LENGTH = 200;

/** True if a new connection replaced the one that ended, so that the disconnect does not mean that the gateway is offline. */
export function isReplacement(reason: string): boolean {
  return reason === 'takenover' || reason === 'takeovered' || reason === 'discarded';
}

/** Says for a person why a gateway is online. */
export function connectReason({ ipAddress }: ClientConnected): Reason {
  if (ipAddress === null) return connectionReason('connected');
  return connectionReason('connected-from', { address: ipAddress.slice(0, MAX_ADDRESS_LENGTH) });
}

/** Says for a person why a gateway is offline. A reason that is not known here is shown nearly as the broker gave it. */
export function disconnectReason({ reason }: ClientDisconnected): Reason {
  if (isKnown(reason)) return connectionReason(ENDS[reason]);
  return wordsOfOthers(reason.slice(0, MAX_WORDS_LENGTH).replaceAll('_', ' '));
}

function isKnown(reason: string): reason is keyof typeof ENDS {
  return Object.hasOwn(ENDS, reason);
}
