import { type Message, makeMessage } from './message.js';
import type { Session } from './session.js';
import type { Dialect } from './versions.js';

/** The messages on `$SYS/brokers/<node>/clients/<clientid>/…`: QoS 0, not kept. */
export interface SysEvents {
  connected(session: Session): Message;
  disconnected(session: Session, reason: string): Message;
}

export function createSysEvents(dialect: Dialect, mqttPort: () => number): SysEvents {
  const client = (session: Session) => ({
    clientid: session.clientid,
    username: session.username ?? 'undefined',
    ipaddress: session.ipAddress,
    sockport: mqttPort(),
    ...(dialect.isV4 ? {} : { protocol: 'mqtt' }),
    proto_name: session.protocolName,
    proto_ver: session.protocolVersion,
    connected_at: session.connectedAt,
    ts: Date.now(),
  });
  const tell = (session: Session, kind: string, body: object) =>
    makeMessage({
      topic: `$SYS/brokers/${dialect.node}/clients/${session.clientid}/${kind}`,
      payload: Buffer.from(JSON.stringify(body)),
      qos: 0,
      retain: false,
      from: { clientid: 'emqx_sys', username: null, peerhost: null, peername: null },
    });
  return {
    connected: (session) =>
      tell(session, 'connected', {
        ...client(session),
        ...(dialect.isV4 ? { connack: 0 } : {}),
        keepalive: session.keepalive,
        clean_start: session.cleanStart,
        // In ms since EMQX 5, while the webhook has it in seconds.
        expiry_interval: session.expirySeconds * (dialect.isV4 ? 1 : 1000),
      }),
    disconnected: (session, reason) =>
      tell(session, 'disconnected', {
        ...client(session),
        reason,
        disconnected_at: session.disconnectedAt,
      }),
  };
}
