import { join } from 'node:path';
import type { DeviceManager } from '../device-manager.js';
import { TpeError } from '../tpe-error.js';
import type { Account } from './account.js';
import { generateToken, hashToken, isSendable, tokenMatches } from './api-token.js';
import type { NewAuditEntry } from './audit.js';
import { createLoginRate } from './login-rate.js';
import { generatePassword, hashPasswordSync, verifyPassword, verifyPasswordSync } from './password-hash.js';
import { randomKey, readSecrets, type Secrets, writeSecrets } from './secrets-file.js';
import { openSessions, type Session, type Sessions } from './sessions.js';
import type { ExternalUser } from './users.js';

/** The administrator of the data folder, who is there without any database. The other people are in the database. */
export const ADMIN = 'admin';
const ADMIN_ACCOUNT: Account = { name: ADMIN, fullName: '', role: 'administrator' };

const MINUTE = 60_000;
const SESSION_LIFETIME_MS = 7 * 24 * 60 * MINUTE;
const MOST_SESSIONS = 1000;
const LOGIN_RATE = { attempts: 10, windowMs: 10 * MINUTE, addresses: 10_000 };
/** Each check takes 32 MiB and a core for 0.1 s: they run one by one, and few may wait. */
const MOST_CHECKS_WAITING = 20;
const MOST_UNRECORDED = 100;
const LONGEST_PASSWORD = 1000;
const SHORTEST_PASSWORD = 8;
const SHORTEST_TOKEN = 16;

export interface AccountsOptions {
  /** Where secrets.json and sessions.json are; it must exist. */
  folder: string;
  /** Replaces the administrator's password, and ends all sessions when it is another one. */
  adminPassword?: string;
  /** Replaces the API token. */
  apiToken?: string;
  /** Replaces the secret of the webhook. */
  webhookSecret?: string;
  /** Whether webhooks come in: then a secret is made where there is none. */
  takesWebhooks?: boolean;
  /** Whether a device manager will be attached, with people in its database. */
  awaitsPeople?: boolean;
}

export type LoginResult =
  | { outcome: 'accepted'; account: Account }
  /** One answer for an unknown user and a wrong password. */
  | { outcome: 'refused' }
  | { outcome: 'wait'; seconds: number };

/** What accounts need of a device manager: the people in its database, and its audit. */
export type People = Pick<DeviceManager, 'users' | 'audit' | 'events'>;

/** People and scripts that may come in. */
export interface Accounts {
  readonly sessions: Sessions;
  /**
   * `address` is the caller's IP address, which has a limited number of attempts. Rejects with UNAVAILABLE where somebody else
   * than the administrator signs in while the database is away.
   */
  logIn(user: string, password: string, address: string): Promise<LoginResult>;
  /** The same without counting attempts, for callers that count for themselves; null: refused. */
  check(user: string, password: string): Promise<Account | null>;
  /** Somebody as an OpenID provider vouches for. FORBIDDEN for who is disabled, UNAVAILABLE, CONFLICT. */
  admitExternal(user: ExternalUser): Promise<Account>;
  /** Whose session a cookie is; null when it is unknown, forged, over or revoked, or when the user may not come in any more. */
  accountOf(cookie: string | undefined): Account | null;
  /** Of a name; null when unknown or disabled. */
  accountNamed(name: string): Account | null;
  /** Takes the people of a manager that is open; the returned function ends that. Who is known stays known meanwhile. */
  attach(people: People): () => void;
  /** Calls the listener when the rights of people have changed. */
  onChange(listener: () => void): void;
  /** Writes to the audit; what happens before a manager is open is written when it is. */
  record(entry: NewAuditEntry): void;
  isApiToken(token: string): boolean;
  /** Null when there is no webhook secret. */
  readonly isWebhookSecret: ((token: string) => boolean) | null;
  /** Encrypts what Node-RED stores of the flows' credentials. */
  readonly credentialSecret: string;
  /** What was made at this start: shown to the person who starts it and never again. */
  readonly generated: { password?: string; apiToken?: string; webhookSecret?: string };
  /** True when sessions from before this start, also those of the editor, must not count any more. */
  readonly passwordChanged: boolean;
}

/**
 * Opens the accounts in a data folder and makes what is missing. Works synchronously, as the settings of Node-RED
 * need it. INVALID_INPUT for a password or token that is too short or a damaged file, UNAVAILABLE when the folder
 * cannot be read or written.
 */
export function openAccounts(options: AccountsOptions): Accounts {
  refuseShort('TPE_ADMIN_PASSWORD', options.adminPassword, SHORTEST_PASSWORD);
  refuseToken('TPE_API_TOKEN', options.apiToken);
  refuseToken('TPE_WEBHOOK_SECRET', options.webhookSecret);
  const file = join(options.folder, 'secrets.json');
  const stored = readSecrets(file);
  const { secrets, generated } = withWebhook(stored ? changed(stored, options) : made(options), options);
  const { webhookHash } = secrets;
  if (secrets !== stored) writeSecrets(file, secrets);

  const sessions = openSessions({
    file: join(options.folder, 'sessions.json'),
    key: secrets.sessionKey,
    lifetimeMs: SESSION_LIFETIME_MS,
    most: MOST_SESSIONS,
  });
  const rate = createLoginRate(LOGIN_RATE);
  const verify = oneByOne(verifyPassword);
  const listeners = new Set<() => void>();
  let people: People | null = null;
  let isAttached = false;
  /** What happened before a manager was open. */
  const unrecorded: NewAuditEntry[] = [];

  const attached = (): People => {
    if (people !== null && isAttached) return people;
    throw new TpeError(
      'UNAVAILABLE',
      'The device manager is not open yet, and with it the list of users: try again in a moment.',
    );
  };

  const accountNamed = (name: string): Account | null => {
    if (name === ADMIN) return ADMIN_ACCOUNT;
    const user = people?.users.find(name);
    return user ? { name: user.name, fullName: user.fullName, role: user.role } : null;
  };

  const check = async (user: string, password: string): Promise<Account | null> => {
    if (password.length > LONGEST_PASSWORD || user.length > LONGEST_PASSWORD) return null;
    if (user === ADMIN) return (await verify(password, secrets.passwordHash)) ? ADMIN_ACCOUNT : null;
    const isNobodyElse = people === null && !options.awaitsPeople;
    const found = isNobodyElse ? null : await attached().users.passwordHash(user);
    // A password is checked for an unknown user too, so that the time taken does not tell who exists.
    const isRight = await verify(password, found?.hash ?? secrets.passwordHash);
    if (found === null || !isRight) return null;
    await attached().users.noteLogin(found.name);
    return accountNamed(found.name);
  };

  const isRevoked = (session: Session): boolean => {
    if (session.user === ADMIN) return false;
    const from = people?.users.find(session.user)?.sessionsFrom ?? 0;
    return sessions.startOf(session) < from;
  };

  return {
    sessions,
    async logIn(user, password, address) {
      const seconds = rate.take(address);
      if (seconds > 0) return { outcome: 'wait', seconds };
      const account = await check(user, password);
      if (account === null) return { outcome: 'refused' };
      rate.succeeded(address);
      return { outcome: 'accepted', account };
    },
    check,
    async admitExternal(user) {
      const { name, fullName, role, enabled } = await attached().users.admitExternal(user);
      if (!enabled) throw new TpeError('FORBIDDEN', `${name} is disabled here: ask an administrator.`);
      return { name, fullName, role };
    },
    accountOf(cookie) {
      const session = sessions.find(cookie);
      return session === null || isRevoked(session) ? null : accountNamed(session.user);
    },
    accountNamed,
    attach(attaching) {
      people = attaching;
      isAttached = true;
      const tell = () => {
        for (const listener of listeners) listener();
      };
      attaching.events.on('account', tell);
      for (const entry of unrecorded.splice(0)) void attaching.audit.record(entry);
      return () => {
        attaching.events.off('account', tell);
        if (people === attaching) isAttached = false;
      };
    },
    onChange: (listener) => void listeners.add(listener),
    record(entry) {
      if (people !== null && isAttached) return void people.audit.record(entry);
      unrecorded.push(entry);
      if (unrecorded.length > MOST_UNRECORDED) unrecorded.shift();
    },
    isApiToken: (token) => tokenMatches(token, secrets.tokenHash),
    isWebhookSecret: webhookHash === undefined ? null : (token) => tokenMatches(token, webhookHash),
    credentialSecret: secrets.credentialSecret,
    generated,
    passwordChanged: stored !== null && stored.passwordHash !== secrets.passwordHash,
  };
}

interface Opened {
  secrets: Secrets;
  generated: Accounts['generated'];
}

function made(options: AccountsOptions): Opened {
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

function changed(stored: Secrets, options: AccountsOptions): Opened {
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

function withWebhook({ secrets, generated }: Opened, options: AccountsOptions): Opened {
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

/** BUSY when too many wait. */
function oneByOne<Input extends unknown[], Result>(
  work: (...input: Input) => Promise<Result>,
): (...input: Input) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (...input) => {
    if (waiting >= MOST_CHECKS_WAITING) {
      throw new TpeError('BUSY', 'Too many people sign in at this moment: try again in some seconds.');
    }
    waiting += 1;
    const result = last.then(() => work(...input));
    last = result.catch(() => {});
    try {
      return await result;
    } finally {
      waiting -= 1;
    }
  };
}

function refuseToken(name: string, value: string | undefined): void {
  refuseShort(name, value, SHORTEST_TOKEN);
  if (value === undefined || isSendable(value)) return;
  throw new TpeError(
    'INVALID_INPUT',
    `${name} cannot be sent in a header: give letters, digits and ASCII signs, and no spaces.`,
  );
}
