import type { Caller, OwnPassword } from '../../api/caller.js';
import type { Account } from '../../manager/accounts/account.js';
import { ROLES } from '../../manager/shared/role.js';
import type { DashboardAccess } from '../../node-red/fields/dashboard-access.js';

/** The part of a dashboard socket that is used here. */
export interface DashboardSocket {
  readonly id: string;
  readonly connected: boolean;
  readonly data?: unknown;
  readonly handshake?: { readonly address?: string };
  emit(event: string, message: unknown): unknown;
  once?(event: 'disconnecting', listener: () => void): unknown;
}

/** How callers are identified in a dashboard that our login does not guard. */
export interface OpenDashboard {
  access: DashboardAccess;
  /** The user that the dashboard itself knows at the socket; null if it knows none. */
  userOf(socket: DashboardSocket): string | null;
}

/** The data that our login puts on a socket. */
interface SocketData {
  account?: Account;
  address?: string;
  ownPassword?: OwnPassword;
}

/**
 * The caller at a socket. If our login guards the dashboard, `open` is null, the caller is the account that the login put on the socket,
 * and a socket without an account has no role. Otherwise the caller has the role that tpe-server gives to the dashboard's own users, or to
 * people who are not signed in.
 */
export function callerOf(socket: DashboardSocket, open: OpenDashboard | null = null): Caller {
  const {
    account,
    address = socket.handshake?.address ?? null,
    ownPassword = null,
  } = (socket.data ?? {}) as SocketData;
  if (isAccount(account)) {
    const { id, name, role } = account;
    return {
      ...{ id, name, role, address, ownPassword },
      door: 'dashboard',
      requestedBy: requestedBy(name),
      hasLogin: true,
      isSignedIn: true,
    };
  }
  const nobody = { id: null, address, ownPassword: null };
  if (open === null) {
    return {
      ...nobody,
      name: 'dashboard',
      door: 'dashboard',
      requestedBy: requestedBy('dashboard'),
      role: null,
      hasLogin: true,
      isSignedIn: false,
    };
  }
  const user = open.userOf(socket);
  const { withoutSignIn, roles } = open.access;
  const given = user === null ? undefined : (roles.get(user) ?? roles.get('*'));
  return {
    ...nobody,
    name: user ?? 'dashboard',
    door: 'dashboard',
    requestedBy: requestedBy(user ?? 'dashboard'),
    role: given ?? withoutSignIn,
    hasLogin: false,
    isSignedIn: user !== null,
  };
}

function requestedBy(name: string): string {
  return `dashboard: ${name}`;
}

function isAccount(account: Account | undefined): account is Account {
  return typeof account?.name === 'string' && ROLES.includes(account.role);
}
