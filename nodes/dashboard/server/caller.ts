import type { Account } from '../../manager/accounts/account.js';
import { ROLES, type Role } from '../../manager/shared/role.js';
import type { DashboardAccess } from '../../node-red/fields/dashboard-access.js';
import type { OwnPassword } from '../../node-red/login/dashboard-sockets.js';

/** The person behind a browser. */
export interface Asker {
  /** Of the account; null: the dashboard has no login of ours. */
  id: string | null;
  name: string;
  /** Null: may not even look. */
  role: Role | null;
  /** IP address; null where it is not known. */
  address: string | null;
  /** False: the dashboard has no login of ours. */
  hasLogin: boolean;
  /** False: nobody knows who it is. */
  isSignedIn: boolean;
  /** Null: the dashboard has no login of ours. */
  ownPassword: OwnPassword | null;
}

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
    return { id, name, role, address, hasLogin: true, isSignedIn: true, ownPassword };
  }
  const nobody = { id: null, address, ownPassword: null };
  if (open === null) {
    return { ...nobody, name: 'dashboard', role: null, hasLogin: true, isSignedIn: false };
  }
  const user = open.userOf(socket);
  const { withoutSignIn, roles } = open.access;
  const given = user === null ? undefined : (roles.get(user) ?? roles.get('*'));
  return {
    ...nobody,
    name: user ?? 'dashboard',
    role: given ?? withoutSignIn,
    hasLogin: false,
    isSignedIn: user !== null,
  };
}

/** Who asks, in the record of a command, a scan or an installation. */
export function requestedBy({ name }: Asker): string {
  return `dashboard: ${name}`;
}

function isAccount(account: Account | undefined): account is Account {
  return typeof account?.name === 'string' && ROLES.includes(account.role);
}
