import { randomBytes } from 'node:crypto';
import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../shared/guard.js';
import { jsonIn } from '../shared/json-bounds.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { accountReason } from './account-reasons.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

const SCHEMA = {
  type: 'object',
  properties: {
    /** Hash of the password of `admin`; see password-hash.ts. */
    passwordHash: { type: 'string', pattern: '^scrypt\\$' },
    /** The sign-out mark of `admin`; missing before its password is first changed on the dashboard. */
    adminMark: { type: 'string' },
    /** SHA-256 of the API token. */
    tokenHash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    /** SHA-256 of the webhook secret; missing where no webhooks come in. */
    webhookHash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    /** Signs the session cookies. A new password gets a new key, which ends all sessions. */
    sessionKey: { type: 'string', minLength: 40 },
    /** The key with which Node-RED encrypts the credentials of the flows. */
    credentialSecret: { type: 'string', minLength: 40 },
  },
  required: ['passwordHash', 'tokenHash', 'sessionKey', 'credentialSecret'],
  additionalProperties: false,
} as const;

const isSecrets = guard<FromSchema<typeof SCHEMA>>(SCHEMA);

/** The secrets that the data folder keeps. */
export type Secrets = FromSchema<typeof SCHEMA>;

/**
 * Reads the secrets; null if there is no file yet. Throws INVALID_INPUT when the file is damaged, and UNAVAILABLE when it cannot be read.
 */
export function readSecrets(path: string): Secrets | null {
  const text = attempt(path, 'secrets-unreadable', () => readPrivateFile(path));
  if (text === null) return null;
  const value = jsonIn(text);
  if (isSecrets(value)) return value;
  throw new TpeError(
    'INVALID_INPUT',
    `${path} is damaged: restore it from a backup, or delete it to get a new password and API token (the credentials stored in flows are then lost).`,
  );
}

/** Writes the secrets. Throws UNAVAILABLE when the file cannot be written. */
export function writeSecrets(path: string, secrets: Secrets): void {
  attempt(path, 'secrets-unwritable', () => writePrivateFile(path, `${JSON.stringify(secrets, null, 2)}\n`));
}

/** Generates a key of 256 random bits. */
export function randomKey(): string {
  return randomBytes(32).toString('base64url');
}

function attempt<Result>(
  path: string,
  code: 'secrets-unreadable' | 'secrets-unwritable',
  action: () => Result,
): Result {
  try {
    return action();
  } catch (error) {
    throw new TpeError('UNAVAILABLE', accountReason(code, { path, fault: messageOf(error) }), {}, error);
  }
}
