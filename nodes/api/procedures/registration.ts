import type { ImportTold } from '../../manager/registry/device.js';
import type { FileContent } from '../../manager/shared/files/decode-text.js';
import { defineProcedure } from '../procedure.js';
import { LARGEST_UPLOAD } from '../upload-sizes.js';
import { oneGateway, separator } from './inputs.js';
import { madeOf, passwordsOf } from './passwords.js';

const file = {
  type: 'object',
  properties: {
    /** The content of the file, or its bytes in Base64 if `isBase64` is true. */
    text: { type: 'string', maxLength: LARGEST_UPLOAD },
    isBase64: { type: 'boolean' },
    /** Detected from the content if left out. */
    format: { enum: ['csv', 'json'] },
    /** Detected if left out. */
    encoding: { type: 'string', maxLength: 40 },
  },
  required: ['text'],
  additionalProperties: false,
} as const;

/** Largest number of faults, and of notes, in an answer. The dashboard does not show more. */
const MAX_FAULTS = 100;

/** The procedures for registering gateways. */
export const REGISTRATION_PROCEDURES = {
  /** Returns the settings that a person enters on the MQTT page of the gateway. */
  'registration.settings': defineProcedure({
    role: 'viewer',
    input: oneGateway,
    async handler(manager, input) {
      const { inputTopic, outputTopic, ...broker } = manager.mqttSettings();
      return { ...broker, inputTopic: inputTopic(input.clientid), outputTopic: outputTopic(input.clientid) };
    },
    invalidatedBy: () => false,
  }),

  /** Registers one gateway. This answer is the only one that ever contains a generated password. */
  'registration.register': defineProcedure({
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
        redundancy: { type: 'string', maxLength: 1000 },
        separator,
      },
      required: ['clientid'],
      additionalProperties: false,
    },
    async handler(manager, { separator, ...registration }) {
      const { credential } = await manager.registry.register(registration);
      return { ...credential, passwords: await passwordsOf(manager, madeOf(credential), separator) };
    },
    audit: ({ clientid, site, tags, redundancy }) => ({
      action: 'gateway.register',
      clientid: clientid.slice(0, 200),
      detail: { site, tags, redundancy },
    }),
  }),

  /** Returns what an import would do, without writing anything. */
  'registration.preview': defineProcedure({
    role: 'operator',
    isCostly: true,
    input: file,
    async handler({ registry }, { format, encoding, ...given }) {
      const preview = await registry.previewImport(contentOf(given), format, encoding);
      return { ...preview, ...inShort(preview) };
    },
  }),

  /** Registers the gateways of a file. This answer is the only one that ever contains the generated passwords, as a CSV file. */
  'registration.import': defineProcedure({
    role: 'operator',
    isCostly: true,
    input: { ...file, properties: { ...file.properties, separator } },
    async handler(manager, { format, encoding, separator, ...given }) {
      const { credentials, ...report } = await manager.registry.import(contentOf(given), format, encoding);
      return {
        ...report,
        ...inShort(report),
        passwords: await passwordsOf(manager, credentials, separator),
      };
    },
    audit: ({ format, encoding, ...given }) => ({
      action: 'gateway.import',
      detail: { format, encoding, bytes: Buffer.byteLength(contentOf(given)) },
    }),
  }),
} as const;

function contentOf({ text, isBase64 = false }: { text: string; isBase64?: boolean }): FileContent {
  return isBase64 ? Buffer.from(text, 'base64') : text;
}

function inShort({ faults, notes }: ImportTold) {
  return {
    faults: faults.slice(0, MAX_FAULTS),
    faultCount: faults.length,
    notes: notes.slice(0, MAX_FAULTS),
    noteCount: notes.length,
  };
}
