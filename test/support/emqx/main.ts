/**
 * The stand-in as a process of its own: `node dist/test/support/emqx/main.js '{"version":"5.8","apiKey":"k",…}'`.
 * Prints `{"mqttUrl":…,"apiUrl":…}` on one line when it is there, and goes with SIGTERM.
 */
import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { startEmqx } from './index.js';

const PORT = { type: 'integer', minimum: 0, maximum: 65_535 } as const;
const TEXT = { type: 'string' } as const;

const OPTIONS = {
  type: 'object',
  required: ['version', 'apiKey', 'apiSecret'],
  additionalProperties: false,
  properties: {
    version: { enum: ['4.4', '5.0', '5.8', '6.2'] },
    mqttPort: PORT,
    apiPort: PORT,
    apiKey: TEXT,
    apiSecret: TEXT,
    sysEvents: { type: 'boolean' },
    webhook: {
      type: 'object',
      required: ['url', 'secret', 'payloads'],
      additionalProperties: false,
      properties: { url: TEXT, secret: TEXT, payloads: { enum: ['plain', 'base64'] } },
    },
    accounts: {
      type: 'array',
      items: {
        type: 'object',
        required: ['username', 'password'],
        additionalProperties: false,
        properties: { username: TEXT, password: TEXT },
      },
    },
  },
} as const;

const ajv = new Ajv();
const isOptions = ajv.compile<FromSchema<typeof OPTIONS>>(OPTIONS);

async function main(): Promise<void> {
  const options: unknown = JSON.parse(process.argv[2] ?? '{}');
  if (!isOptions(options)) {
    process.stderr.write(`${ajv.errorsText(isOptions.errors, { dataVar: 'options' })}\n`);
    process.exitCode = 1;
    return;
  }
  const { mqttUrl, apiUrl, stop } = await startEmqx(options);
  process.once('SIGTERM', () => void stop());
  process.stdout.write(`${JSON.stringify({ mqttUrl, apiUrl })}\n`);
}

void main();
