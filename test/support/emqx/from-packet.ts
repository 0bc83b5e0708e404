import type { IConnectPacket, IPublishPacket, UserProperties } from 'mqtt-packet';
import { type Message, makeMessage } from './message.js';
import type { Session } from './session.js';

/** The message in a PUBLISH. */
export function fromPublish(session: Session, packet: IPublishPacket): Message {
  return makeMessage({
    topic: packet.topic,
    payload: Buffer.from(packet.payload),
    qos: packet.qos,
    retain: packet.retain,
    from: {
      clientid: session.clientid,
      username: session.username,
      peerhost: session.ipAddress,
      peername: `${session.ipAddress}:${session.port}`,
    },
    ...propertiesOf(packet.properties),
  });
}

/** The message that CONNECT leaves behind; EMQX does not say from where it came. */
export function fromWill(session: Session, will: NonNullable<IConnectPacket['will']>): Message {
  return makeMessage({
    topic: will.topic,
    payload: Buffer.from(will.payload),
    qos: will.qos ?? 0,
    retain: will.retain ?? false,
    from: { clientid: session.clientid, username: session.username, peerhost: null, peername: null },
  });
}

function propertiesOf(given: IPublishPacket['properties'] = {}): Partial<Message> {
  const { messageExpiryInterval, contentType, responseTopic } = given;
  const properties: Record<string, string | number> = {};
  if (messageExpiryInterval !== undefined) properties['Message-Expiry-Interval'] = messageExpiryInterval;
  if (contentType !== undefined) properties['Content-Type'] = contentType;
  if (responseTopic !== undefined) properties['Response-Topic'] = responseTopic;
  return { properties, userProperties: pairsOf(given.userProperties) };
}

function pairsOf(given: UserProperties = {}): Message['userProperties'] {
  return Object.entries(given).flatMap(([key, values]) => [values].flat().map((value) => ({ key, value })));
}
