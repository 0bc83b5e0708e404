import type { MqttClient, Packet } from 'mqtt';
import { isTopicName } from '../../protocol/topics.js';
import { type Reason, wordsOfOthers } from '../../shared/reason.js';
import type { BrokerMessage, PublishReceipt } from '../broker.js';
import { ackWords, connectionWords } from '../connection-errors.js';
import { publishReason } from '../publish-reasons.js';

export interface MqttPublisher {
  /** Resolves when the broker has acknowledged the message, or with the reason why it has not. Never rejects. */
  publish(message: BrokerMessage): Promise<PublishReceipt>;
  /** Call this when the connection is lost: gives up all messages that wait. */
  close(): void;
}

/** The limits that a broker of MQTT 5 states in its CONNACK; null if it states none, as with MQTT 3.1.1. */
export interface BrokerLimits {
  /** The most messages without an acknowledgement. */
  receiveMaximum: number | null;
  /** The most bytes of one packet. */
  maximumPacketSize: number | null;
}

export const NO_LIMITS: BrokerLimits = { receiveMaximum: null, maximumPacketSize: null };

/** The most messages without an acknowledgement where the broker states no limit: about half of the 65,535 packet ids of MQTT. */
const MAX_UNACKNOWLEDGED = 32_000;
const NO_MATCHING_SUBSCRIBERS = 16;
const LEAST_REFUSAL = 128;
/** The most bytes of a PUBLISH without topic and payload: fixed header, length of the topic, packet id, no properties. */
const BYTES_AROUND = 5 + 2 + 2 + 1;

/** What a PUBACK says about a message. */
interface Acknowledgement {
  reasonCode: number;
  reasonString: string | undefined;
}

/**
 * Creates the publisher of one connection. It publishes at QoS 1. A message that is not acknowledged within `acknowledgeWithinMs`, or by
 * the end of the connection, is never sent again. Messages above the broker's limit wait here.
 */
export function createMqttPublisher(
  client: MqttClient,
  acknowledgeWithinMs: number,
  limitsNow: () => BrokerLimits = () => NO_LIMITS,
): MqttPublisher {
  const waiting = new Set<(receipt: PublishReceipt) => void>();
  /** The packet ids that count towards the broker's limit, including those whose receipt says that the time is over. */
  const unacknowledged = new Set<number>();
  const unsent: (() => void)[] = [];
  const acknowledgements = new Map<number, Acknowledgement>();

  client.on('packetreceive', onPacket);

  function onPacket(packet: Packet): void {
    if (packet.cmd !== 'puback' || packet.messageId === undefined) return;
    const { messageId, reasonCode = 0, properties } = packet;
    acknowledgements.set(messageId, { reasonCode, reasonString: properties?.reasonString });
    unacknowledged.delete(messageId);
    // mqtt.js calls back for this message after this event, and its receipt needs the acknowledgement.
    queueMicrotask(() => {
      acknowledgements.delete(messageId);
      sendMore();
    });
  }

  function sendMore(): void {
    const most = limitsNow().receiveMaximum ?? MAX_UNACKNOWLEDGED;
    while (unsent.length > 0 && unacknowledged.size < most) unsent.shift()!();
  }

  function send(message: BrokerMessage): Promise<PublishReceipt> {
    return new Promise((resolve) => {
      let messageId: number | null = null;
      const settle = (receipt: PublishReceipt) => {
        clearTimeout(timer);
        waiting.delete(settle);
        resolve(receipt);
      };
      const timer = setTimeout(() => {
        settle({ accepted: false, reason: publishReason('mqtt-broker-does-not-acknowledge') });
        if (messageId !== null) client.removeOutgoingMessage(messageId);
      }, acknowledgeWithinMs);
      waiting.add(settle);
      unsent.push(() => {
        if (!waiting.has(settle)) return;
        client.publish(message.topic, message.payload, { qos: 1, retain: false }, (error) =>
          settle(receiptOf(messageId, error)),
        );
        messageId = client.getLastMessageId();
        unacknowledged.add(messageId);
      });
      sendMore();
    });
  }

  function receiptOf(messageId: number | null, error: unknown): PublishReceipt {
    const said = messageId === null ? undefined : acknowledgements.get(messageId);
    if (said !== undefined && said.reasonCode >= LEAST_REFUSAL) {
      const words = ackWords(said.reasonCode, said.reasonString);
      return { accepted: false, reason: publishReason('mqtt-broker-refuses', { words }) };
    }
    if (error) return { accepted: false, reason: wordsOfOthers(connectionWords(error)) };
    return { accepted: true, noSubscriber: said?.reasonCode === NO_MATCHING_SUBSCRIBERS };
  }

  return {
    async publish(message) {
      if (!isTopicName(message.topic))
        return {
          accepted: false,
          reason: publishReason('no-topic-of-one-gateway', { topic: message.topic }),
        };
      const fault = sizeFault(message, limitsNow().maximumPacketSize);
      if (fault !== null) return { accepted: false, reason: fault };
      if (waiting.size >= MAX_UNACKNOWLEDGED) {
        return { accepted: false, reason: publishReason('mqtt-messages-wait', { count: waiting.size }) };
      }
      return await send(message);
    },
    close() {
      unsent.length = 0;
      const reason = publishReason('mqtt-connection-lost');
      for (const settle of [...waiting]) settle({ accepted: false, reason });
    },
  };
}

/** Says for a person why a message is too large for the broker, null if it is not: the broker would end the connection for it. */
function sizeFault({ topic, payload }: BrokerMessage, most: number | null): Reason | null {
  if (most === null) return null;
  const bytes = Buffer.byteLength(topic) + Buffer.byteLength(payload) + BYTES_AROUND;
  if (bytes <= most) return null;
  return publishReason('mqtt-message-too-large', { bytes, most });
}
