import type { Asker, OwnPassword } from '../../api/caller.js';
import type { Account } from '../../manager/accounts/account.js';
import { ROLES } from '../../manager/shared/role.js';
import type { DashboardAccess } from '../../node-red/fields/dashboard-access.js';

/** What is used here of a socket of the dashboard. */
export interface DashboardSocket {
  readonly id: string;
  readonly connected: boolean;
  readonly data?: unknown;
  readonly handshake?: { readonly address?: string };
  emit(event: string, message: unknown): unknown;
  once?(event: 'disconnecting', listener: () => void): unknown;
}

/** Who stands behind a socket where our login does not guard the dashboard. */
export interface OpenDashboard {
  access: DashboardAccess;
  /** The user that the dashboard itself knows at the socket; null: none. */
  userOf(socket: DashboardSocket): string | null;
}

/** What our login puts on a socket. */
interface SocketData {
  account?: Account;
  address?: string;
  ownPassword?: OwnPassword;
}

/**
 * Who is at a socket: the account that our login found; else, in a dashboard without it, what tpe-server lets the dashboard's
 * own users and whoever comes do. Null: our login guards this dashboard, and who came past it may do nothing.
 */
export function askerOf(socket: DashboardSocket, open: OpenDashboard | null = null): Asker {
  const {
    account,
    address = socket.handshake?.address ?? null,
    ownPassword = null,
  } = (socket.data ?? {}) as SocketData;
  if (isAccount(account)) {
    const { id, name, role } = account;
    return {
      ...{ id, name, role, address, ownPassword },
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
