import { defineAsk } from '../ask.js';
import { oneGateway } from './inputs.js';

const file = {
  type: 'object',
  properties: { text: { type: 'string', maxLength: 5_000_000 }, format: { enum: ['csv', 'json'] } },
  required: ['text', 'format'],
  additionalProperties: false,
} as const;

/** What it takes to bring gateways in. */
export const REGISTRATION_ASKS = {
  /** What a person has to enter on the MQTT page of the gateway. */
  'registration.settings': defineAsk({
    role: 'viewer',
    input: oneGateway,
    async answer(manager, input) {
      const { inputTopic, outputTopic, ...broker } = manager.mqttSettings();
      return { ...broker, inputTopic: inputTopic(input.clientid), outputTopic: outputTopic(input.clientid) };
    },
    isTouchedBy: () => false,
  }),

  /** The password is shown here and never again. */
  'registration.register': defineAsk({
    role: 'operator',
    input: {
      type: 'object',
      properties: {
        clientid: { type: 'string', maxLength: 1000 },
        username: { type: 'string', maxLength: 1000 },
        password: { type: 'string', maxLength: 1000 },
        site: { type: 'string', maxLength: 1000 },
        note: { type: 'string', maxLength: 10_000 },
        tags: { type: 'array', items: { type: 'string', maxLength: 1000 }, maxItems: 50 },
      },
      required: ['clientid'],
      additionalProperties: false,
    },
    answer: async ({ registry }, input) => (await registry.register(input)).credential,
    deed: ({ clientid, site, tags }) => ({
      action: 'gateway.register',
      clientid: clientid.slice(0, 200),
      detail: { site, tags },
    }),
  }),

  /** What an import would do; nothing is written. */
  'registration.preview': defineAsk({
    role: 'operator',
    input: file,
    answer: ({ registry }, { text, format }) => registry.previewImport(text, format),
  }),

  'registration.import': defineAsk({
    role: 'operator',
    input: file,
    answer: ({ registry }, { text, format }) => registry.import(text, format),
    deed: ({ text, format }) => ({
      action: 'gateway.import',
      detail: { format, bytes: Buffer.byteLength(text) },
    }),
  }),
} as const;
