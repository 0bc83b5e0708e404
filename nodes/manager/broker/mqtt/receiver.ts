import type { IPublishPacket } from 'mqtt';
import type { Topics } from '../../protocol/topics.js';
import { backoffMs } from '../../shared/backoff.js';
import type { InOrder } from '../../shared/keyed-queue.js';
import { pause } from '../../shared/pause.js';
import { messageOf } from '../../shared/tpe-error.js';
import type { BrokerEvent, BrokerEventSink } from '../events.js';
import { isClientEventTopic, parseClientEvent } from './sys-events.js';

export interface MqttIntakeTargets {
  topics: Topics;
  sink: BrokerEventSink;
  inOrder: InOrder;
  warn(subject: string, text: string): void;
}

/** Takes the messages that one connection receives. */
export interface MqttIntake {
  /** Resolves with true if the message may be acknowledged, with false if the broker must send it again. */
  take(packet: IPublishPacket): Promise<boolean>;
  /** Null if there is room for another message, otherwise a promise that resolves when there is. */
  room(): Promise<void> | null;
}

/** The most messages that wait for the sink. The broker keeps the others until there is room. */
const MAX_WAITING = 2000;
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
const BACKOFF = { firstMs: 200, longestMs: 5000 };
/** The broker does not send a message of QoS 0 again, so the sink gets it this often, over some seconds, before it is lost. */
const QOS_0_TRIES = 6;

/**
 * Creates the intake of one connection. `connection` is aborted when the connection ends: the broker then sends what was not acknowledged
 * again, over the next one.
 */
export function createMqttIntake(
  { topics, sink, inOrder, warn }: MqttIntakeTargets,
  connection: AbortSignal,
): MqttIntake {
  let waiting = 0;
  let waitingBytes = 0;
  const forRoom: (() => void)[] = [];
  const isFull = () => waiting >= MAX_WAITING || waitingBytes >= MAX_WAITING_BYTES;

  /** Offers an event to the sink until it takes it, since MQTT 3.1.1 has no way to refuse a message. */
  async function offer(event: BrokerEvent, qos: number): Promise<boolean> {
    for (let tries = 1; ; tries += 1) {
      if (connection.aborted && qos > 0) return false;
      try {
        await sink(event);
        return true;
      } catch (error) {
        warn('store', `A message from the MQTT broker could not be stored: ${messageOf(error)}`);
        if (qos === 0 && tries >= QOS_0_TRIES) return true;
      }
      // The broker sends QoS 1 and 2 again on the next connection, so only QoS 0 is worth waiting for after this one has ended.
      const until = qos > 0 ? { signal: connection } : { ref: false };
      await pause(backoffMs(tries - 1, BACKOFF), until);
    }
  }

  return {
    async take(packet) {
      const { qos } = packet;
      const event = toEvent(packet);
      if (event === null) return true;
      if (qos === 0 && isFull()) {
        warn('full', `${waiting} messages wait to be stored: messages of QoS 0 are dropped.`);
        return true;
      }
      const bytes = event.type === 'message' ? event.payload.length : 0;
      waiting += 1;
      waitingBytes += bytes;
      try {
        return await inOrder(keyOf(topics, event), () => offer(event, qos));
      } finally {
        waiting -= 1;
        waitingBytes -= bytes;
        if (!isFull()) for (const go of forRoom.splice(0)) go();
      }
    },
    room: () => (isFull() ? new Promise((resolve) => void forRoom.push(resolve)) : null),
  };
}

function toEvent(packet: IPublishPacket): BrokerEvent | null {
  const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
  if (isClientEventTopic(packet.topic)) return parseClientEvent(packet.topic, payload);
  return {
    type: 'message',
    clientid: null,
    topic: packet.topic,
    payload,
    qos: packet.qos,
    retain: packet.retain,
    receivedAt: Date.now(),
    source: 'mqtt',
  };
}

/** The key of the queue for an event: events of one gateway are taken in order. */
function keyOf(topics: Topics, event: BrokerEvent): string {
  if (event.type !== 'message') return event.clientid;
  return topics.classify(event.topic)?.clientid ?? event.topic;
}
