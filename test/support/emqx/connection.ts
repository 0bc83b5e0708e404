import type { Socket } from 'node:net';
import {
  generate,
  type IPublishPacket,
  type ISubscribePacket,
  type Packet,
  parser,
  type QoS,
} from 'mqtt-packet';
import { admit } from './connect.js';
import type { Connection, Core } from './core.js';
import { fromPublish } from './from-packet.js';
import type { Session } from './session.js';
import { isTopicName } from './topics.js';

/** The reason codes of the DISCONNECT with which the broker takes leave of an MQTT 5 client. */
const FAREWELLS: Record<string, number> = {
  malformed_packet: 129,
  protocol_error: 130,
  keepalive_timeout: 141,
  discarded: 142,
  takenover: 142,
  takeovered: 142,
  topic_name_invalid: 144,
  frame_too_large: 149,
  kicked: 152,
};
/** `mqtt.max_packet_size` */
const MAX_PACKET_LENGTH = 1024 * 1024;
/** A remaining length of more than four bytes: EMQX takes it for a length, and finds it too large. */
const IMPOSSIBLE_LENGTH = /variable byte integer/i;
const NOT_AUTHORIZED = 135;
const NO_MATCHING_SUBSCRIBERS = 16;

/**
 * Serves one socket. As in EMQX a connection does one thing after the other: a hook that waits holds up all that the
 * client sent after it, and its goodbye as well.
 */
export function serveConnection(socket: Socket, core: Core): void {
  const stream = parser();
  let chain = Promise.resolve();
  let isOver = false;
  let ending = Promise.resolve();
  let endReason: string | null = null;
  let patience: NodeJS.Timeout | undefined;
  let patienceMs = 0;

  const connection: Connection = {
    peer: { ipAddress: socket.remoteAddress ?? '127.0.0.1', port: socket.remotePort ?? 0 },
    protocolVersion: 4,
    session: null,
    will: null,
    unreleased: new Set(),
    send(packet) {
      if (!socket.destroyed) socket.write(generate(packet, { protocolVersion: connection.protocolVersion }));
    },
    keepAlive(seconds) {
      patienceMs = seconds * 1500;
      listenAgain();
    },
    close(reason) {
      endReason ??= reason;
      const farewell = FAREWELLS[reason];
      if (connection.protocolVersion === 5 && farewell !== undefined) {
        connection.send({ cmd: 'disconnect', reasonCode: farewell });
      }
      socket.end(() => socket.destroy());
    },
    async end(reason) {
      connection.close(reason);
      await finish();
    },
    isOver: () => isOver,
  };
  const listenAgain = () => {
    clearTimeout(patience);
    if (patienceMs > 0 && !isOver)
      patience = setTimeout(() => connection.close('keepalive_timeout'), patienceMs);
  };
  const finish = () => {
    clearTimeout(patience);
    if (!isOver) ending = sayGoodbye();
    return ending;
  };
  const sayGoodbye = async () => {
    isOver = true;
    const { session, will } = connection;
    if (session === null) return;
    const reason = endReason ?? 'tcp_closed';
    if (will !== null && reason !== 'normal') await core.publish(will);
    const isSilent = core.dialect.isSilentOnFrames && connection.protocolVersion < 5;
    if (isSilent && reason === 'frame_too_large') core.drop(session);
    else await core.finish(session, reason);
  };
  const next = (job: () => Promise<void> | void) => {
    chain = chain.then(job).catch(() => connection.close('internal_error'));
  };
  stream.on('packet', (packet) =>
    next(() => {
      if (isOver || endReason !== null) return;
      if ((packet.length ?? 0) > MAX_PACKET_LENGTH) return connection.close('frame_too_large');
      return handle(connection, packet, core);
    }),
  );
  stream.on('error', ({ message }: Error) =>
    next(() => connection.close(IMPOSSIBLE_LENGTH.test(message) ? 'frame_too_large' : 'malformed_packet')),
  );
  socket.on('data', (chunk) => {
    listenAgain();
    const unread = stream.parse(chunk);
    if (unread > MAX_PACKET_LENGTH) connection.close('frame_too_large');
  });
  socket.on('error', () => undefined);
  socket.once('close', () => next(finish));
  socket.once('halt', () => {
    isOver = true;
    clearTimeout(patience);
    socket.destroy();
  });
}

async function handle(connection: Connection, packet: Packet, core: Core): Promise<void> {
  const { session, send } = connection;
  if (session === null) {
    if (packet.cmd === 'connect') return admit(connection, packet, core);
    return connection.close('protocol_error');
  }
  const messageId = packet.messageId ?? 0;
  switch (packet.cmd) {
    case 'publish':
      return take(connection, session, packet, core);
    case 'puback':
    case 'pubcomp':
      return session.outbox.acknowledge(messageId);
    case 'pubrec':
      return session.outbox.received(messageId);
    case 'pubrel':
      connection.unreleased.delete(messageId);
      return send({ cmd: 'pubcomp', messageId });
    case 'subscribe':
      return subscribe(connection, session, packet, core);
    case 'unsubscribe': {
      const granted = packet.unsubscriptions.map((filter) =>
        core.router.unsubscribe(session, filter) ? 0 : 17,
      );
      return send({ cmd: 'unsuback', messageId, granted });
    }
    case 'pingreq':
      return send({ cmd: 'pingresp' });
    case 'disconnect':
      return connection.close(packet.reasonCode === 4 ? 'disconnect_with_will_message' : 'normal');
    default:
      return connection.close('protocol_error');
  }
}

async function take(connection: Connection, session: Session, packet: IPublishPacket, core: Core) {
  const { qos, topic } = packet;
  const messageId = packet.messageId ?? 0;
  if (!isTopicName(topic)) return connection.close('topic_name_invalid');
  let reasonCode = 0;
  if (!core.access.mayPublish(session.clientid, session.username, topic)) reasonCode = NOT_AUTHORIZED;
  else if (qos < 2 || !connection.unreleased.has(messageId)) {
    const receivers = await core.publish(fromPublish(session, packet));
    if (receivers === 0) reasonCode = NO_MATCHING_SUBSCRIBERS;
  }
  if (qos === 1) connection.send({ cmd: 'puback', messageId, reasonCode });
  if (qos !== 2) return;
  connection.unreleased.add(messageId);
  connection.send({ cmd: 'pubrec', messageId, reasonCode });
}

function subscribe(connection: Connection, session: Session, packet: ISubscribePacket, core: Core): void {
  const isAllowed = (filter: string) => core.access.maySubscribe(session.clientid, session.username, filter);
  const refused = connection.protocolVersion === 5 ? NOT_AUTHORIZED : 128;
  const granted = packet.subscriptions.map(({ topic, qos }): QoS | number =>
    isAllowed(topic) ? qos : refused,
  );
  connection.send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted });
  for (const { topic, qos } of packet.subscriptions) {
    if (isAllowed(topic)) core.router.subscribe(session, topic, qos);
  }
}
