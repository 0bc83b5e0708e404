import type { PasswordPlace } from '../manager/accounts/account.js';
import type { Actor, AuditAction } from '../manager/audit/audited.js';
import type { Role } from '../manager/shared/role.js';

/** What somebody can do with the own password. */
export interface OwnPassword {
  place(): PasswordPlace;
  /** Ends all other sessions of that person. See Accounts.changePassword. */
  change(passwords: { old: string; new: string }): Promise<void>;
}

/** Who asks for something, through whichever face: a browser, the editor, REST. */
export interface Caller {
  /** Of the account; null: none of ours. */
  id: string | null;
  name: string;
  /** Null: may not read either. */
  role: Role | null;
  /** IP address; null where it is not known. */
  address: string | null;
  /** In the record of a command, a scan or an installation. */
  requestedBy: string;
  /** False: the dashboard has no login of ours. */
  hasLogin: boolean;
  /** False: the person is unknown. */
  isSignedIn: boolean;
  /** The personal token that it calls with; left out: it has signed in, or has the one token of this installation. */
  token?: { id: string; name: string };
  /** Null: it has no password that it could change here. */
  ownPassword: OwnPassword | null;
}

/** The same, for the audit. */
export function actorOf({ id, name, role, address }: Caller): Actor {
  return { who: name, accountId: id, role, address };
}

/** What is done, for the audit, and with which personal token; without one as it is. */
export function withToken(token: { name: string } | null | undefined, action: AuditAction): AuditAction {
  if (!token) return action;
  const { detail = {} } = action;
  // Of what is done to tokens, `tokenName` is the one that it is done to.
  const name = Object.hasOwn(detail, 'tokenName') ? 'byToken' : 'tokenName';
  return { ...action, detail: { ...detail, [name]: token.name } };
}

/** Whose share of the work something is: without a login, all at one address are one. */
export function personOf({ id, address }: Caller): string {
  return id === null ? `address ${address ?? ''}` : `account ${id}`;
}
