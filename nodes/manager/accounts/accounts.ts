import { join } from 'node:path';
import type { NewAuditEntry } from '../audit/audit-entry.js';
import type { Role } from '../shared/role.js';
import { TpeError } from '../shared/tpe-error.js';
import type { Account, Admitted, PasswordPlace } from './account.js';
import { accountReason } from './account-reasons.js';
import { ADMIN, createAdministrator } from './administrator.js';
import { isPersonalToken, tokenCheck, tokenMatches } from './api-token.js';
import { accountOf, createCredentialCheck } from './credential-check.js';
import { type GeneratedSecrets, openSecrets, type SecretOptions } from './data-folder-secrets.js';
import { createPasswordQueue } from './password-queue.js';
import { linkPeople, type People } from './people-link.js';
import type { TokenHolder } from './personal-token.js';
import { createSealer, type Sealer } from './sealed-text.js';
import { openSessions, type Session, type SessionKind } from './sessions.js';
import { createSignInLimiter } from './sign-in-limiter.js';
import type { TokenScope } from './token-scope.js';
import type { ExternalUser } from './users.js';

const SESSION_LIFETIME_MS = 7 * 24 * 3_600_000;
const MAX_SESSIONS_OF_ACCOUNT = 20;
const MAX_CHECKS_WAITING = 20;

export interface AccountsOptions extends SecretOptions {
  /** Whether a device manager with people in its database will be attached. */
  awaitsPeople?: boolean;
}

/** Where people sign in. Each has a queue of its own, so that a crowd at one does not delay the other. */
export type SignInTarget = 'dashboard' | 'editor';

export type LoginResult =
  | ({ outcome: 'accepted' } & Admitted)
  /** The same outcome for an unknown user and a wrong password. */
  | { outcome: 'refused' }
  | { outcome: 'wait'; seconds: number };

/** A session, and the account of its owner as it is now. */
export interface SignedIn {
  account: Account;
  session: Session;
}

/** The caller with a token: the owner of a personal token, or anybody with the API token of this installation. */
export interface TokenCaller {
  /** Name for the audit. */
  who: string;
  /** Null for the API token of this installation, which belongs to no account. */
  holder: TokenHolder | null;
  role: Role;
  /** What the token opens: whoever asks has to look at it. */
  scope: TokenScope;
}

/** The people and scripts that may use this installation. */
export interface Accounts {
  /**
   * Signs a person in. `address` is the caller's IP address; SignInLimiter says how often it may try. Rejects with BUSY when too many sign
   * in at this moment, and with UNAVAILABLE when the database is away and somebody other than the administrator signs in.
   */
  logIn(user: string, password: string, address: string, target: SignInTarget): Promise<LoginResult>;
  /**
   * Admits a person whom an OpenID provider has authenticated. Rejects with FORBIDDEN for a disabled account, CONFLICT for a name that
   * somebody else has, INVALID_INPUT for a name that nobody may have, and UNAVAILABLE while the database is away.
   */
  admitExternal(user: ExternalUser): Promise<Admitted>;
  /**
   * Starts a session. Its token is returned here and never again. `scope` is what an editor's session may be used for. Throws when the
   * session cannot be stored.
   */
  startSession(admitted: Admitted, kind: SessionKind, scope?: string): { token: string; session: Session };
  /**
   * The session of a token and its owner; null when the token is unknown, forged, expired, revoked or of another kind, or when the user may
   * not sign in any more.
   */
  signedIn(token: string | undefined, kind: SessionKind): SignedIn | null;
  /** Ends the session of a token. Does nothing for an unknown token. Throws when that cannot be stored. */
  endSession(token: string | undefined, kind: SessionKind): void;
  passwordPlace(account: Account): PasswordPlace;
  /**
   * Changes the password of the person who is signed in to the dashboard with this token, and ends all other sessions of that person.
   * Rejects with FORBIDDEN for a wrong old password or an ended session, BUSY after too many wrong ones, CONFLICT when the password is not
   * changed here, INVALID_INPUT for a new password that breaks the rules, and UNAVAILABLE while the database is away.
   */
  changePassword(
    token: string | undefined,
    passwords: { old: string; new: string },
    address: string,
  ): Promise<void>;
  /** Uses the people of an open manager until the returned function is called. People who are known stay known after that. */
  attach(people: People): () => void;
  /** Calls the listener when rights of people have changed or sessions were ended. A session that expires is not announced. */
  onChange(listener: () => void): void;
  /** Writes to the audit. What happens while no manager is open is written when one is. */
  record(entry: NewAuditEntry): void;
  /** Whether a token is the API token of this installation. */
  isApiToken(token: string): boolean;
  /**
   * The caller with a token, found in memory; null for a wrong token. `not yet` means that it may be a personal token, but the manager that
   * knows these is not open yet.
   */
  callerWith(token: string): TokenCaller | 'not yet' | null;
  /** Counts a wrong API token. Returns 0, or how many seconds its address has to wait after too many. */
  wrongApiToken(address: string): number;
  /** Whether a token is the webhook secret; null when there is none. */
  readonly isWebhookSecret: ((token: string) => boolean) | null;
  /** Creates a sealer for one purpose, which encrypts what others keep for us. */
  sealer(purpose: string): Sealer;
  /** The key with which Node-RED encrypts the credentials of the flows. */
  readonly credentialSecret: string;
  readonly generated: GeneratedSecrets;
}

/**
 * Opens the accounts of a data folder and creates secrets that are missing. Synchronous, because the settings of Node-RED cannot wait.
 * Throws INVALID_INPUT for a damaged file or a password or token that is too short, and UNAVAILABLE when the folder cannot be read or
 * written.
 */
export function openAccounts(options: AccountsOptions): Accounts {
  const secrets = openSecrets(options);
  const { webhookHash, sessionKey, credentialSecret } = secrets.now();
  const sessions = openSessions({
    file: join(options.folder, 'sessions.json'),
    key: sessionKey,
    lifetimeMs: SESSION_LIFETIME_MS,
    mostOfAccount: MAX_SESSIONS_OF_ACCOUNT,
  });
  const limiter = createSignInLimiter();
  const queues = {
    dashboard: createPasswordQueue(MAX_CHECKS_WAITING),
    editor: createPasswordQueue(MAX_CHECKS_WAITING),
    change: createPasswordQueue(MAX_CHECKS_WAITING),
  };
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const people = linkPeople(tell);
  const administrator = createAdministrator(secrets);
  const check = createCredentialCheck(administrator, people, options.awaitsPeople ?? false);

  const logIn = async (
    user: string,
    password: string,
    address: string,
    target: keyof typeof queues,
  ): Promise<LoginResult> => {
    const attempt = limiter.take(user, address);
    if (!('undo' in attempt)) return { outcome: 'wait', seconds: attempt.waitSeconds };
    try {
      const caller = { address, isKnown: attempt.isKnown };
      const admitted = await check({ user, password }, caller, queues[target]);
      if (admitted === null) return { outcome: 'refused' };
      attempt.succeeded();
      return { outcome: 'accepted', ...admitted };
    } catch (error) {
      attempt.undo();
      throw error;
    }
  };

  /** The account as it is now, with its sign-out mark; null when it is unknown or disabled. */
  const admittedNow = (id: string): Admitted | null => {
    if (id === ADMIN) return administrator.admitted();
    const user = people.find(id);
    return user && { account: accountOf(user), mark: user.mark };
  };

  const signedIn = (token: string | undefined, kind: SessionKind): SignedIn | null => {
    const session = sessions.find(token, kind);
    const now = session && admittedNow(session.account);
    return now && now.mark === session.mark ? { account: now.account, session } : null;
  };

  const isApiToken = (token: string) => tokenMatches(token, secrets.now().tokenHash);

  const callerWith = (token: string): TokenCaller | 'not yet' | null => {
    if (isApiToken(token)) return { who: 'API token', holder: null, role: 'administrator', scope: 'rest' };
    if (!isPersonalToken(token)) return null;
    if (!people.wasAttached()) return options.awaitsPeople ? 'not yet' : null;
    const holder = people.holderOf(token);
    return holder && { who: holder.name, holder, role: holder.role, scope: holder.scope };
  };

  const passwordPlace = ({ id }: Account): PasswordPlace => {
    if (id === ADMIN) return options.adminPassword === undefined ? 'here' : 'environment';
    return people.find(id)?.hasPassword ? 'here' : 'elsewhere';
  };

  return {
    logIn,
    async admitExternal(user) {
      const found = await people.users().admitExternal(user);
      if (!found.enabled)
        throw new TpeError('FORBIDDEN', accountReason('user-disabled', { user: found.name }));
      return { account: accountOf(found), mark: found.mark };
    },
    startSession: ({ account, mark }, kind, scope) =>
      sessions.start({ account: account.id, mark, kind, ...(scope !== undefined && { scope }) }),
    signedIn,
    endSession(token, kind) {
      const session = sessions.find(token, kind);
      if (session === null) return;
      sessions.end(session);
      tell();
    },
    passwordPlace,
    async changePassword(token, passwords, address) {
      const found = signedIn(token, 'dashboard');
      if (found === null) throw new TpeError('FORBIDDEN', accountReason('session-ended'));
      const { account, session } = found;
      refuseUnlessHere(passwordPlace(account));
      const result = await logIn(account.name, passwords.old, address, 'change');
      if (result.outcome === 'wait') throw tooMany(result.seconds);
      if (result.outcome === 'refused' || result.account.id !== account.id) {
        throw new TpeError('FORBIDDEN', accountReason('old-password-wrong'));
      }
      const keep = (mark: string) => sessions.remark(session, mark);
      if (account.id !== ADMIN)
        return void (await people.users().setPassword(account.id, passwords.new, keep));
      await administrator.setPassword(passwords.new, keep);
      tell();
    },
    attach: people.attach,
    onChange: (listener) => void listeners.add(listener),
    record: people.record,
    isApiToken,
    callerWith,
    wrongApiToken: limiter.wrongToken,
    isWebhookSecret: webhookHash === undefined ? null : tokenCheck(webhookHash),
    sealer: (purpose) => createSealer(sessionKey, purpose),
    credentialSecret,
    generated: secrets.generated,
  };
}

function refuseUnlessHere(place: PasswordPlace): void {
  if (place === 'here') return;
  throw new TpeError(
    'CONFLICT',
    place === 'environment'
      ? accountReason('password-in-environment', { user: ADMIN })
      : accountReason('password-elsewhere'),
  );
}

function tooMany(seconds: number): TpeError {
  return new TpeError(
    'BUSY',
    accountReason('too-many-wrong-passwords', { minutes: Math.ceil(seconds / 60) }),
  );
}
