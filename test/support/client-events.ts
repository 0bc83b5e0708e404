import type { ClientConnected, ClientDisconnected } from '../../nodes/manager/broker/events.js';

/** A session began; `connectedAt` names it, ms. */
export function connected(
  clientid: string,
  connectedAt: number,
  more: Partial<ClientConnected> = {},
): ClientConnected {
  return {
    type: 'connected',
    clientid,
    connectedAt,
    username: null,
    ipAddress: '10.1.2.3',
    protocolVersion: 4,
    keepalive: 60,
    cleanStart: true,
    node: null,
    source: 'webhook',
    ...more,
  };
}

/** A session ended; `connectedAt` null: the broker does not say which. */
export function disconnected(
  clientid: string,
  connectedAt: number | null,
  disconnectedAt: number,
  more: Partial<ClientDisconnected> = {},
): ClientDisconnected {
  return {
    type: 'disconnected',
    clientid,
    reason: 'tcp_closed',
    connectedAt,
    disconnectedAt,
    node: null,
    source: 'webhook',
    ...more,
  };
}
