import { randomBytes } from 'node:crypto';
import type { QoS } from 'mqtt-packet';

/** A message on its way through the broker. */
export interface Message {
  /** 32 hex digits: time in µs, node, counter. */
  id: string;
  topic: string;
  payload: Buffer;
  qos: QoS;
  retain: boolean;
  /** Host and name are null where no MQTT connection is behind it, as with REST and wills. */
  from: { clientid: string; username: string | null; peerhost: string | null; peername: string | null };
  isFromRest: boolean;
  /** MQTT 5 properties as rules print them, without the user properties. */
  properties: Record<string, string | number>;
  userProperties: { key: string; value: string }[];
  receivedAt: number;
}

export type NewMessage = Pick<Message, 'topic' | 'payload' | 'qos' | 'retain' | 'from'> & Partial<Message>;

const NODE = randomBytes(4).toString('hex').toUpperCase();
let counter = 0;

export function makeMessage(given: NewMessage): Message {
  counter = (counter + 1) % 0x1_0000_0000;
  const receivedAt = Date.now();
  const id =
    (BigInt(receivedAt) * 1000n).toString(16).padStart(16, '0') +
    NODE +
    counter.toString(16).padStart(8, '0');
  return {
    id: id.toUpperCase(),
    isFromRest: false,
    properties: {},
    userProperties: [],
    receivedAt,
    ...given,
  };
}
