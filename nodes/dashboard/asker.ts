import type { Account } from '../manager/accounts/account.js';
import type { Role } from '../manager/accounts/role.js';

/** The person behind a browser. */
export interface Asker {
  name: string;
  role: Role;
  /** IP address; null where it is not known. */
  address: string | null;
  /** False: the dashboard has no login of ours. */
  hasLogin: boolean;
}

/** What is used here of a socket of the dashboard. */
export interface DashboardSocket {
  readonly id: string;
  readonly connected: boolean;
  readonly data?: unknown;
  emit(event: string, message: unknown): unknown;
}

/**
 * Who is signed in at a socket. A dashboard without our login, in a Node-RED with settings of its own, is open to whoever
 * reaches it: they may do what an operator may.
 */
export function askerOf(socket: DashboardSocket): Asker {
  const { account, address = null } = (socket.data ?? {}) as { account?: Account; address?: string };
  if (account === undefined) return { name: 'dashboard', role: 'operator', address, hasLogin: false };
  return { name: account.name, role: account.role, address, hasLogin: true };
}

/** Who asks, in the record of a command, a scan or an installation. */
export function requestedBy({ name }: Asker): string {
  return `dashboard: ${name}`;
}
