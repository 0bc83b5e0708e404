import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { quote } from '../../shared/text.js';
import type { BrokerMessage, PublishReceipt } from '../broker.js';
import { publishReason } from '../publish-reasons.js';
import { type EmqxApi, OUR_NAME, refused, unlessUnsent } from './api.js';
import { codeWords, isEnvelope, post } from './calls-v4.js';
import type { EmqxHttp } from './http-client.js';

const RECEIPTS = {
  type: 'object',
  required: ['data'],
  properties: {
    data: {
      type: 'array',
      items: { type: 'object', required: ['code'], properties: { code: { type: 'integer' } } },
    },
  },
} as const;

const isReceipts = guard<FromSchema<typeof RECEIPTS>>(RECEIPTS);

/** Creates the calls of the REST API v4 that publish messages. */
export function publishingV4(http: EmqxHttp): Pick<EmqxApi, 'publish' | 'publishTogether'> {
  async function publish(message: BrokerMessage): Promise<PublishReceipt> {
    try {
      const call = post('/mqtt/publish', toPublish(message), false);
      const { status, body } = await http.call(call);
      if (!isEnvelope(body)) throw http.senseless(call, status);
      return toReceipt(body);
    } catch (error) {
      return unlessUnsent(error);
    }
  }

  async function publishTogether(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]> {
    try {
      const call = post('/mqtt/publish_batch', messages.map(toPublish), false);
      const { status, body } = await http.call({ ...call, understands: [200, 400] });
      // EMQX refused the call before it published anything. Each message is sent alone, so that only the bad ones fail.
      if (status === 400 || (isEnvelope(body) && body.code !== 0)) {
        return await Promise.all(messages.map((message) => publish(message).catch(refused)));
      }
      if (!isEnvelope(body) || !isReceipts(body) || body.data.length !== messages.length) {
        throw http.senseless(call, status);
      }
      return body.data.map(toReceipt);
    } catch (error) {
      const receipt = unlessUnsent(error);
      return messages.map(() => receipt);
    }
  }

  return {
    async publish(message) {
      return unfit(message) ?? (await publish(message));
    },
    async publishTogether(messages) {
      const fit = messages.filter((message) => unfit(message) === null);
      const receipts = fit.length === 0 ? [] : await publishTogether(fit);
      return messages.map((message) => unfit(message) ?? receipts.shift()!);
    },
  };
}

/** Makes the receipt of a message that must not be sent, null for others: EMQX 4 splits a topic at a comma into several topics. */
function unfit({ topic }: BrokerMessage): PublishReceipt | null {
  if (!topic.includes(',')) return null;
  return { accepted: false, reason: publishReason('emqx-splits-topic', { topic: quote(topic) }) };
}

function toPublish({ topic, payload }: BrokerMessage) {
  return {
    topic,
    // Some versions of EMQX 4 refuse a publish without a client id.
    clientid: OUR_NAME,
    qos: 1,
    retain: false,
    payload: Buffer.from(payload).toString('base64'),
    encoding: 'base64',
  };
}

/** Makes a receipt of EMQX's code. EMQX 4 does not say whether the topic has a subscriber. */
function toReceipt({ code, message }: { code: number; message?: unknown }): PublishReceipt {
  if (code === 0) return { accepted: true, noSubscriber: false };
  return { accepted: false, reason: publishReason('emqx-refuses', { words: codeWords(code, message) }) };
}
