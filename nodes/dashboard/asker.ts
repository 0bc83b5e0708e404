import type { Account } from '../manager/accounts/account.js';
import type { Role } from '../manager/accounts/role.js';
import type { OwnPassword } from '../node-red/login/dashboard-sockets.js';

/** The person behind a browser. */
export interface Asker {
  /** Of the account; null: the dashboard has no login of ours. */
  id: string | null;
  name: string;
  role: Role;
  /** IP address; null where it is not known. */
  address: string | null;
  /** False: the dashboard has no login of ours. */
  hasLogin: boolean;
  /** Null: the dashboard has no login of ours. */
  ownPassword: OwnPassword | null;
}

/** What is used here of a socket of the dashboard. */
export interface DashboardSocket {
  readonly id: string;
  readonly connected: boolean;
  readonly data?: unknown;
  emit(event: string, message: unknown): unknown;
}

/** What our login puts on a socket. */
interface SocketData {
  account?: Account;
  address?: string;
  ownPassword?: OwnPassword;
}

/**
 * Who is signed in at a socket. A dashboard without our login, in a Node-RED with settings of its own, is open to whoever
 * reaches it: they may do what an operator may.
 */
export function askerOf(socket: DashboardSocket): Asker {
  const { account, address = null, ownPassword = null } = (socket.data ?? {}) as SocketData;
  if (account === undefined) {
    return { id: null, name: 'dashboard', role: 'operator', address, hasLogin: false, ownPassword };
  }
  const { id, name, role } = account;
  return { id, name, role, address, hasLogin: true, ownPassword };
}

/** Who asks, in the record of a command, a scan or an installation. */
export function requestedBy({ name }: Asker): string {
  return `dashboard: ${name}`;
}
