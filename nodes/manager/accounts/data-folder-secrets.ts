import { join } from 'node:path';
import { TpeError } from '../shared/tpe-error.js';
import { generateToken, hashToken, isSendable, tokenMatches } from './api-token.js';
import { generatePassword, hashPasswordSync, verifyPasswordSync } from './password-hash.js';
import { randomKey, readSecrets, type Secrets, writeSecrets } from './secrets-file.js';

const SHORTEST_PASSWORD = 8;
const SHORTEST_TOKEN = 16;

export interface SecretOptions {
  /** Folder of secrets.json, which must exist. */
  folder: string;
  /** Replaces the administrator's password. A different one also ends all sessions. */
  adminPassword?: string;
  /** Replaces the API token. */
  apiToken?: string;
  /** Replaces the webhook secret. */
  webhookSecret?: string;
  /** Whether webhooks come in, so that a secret is generated if there is none. */
  takesWebhooks?: boolean;
}

/** Secrets generated at this start. They are shown once to the person who starts it. */
export interface GeneratedSecrets {
  password?: string;
  apiToken?: string;
  webhookSecret?: string;
}

/** The secrets of a data folder. */
export interface DataFolderSecrets {
  /** The secrets as they are now. */
  now(): Secrets;
  /** Changes some of the secrets. Throws UNAVAILABLE when the file cannot be written; then nothing is changed. */
  change(change: Partial<Secrets>): void;
  readonly generated: GeneratedSecrets;
}

interface Opened {
  secrets: Secrets;
  generated: GeneratedSecrets;
}

/**
 * Opens the secrets of a data folder, generates those that are missing and takes over those that are given. Synchronous. Throws
 * INVALID_INPUT for a damaged file or a password or token that is too short, and UNAVAILABLE when the folder cannot be read or written.
 */
export function openSecrets(options: SecretOptions): DataFolderSecrets {
  refuseShort('TPE_ADMIN_PASSWORD', options.adminPassword, SHORTEST_PASSWORD);
  refuseToken('TPE_API_TOKEN', options.apiToken);
  refuseToken('TPE_WEBHOOK_SECRET', options.webhookSecret);
  const file = join(options.folder, 'secrets.json');
  const stored = readSecrets(file);
  const { secrets, generated } = withWebhook(stored ? changed(stored, options) : made(options), options);
  if (secrets !== stored) writeSecrets(file, secrets);
  let current = secrets;
  return {
    now: () => current,
    change(change) {
      const next = { ...current, ...change };
      writeSecrets(file, next);
      current = next;
    },
    generated,
  };
}

function made(options: SecretOptions): Opened {
  const password = options.adminPassword ?? generatePassword();
  const apiToken = options.apiToken ?? generateToken();
  return {
    secrets: {
      passwordHash: hashPasswordSync(password),
      tokenHash: hashToken(apiToken),
      sessionKey: randomKey(),
      credentialSecret: randomKey(),
    },
    generated: {
      ...(options.adminPassword === undefined && { password }),
      ...(options.apiToken === undefined && { apiToken }),
    },
  };
}

function changed(stored: Secrets, options: SecretOptions): Opened {
  let secrets = stored;
  const { adminPassword, apiToken } = options;
  if (adminPassword !== undefined && !verifyPasswordSync(adminPassword, stored.passwordHash)) {
    secrets = { ...secrets, passwordHash: hashPasswordSync(adminPassword), sessionKey: randomKey() };
  }
  if (apiToken !== undefined && !tokenMatches(apiToken, stored.tokenHash)) {
    secrets = { ...secrets, tokenHash: hashToken(apiToken) };
  }
  return { secrets, generated: {} };
}

function withWebhook({ secrets, generated }: Opened, options: SecretOptions): Opened {
  const { webhookHash } = secrets;
  const given = options.webhookSecret;
  if (given !== undefined) {
    const isSame = webhookHash !== undefined && tokenMatches(given, webhookHash);
    return { secrets: isSame ? secrets : { ...secrets, webhookHash: hashToken(given) }, generated };
  }
  if (webhookHash !== undefined || !options.takesWebhooks) return { secrets, generated };
  const webhookSecret = generateToken();
  return {
    secrets: { ...secrets, webhookHash: hashToken(webhookSecret) },
    generated: { ...generated, webhookSecret },
  };
}

function refuseShort(name: string, value: string | undefined, least: number): void {
  if (value === undefined || value.length >= least) return;
  throw new TpeError('INVALID_INPUT', `${name} is too short: give at least ${least} characters.`);
}

function refuseToken(name: string, value: string | undefined): void {
  refuseShort(name, value, SHORTEST_TOKEN);
  if (value === undefined || isSendable(value)) return;
  throw new TpeError(
    'INVALID_INPUT',
    `${name} cannot be sent in a header: give letters, digits and ASCII signs, and no spaces.`,
  );
}
