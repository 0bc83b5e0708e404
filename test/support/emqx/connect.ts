import { randomBytes } from 'node:crypto';
import type { IConnectPacket } from 'mqtt-packet';
import type { ConnectAttempt, Connection, Core } from './core.js';
import { fromWill } from './from-packet.js';
import type { NewSession } from './session.js';

/** `mqtt.session_expiry_interval`: how long EMQX keeps the session of an MQTT 3 client without clean session. */
const KEPT_SECONDS = 7200;
const WINDOW = 32;
const BANNED = { code: 5, reasonCode: 138, name: 'banned' };
const THROTTLED = { code: 3, reasonCode: 137, name: 'server_busy' };
const NO_CLIENT_ID = { code: 2, reasonCode: 133, name: 'client_identifier_not_valid' };

type Refusal = typeof BANNED;

/** What CONNACK tells an MQTT 5 client of the broker. */
const CAPABILITIES = {
  retainAvailable: true,
  maximumPacketSize: 1024 * 1024,
  topicAliasMaximum: 65_535,
  wildcardSubscriptionAvailable: true,
  subscriptionIdentifiersAvailable: true,
  sharedSubscriptionAvailable: true,
};

/** Answers CONNECT: lets the client in or not, and tells so before the client hears of it. */
export async function admit(connection: Connection, packet: IConnectPacket, core: Core): Promise<void> {
  const version = packet.protocolVersion ?? 4;
  connection.protocolVersion = version;
  const attempt: ConnectAttempt = {
    clientid: packet.clientId,
    username: packet.username ?? null,
    ipAddress: connection.peer.ipAddress,
    keepalive: packet.keepalive ?? 0,
    protocolVersion: version,
  };
  await core.hooks.connect(attempt);
  const refusal = await refusalOf(attempt, packet, core);
  if (refusal !== null) return refuse(connection, attempt, refusal, core);
  if (connection.isOver()) return;
  const { session, isPresent } = await core.begin({
    ...newSession(attempt, packet, connection),
    end: (reason) => connection.end(reason),
  });
  if (connection.isOver()) return core.drop(session);
  connection.session = session;
  connection.will = packet.will ? fromWill(session, packet.will) : null;
  await core.hooks.connected(session);
  await core.hooks.connack(attempt, session.connectedAt, 'success');
  core.listing.showConnected(session);
  if (connection.isOver()) return;
  connection.keepAlive(session.keepalive);
  connection.send({
    cmd: 'connack',
    returnCode: 0,
    reasonCode: 0,
    sessionPresent: isPresent,
    properties: {
      ...CAPABILITIES,
      // What the client said of itself comes back.
      receiveMaximum: session.receiveMaximum,
      ...(packet.clientId === '' ? { assignedClientIdentifier: session.clientid } : {}),
    },
  });
  session.outbox.attach(connection.send, session.receiveMaximum);
}

async function refusalOf(
  attempt: ConnectAttempt,
  packet: IConnectPacket,
  core: Core,
): Promise<Refusal | null> {
  if (packet.clientId === '' && packet.clean !== true) return NO_CLIENT_ID;
  if (core.bans.covers(attempt)) return BANNED;
  const { clientid, username } = attempt;
  const refusal = await core.access.refusal({
    clientid,
    username,
    password: packet.password?.toString() ?? '',
  });
  return refusal ?? (core.isBeingCleaned(clientid) ? THROTTLED : null);
}

async function refuse(connection: Connection, attempt: ConnectAttempt, refusal: Refusal, core: Core) {
  await core.hooks.connack(attempt, null, refusal.name);
  connection.send({
    cmd: 'connack',
    returnCode: refusal.code,
    reasonCode: refusal.reasonCode,
    sessionPresent: false,
  });
  connection.close(refusal.name);
}

function newSession(attempt: ConnectAttempt, packet: IConnectPacket, connection: Connection): NewSession {
  const { sessionExpiryInterval, receiveMaximum } = packet.properties ?? {};
  const cleanStart = packet.clean ?? true;
  const keptFor = cleanStart ? 0 : KEPT_SECONDS;
  return {
    ...attempt,
    clientid: attempt.clientid === '' ? randomBytes(16).toString('hex') : attempt.clientid,
    port: connection.peer.port,
    protocolName: packet.protocolId ?? 'MQTT',
    cleanStart,
    expirySeconds: attempt.protocolVersion === 5 ? (sessionExpiryInterval ?? 0) : keptFor,
    receiveMaximum: receiveMaximum ?? WINDOW,
    connProps: {
      ...(sessionExpiryInterval === undefined ? {} : { 'Session-Expiry-Interval': sessionExpiryInterval }),
      ...(receiveMaximum === undefined ? {} : { 'Receive-Maximum': receiveMaximum }),
    },
  };
}
