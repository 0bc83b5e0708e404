import { join } from 'node:path';
import type { NewAuditEntry } from '../audit/audit-entry.js';
import type { Role } from '../shared/role.js';
import { TpeError } from '../shared/tpe-error.js';
import type { Account, Admitted, PasswordPlace } from './account.js';
import { ADMIN, createAdministrator } from './administrator.js';
import { isPersonalToken, tokenMatches } from './api-token.js';
import { accountOf, createCredentialCheck } from './credential-check.js';
import { type GeneratedSecrets, openSecrets, type SecretOptions } from './data-folder-secrets.js';
import { createPasswordQueue } from './password-queue.js';
import { linkPeople, type People } from './people-link.js';
import type { TokenHolder } from './personal-token.js';
import { createSealer, type Sealer } from './sealed-text.js';
import { openSessions, type Session, type SessionKind } from './sessions.js';
import { createSignInLimiter } from './sign-in-limiter.js';
import type { ExternalUser } from './users.js';

const SESSION_LIFETIME_MS = 7 * 24 * 3_600_000;
const MAX_SESSIONS_OF_ACCOUNT = 20;
const MAX_CHECKS_WAITING = 20;

export interface AccountsOptions extends SecretOptions {
  /** Whether a device manager will be attached, with people in its database. */
  awaitsPeople?: boolean;
}

/** Where passwords are typed; a crowd at one keeps nobody waiting at another. */
export type SignInTarget = 'dashboard' | 'editor';

export type LoginResult =
  | ({ outcome: 'accepted' } & Admitted)
  /** One answer for an unknown user and a wrong password. */
  | { outcome: 'refused' }
  | { outcome: 'wait'; seconds: number };

/** Somebody's session, and who that is now. */
export interface SignedIn {
  account: Account;
  session: Session;
}

/** Who calls with a token: somebody with a personal one, or whoever has the one token of this installation. */
export interface TokenCaller {
  /** Of the audit. */
  who: string;
  /** Null: with the one token of this installation, which is nobody's. */
  holder: TokenHolder | null;
  role: Role;
}

/** People and scripts that may come in. */
export interface Accounts {
  /**
   * `address` is the caller's IP address: see SignInLimiter for how often it may try. Rejects with BUSY where too many try at this
   * moment, and with UNAVAILABLE where somebody else than the administrator signs in while the database is away.
   */
  logIn(user: string, password: string, address: string, target: SignInTarget): Promise<LoginResult>;
  /** Somebody as an OpenID provider vouches for. FORBIDDEN for who is disabled, UNAVAILABLE, CONFLICT, INVALID_INPUT. */
  admitExternal(user: ExternalUser): Promise<Admitted>;
  /**
   * Begins a session, whose token is told here and never again. `scope`: what it may be used for, where it is the editor's.
   * Throws when it cannot be stored.
   */
  startSession(admitted: Admitted, kind: SessionKind, scope?: string): { token: string; session: Session };
  /**
   * Whose session a token is; null when it is unknown, forged, over, revoked or of another kind, or when the user may not come in
   * any more.
   */
  signedIn(token: string | undefined, kind: SessionKind): SignedIn | null;
  /** Does nothing for a token of no session. Throws when that cannot be stored. */
  endSession(token: string | undefined, kind: SessionKind): void;
  passwordPlace(account: Account): PasswordPlace;
  /**
   * Changes the password of who is signed in with this token at the dashboard, and ends all other sessions of that person. FORBIDDEN for
   * a wrong old password, BUSY after too many of them, CONFLICT where the password is not changed here, INVALID_INPUT, UNAVAILABLE.
   */
  changePassword(
    token: string | undefined,
    passwords: { old: string; new: string },
    address: string,
  ): Promise<void>;
  /** Takes the people of a manager that is open; the returned function ends that. Who is known stays known meanwhile. */
  attach(people: People): () => void;
  /** Calls the listener when the rights of people have changed, or sessions have ended. */
  onChange(listener: () => void): void;
  /** Writes to the audit; what happens before a manager is open is written when it is. */
  record(entry: NewAuditEntry): void;
  /** The one of this installation. */
  isApiToken(token: string): boolean;
  /**
   * Who calls with a token, by what is known at once; null for a wrong one. `not yet`: it may be a personal one, and the manager that
   * knows these is not open yet.
   */
  callerWith(token: string): TokenCaller | 'not yet' | null;
  /** Counts a wrong API token; 0, or for how many seconds its address had too many. */
  wrongApiToken(address: string): number;
  /** Null when there is no webhook secret. */
  readonly isWebhookSecret: ((token: string) => boolean) | null;
  /** Hides what others keep for us, for one purpose. */
  sealer(purpose: string): Sealer;
  /** Encrypts what Node-RED stores of the flows' credentials. */
  readonly credentialSecret: string;
  readonly generated: GeneratedSecrets;
}

/**
 * Opens the accounts in a data folder and makes what is missing. Works synchronously, as the settings of Node-RED
 * need it. INVALID_INPUT for a password or token that is too short or a damaged file, UNAVAILABLE when the folder
 * cannot be read or written.
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
    if (isApiToken(token)) return { who: 'API token', holder: null, role: 'administrator' };
    if (!isPersonalToken(token)) return null;
    if (!people.wasAttached()) return options.awaitsPeople ? 'not yet' : null;
    const holder = people.holderOf(token);
    return holder && { who: holder.name, holder, role: holder.role };
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
        throw new TpeError('FORBIDDEN', `${found.name} is disabled here: ask an administrator.`);
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
      if (found === null) throw new TpeError('FORBIDDEN', 'The session has ended: sign in again.');
      const { account, session } = found;
      refuseUnlessHere(passwordPlace(account));
      const result = await logIn(account.name, passwords.old, address, 'change');
      if (result.outcome === 'wait') throw tooMany(result.seconds);
      if (result.outcome === 'refused' || result.account.id !== account.id) {
        throw new TpeError('FORBIDDEN', 'The old password is wrong.');
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
    isWebhookSecret: webhookHash === undefined ? null : (token) => tokenMatches(token, webhookHash),
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
      ? `The password of ${ADMIN} is set by TPE_ADMIN_PASSWORD: change it there and restart.`
      : 'This installation does not store your password: change it with your sign-in provider.',
  );
}

function tooMany(seconds: number): TpeError {
  return new TpeError('BUSY', `Too many wrong passwords: try again in ${Math.ceil(seconds / 60)} min.`);
}
