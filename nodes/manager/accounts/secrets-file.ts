import { randomBytes } from 'node:crypto';
import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../shared/guard.js';
import { jsonIn } from '../shared/json-bounds.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

const SCHEMA = {
  type: 'object',
  properties: {
    /** Of the user `admin`; see password-hash.ts. */
    passwordHash: { type: 'string', pattern: '^scrypt\\$' },
    /** The sign-out mark of `admin`; there is none before the first sign-out everywhere. */
    adminMark: { type: 'string' },
    /** SHA-256 of the API token. */
    tokenHash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    /** SHA-256 of the webhook secret; older versions had none, and it is made only where it is used. */
    webhookHash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    /** Signs the session cookies; made anew with the password, so that a new password ends all sessions. */
    sessionKey: { type: 'string', minLength: 40 },
    /** Node-RED encrypts the credentials of the flows with it. */
    credentialSecret: { type: 'string', minLength: 40 },
  },
  required: ['passwordHash', 'tokenHash', 'sessionKey', 'credentialSecret'],
  additionalProperties: false,
} as const;

const isSecrets = guard<FromSchema<typeof SCHEMA>>(SCHEMA);

/** What the data folder keeps of the secrets. */
export type Secrets = FromSchema<typeof SCHEMA>;

/** Null when there is no file yet. INVALID_INPUT when it is damaged, UNAVAILABLE when it cannot be read. */
export function readSecrets(path: string): Secrets | null {
  const text = attempt(path, 'read', () => readPrivateFile(path));
  if (text === null) return null;
  const value = jsonIn(text);
  if (isSecrets(value)) return value;
  throw new TpeError(
    'INVALID_INPUT',
    `${path} is damaged: restore it from a backup, or delete it to get a new password and API token (the credentials stored in flows are then lost).`,
  );
}

/** UNAVAILABLE when the file cannot be written. */
export function writeSecrets(path: string, secrets: Secrets): void {
  attempt(path, 'written', () => writePrivateFile(path, `${JSON.stringify(secrets, null, 2)}\n`));
}

/** 256 random bits. */
export function randomKey(): string {
  return randomBytes(32).toString('base64url');
}

function attempt<Result>(path: string, what: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw new TpeError('UNAVAILABLE', `${path} cannot be ${what}: ${messageOf(error)}`, {}, error);
  }
}
