import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import type { BrokerMessage, PublishReceipt } from '../broker.js';
import { publishReason } from '../publish-reasons.js';
import { type EmqxApi, refused, unlessUnsent } from './api.js';
import { complaintOf, post } from './calls-v5.js';
import { complaintWords } from './error-text.js';
import type { EmqxHttp } from './http-client.js';

const RECEIPT = {
  type: 'object',
  minProperties: 1,
  properties: { id: { type: 'string' }, reason_code: { type: 'integer' } },
} as const;
const RECEIPTS = { type: 'array', items: RECEIPT } as const;

const isReceipt = guard<FromSchema<typeof RECEIPT>>(RECEIPT);
const isReceipts = guard<FromSchema<typeof RECEIPTS>>(RECEIPTS);

/** The reason code of MQTT 5, section 3.4.2.1. */
const NO_MATCHING_SUBSCRIBERS = 16;

/** Creates the calls of the REST API v5 that publish messages. */
export function publishingV5(http: EmqxHttp): Pick<EmqxApi, 'publish' | 'publishTogether'> {
  async function publish(message: BrokerMessage): Promise<PublishReceipt> {
    try {
      const { call, status, body } = await post(http, '/publish', toPublish(message), [200, 202, 400, 503]);
      if (status === 400) {
        const words = complaintOf({ status, body });
        return { accepted: false, reason: publishReason('emqx-refuses', { words }) };
      }
      if (!isReceipt(body)) throw http.senseless(call, status);
      return toReceipt(body);
    } catch (error) {
      return unlessUnsent(error);
    }
  }

  async function publishTogether(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]> {
    try {
      const all = messages.map(toPublish);
      const { call, status, body } = await post(http, '/publish/bulk', all, [200, 202, 400, 503]);
      // One bad message keeps EMQX from publishing any. Each message is sent alone, so that only the bad ones fail.
      if (status === 400)
        return await Promise.all(messages.map((message) => publish(message).catch(refused)));
      if (!isReceipts(body) || body.length !== messages.length) throw http.senseless(call, status);
      return body.map(toReceipt);
    } catch (error) {
      const receipt = unlessUnsent(error);
      return messages.map(() => receipt);
    }
  }

  return { publish, publishTogether };
}

function toPublish({ topic, payload }: BrokerMessage) {
  return {
    topic,
    qos: 1,
    retain: false,
    payload: Buffer.from(payload).toString('base64'),
    payload_encoding: 'base64',
  };
}

function toReceipt(body: FromSchema<typeof RECEIPT>): PublishReceipt {
  if (body.id !== undefined) return { accepted: true, noSubscriber: false };
  if (body.reason_code === NO_MATCHING_SUBSCRIBERS) return { accepted: true, noSubscriber: true };
  const words = complaintWords(body) || publishReason('emqx-gives-no-reason');
  return { accepted: false, reason: publishReason('emqx-does-not-deliver', { words }) };
}
