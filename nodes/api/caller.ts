import type { PasswordPlace } from '../manager/accounts/account.js';
import type { AuditDoor } from '../manager/audit/audit-door.js';
import type { Actor, AuditAction } from '../manager/audit/audited.js';
import type { Role } from '../manager/shared/role.js';

/** How the caller can change the own password. */
export interface OwnPassword {
  place(): PasswordPlace;
  /** Also ends all other sessions of the person. See Accounts.changePassword. */
  change(passwords: { old: string; new: string }): Promise<void>;
}

/** The person or program that calls a procedure, from a browser, the editor or REST. */
export interface Caller {
  /** Id of the account; null if the caller has no account in this device manager. */
  id: string | null;
  name: string;
  /** Null if the caller has no rights at all, not even to read. */
  role: Role | null;
  /** IP address; null if it is not known. */
  address: string | null;
  /** By which door the call came. */
  door: AuditDoor;
  /** The name that the record of a command, a scan or an installation keeps. */
  requestedBy: string;
  /** False if the dashboard is used without the login of this pack. */
  hasLogin: boolean;
  /** False if it is not known who the person is. */
  isSignedIn: boolean;
  /** The personal token that the call came with; undefined after signing in, and for the API token of the whole installation. */
  token?: { id: string; name: string };
  /** Null if the caller has no password that can be changed here. */
  ownPassword: OwnPassword | null;
}

/** The caller in the form that an audit entry takes. */
export function actorOf({ id, name, role, address, door }: Caller): Actor {
  return { who: name, accountId: id, role, address, door };
}

/** Adds the name of the caller's personal token to the detail of an audit entry. Returns `action` itself if there is no token. */
export function withToken(token: { name: string } | null | undefined, action: AuditAction): AuditAction {
  if (!token) return action;
  const { detail = {} } = action;
  // If the action is about a token itself, `tokenName` already holds the name of that token.
  const name = Object.hasOwn(detail, 'tokenName') ? 'byToken' : 'tokenName';
  return { ...action, detail: { ...detail, [name]: token.name } };
}

/** A key for limits that each person has. Callers without an account share one limit for each address. */
export function personOf({ id, address }: Caller): string {
  return id === null ? `address ${address ?? ''}` : `account ${id}`;
}
