import type { MqttClient } from 'mqtt';
import type { BrokerMessage, PublishReceipt } from './broker.js';
import { connectionWords } from './connection-words.js';
import { isTopicName } from './topics.js';

export interface MqttPublisher {
  /** Resolves with the broker's acknowledgement, or with why there is none. Never rejects. */
  publish(message: BrokerMessage): Promise<PublishReceipt>;
  /** The connection is gone: ends what waits for its acknowledgement. */
  close(): void;
}

/** Half of the packet ids that MQTT has. */
const MOST_UNACKNOWLEDGED = 32_000;

/** Publishes at QoS 1 over one connection. What is not acknowledged in time, or at its end, is never sent again. */
export function createMqttPublisher(client: MqttClient, acknowledgeWithinMs: number): MqttPublisher {
  const waiting = new Set<(receipt: PublishReceipt) => void>();

  return {
    async publish({ topic, payload }) {
      if (!isTopicName(topic)) return { accepted: false, reason: `"${topic}" is no topic of one gateway` };
      if (waiting.size >= MOST_UNACKNOWLEDGED) {
        return { accepted: false, reason: `${waiting.size} messages wait for the MQTT broker already` };
      }
      return await new Promise((resolve) => {
        const settle = (receipt: PublishReceipt) => {
          clearTimeout(timer);
          waiting.delete(settle);
          resolve(receipt);
        };
        waiting.add(settle);
        client.publish(topic, payload, { qos: 1, retain: false }, (error) => {
          settle(
            error
              ? { accepted: false, reason: connectionWords(error) }
              : { accepted: true, noSubscriber: false },
          );
        });
        const messageId = client.getLastMessageId();
        const timer = setTimeout(() => {
          settle({ accepted: false, reason: 'the MQTT broker did not acknowledge it in time' });
          client.removeOutgoingMessage(messageId);
        }, acknowledgeWithinMs);
      });
    },
    close() {
      const reason = 'the connection was lost before the MQTT broker acknowledged it';
      for (const settle of [...waiting]) settle({ accepted: false, reason });
    },
  };
}
