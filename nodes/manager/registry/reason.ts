import type { ClientConnected, ClientDisconnected } from '../broker/events.js';

/** What the brokers' reasons for a disconnect mean, for a person. */
export const DISCONNECT_WORDS = {
  normal: 'disconnected by itself',
  keepalive_timeout: 'keepalive timeout',
  tcp_closed: 'connection lost',
  ssl_closed: 'connection lost (TLS)',
  kicked: 'disconnected by the device manager',
  not_authorized: 'not authorized',
  server_shutdown: 'the broker was stopped',
  disconnect_with_will_message: 'disconnected by itself, leaving its will',
  frame_too_large: 'sent a packet that is too large',
  malformed_packet: 'sent something that is no MQTT packet',
  topic_name_invalid: 'published to something that is no topic',
  protocol_error: 'did not keep to the MQTT protocol',
} as const;

function wordsOf(reason: string): string | undefined {
  return Object.hasOwn(DISCONNECT_WORDS, reason)
    ? DISCONNECT_WORDS[reason as keyof typeof DISCONNECT_WORDS]
    : undefined;
}

/** True if a new connection replaced the one that ended, so that the disconnect does not mean that the gateway is offline. */
export function isReplacement(reason: string): boolean {
  return reason === 'takenover' || reason === 'takeovered' || reason === 'discarded';
}

/** Says for a person why a gateway is online. */
export function connectReason(event: ClientConnected): string {
  return event.ipAddress === null ? 'connected' : `connected from ${event.ipAddress.slice(0, 64)}`;
}

/** Says for a person why a gateway is offline. A reason that is not known here is shown nearly as the broker gave it. */
export function disconnectReason(event: ClientDisconnected): string {
  return (
    wordsOf(event.reason) ??
    event.reason.replaceAll('_', ' ').replaceAll('\u0000', '').toWellFormed().slice(0, 200)
  );
}
