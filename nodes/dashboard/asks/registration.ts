import { stringify } from 'csv-stringify/sync';
import { breathe } from '../../manager/database/breathe.js';
import type { Credential } from '../../manager/registry/device.js';
import { guardCell } from '../../manager/registry/file-columns.js';
import { defineAsk } from '../ask.js';
import { LARGEST_UPLOAD } from '../message-sizes.js';
import { oneGateway } from './inputs.js';

const file = {
  type: 'object',
  properties: { text: { type: 'string', maxLength: LARGEST_UPLOAD }, format: { enum: ['csv', 'json'] } },
  required: ['text', 'format'],
  additionalProperties: false,
} as const;

/** Nobody reads more on a page. */
const MOST_FAULTS = 100;
const ROWS_AT_ONCE = 500;

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
    isCostly: true,
    input: file,
    async answer({ registry }, { text, format }) {
      const { faults, ...preview } = await registry.previewImport(text, format);
      return { ...preview, faults: faults.slice(0, MOST_FAULTS), faultCount: faults.length };
    },
  }),

  /** The generated passwords are a CSV file: shown here and never again. */
  'registration.import': defineAsk({
    role: 'operator',
    isCostly: true,
    input: file,
    async answer({ registry }, { text, format }) {
      const { faults, credentials, ...report } = await registry.import(text, format);
      return {
        ...report,
        faults: faults.slice(0, MOST_FAULTS),
        faultCount: faults.length,
        credentialCount: credentials.length,
        credentials: credentials.length === 0 ? null : await credentialsFile(credentials),
      };
    },
    deed: ({ text, format }) => ({
      action: 'gateway.import',
      detail: { format, bytes: Buffer.byteLength(text) },
    }),
  }),
} as const;

/** As import reads it. One text, and no list: a list of 90,000 takes long to be sent. */
async function credentialsFile(credentials: readonly Credential[]): Promise<string> {
  const parts = [stringify([['clientid', 'username', 'password']], { record_delimiter: 'windows' })];
  for (let start = 0; start < credentials.length; start += ROWS_AT_ONCE) {
    const rows = credentials
      .slice(start, start + ROWS_AT_ONCE)
      .map(({ clientid, username, password }) => [clientid, username, password].map(guardCell));
    parts.push(stringify(rows, { record_delimiter: 'windows' }));
    await breathe();
  }
  return parts.join('');
}
