import type { Packet, QoS } from 'mqtt-packet';
import type { Message } from './message.js';

/** One message for one subscription of one session. */
export interface Delivery {
  message: Message;
  qos: QoS;
  retain: boolean;
  /** The filter that asked for it, and its group where it is shared. */
  filter: string;
  group: string | null;
}

/** What a session has still to get: EMQX's inflight window and message queue. */
export interface Outbox {
  offer(delivery: Delivery): void;
  /** The client is there: repeats what it has not acknowledged, then goes on with the queue. */
  attach(send: (packet: Packet) => void, window: number): void;
  detach(): void;
  acknowledge(messageId: number): void;
  received(messageId: number): void;
  queued(): number;
  inflight(): number;
  /** What another member of its group may get in its place, once the session has ended. */
  unfinishedShared(): Delivery[];
}

/** `mqtt.max_mqueue_len`: beyond it the oldest goes. */
const MAX_QUEUE = 1000;

export function createOutbox(): Outbox {
  const inflight = new Map<number, Delivery | 'released'>();
  let queue: Delivery[] = [];
  let send: ((packet: Packet) => void) | null = null;
  let window = 0;
  let lastId = 0;

  const nextId = () => {
    do lastId = (lastId % 65_535) + 1;
    while (inflight.has(lastId));
    return lastId;
  };
  const transmit = (delivery: Delivery, messageId: number, dup: boolean) => {
    const { message, qos, retain } = delivery;
    send?.({ cmd: 'publish', topic: message.topic, payload: message.payload, qos, retain, dup, messageId });
  };
  const pump = () => {
    while (send !== null && queue.length > 0) {
      const [next] = queue as [Delivery];
      if (next.qos > 0 && inflight.size >= window) return;
      queue.shift();
      if (next.qos === 0) {
        transmit(next, 0, false);
        continue;
      }
      const messageId = nextId();
      inflight.set(messageId, next);
      transmit(next, messageId, false);
    }
  };
  return {
    offer(delivery) {
      queue.push(delivery);
      pump();
      if (queue.length > MAX_QUEUE) queue.shift();
    },
    attach(sender, size) {
      send = sender;
      window = size;
      for (const [messageId, delivery] of inflight) {
        if (delivery === 'released') sender({ cmd: 'pubrel', messageId });
        else transmit(delivery, messageId, true);
      }
      pump();
    },
    detach() {
      send = null;
    },
    acknowledge(messageId) {
      if (inflight.delete(messageId)) pump();
    },
    received(messageId) {
      if (inflight.has(messageId)) inflight.set(messageId, 'released');
      send?.({ cmd: 'pubrel', messageId });
    },
    queued: () => queue.length,
    inflight: () => inflight.size,
    unfinishedShared() {
      const waiting = [...inflight.values()].filter((delivery) => delivery !== 'released');
      const shared = [...waiting, ...queue].filter(({ group, qos }) => group !== null && qos > 0);
      inflight.clear();
      queue = [];
      return shared;
    },
  };
}
