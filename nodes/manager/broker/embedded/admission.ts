import type { Socket } from 'node:net';
import { addressKey } from '../../shared/address-key.js';

/** The most connections that a server accepts. `pending` are those that have not logged in yet. */
export interface ConnectionLimits {
  pending: number;
  pendingOfAddress: number;
  loggedIn: number;
  loggedInOfAddress: number;
  /** The time from accepting the connection to a complete CONNECT, including TLS and WebSocket handshakes, ms. */
  connectWithinMs: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  pending: 1000,
  // All gateways of a site behind one address may connect at the same time.
  pendingOfAddress: 600,
  loggedIn: 20_000,
  loggedInOfAddress: 10_000,
  connectWithinMs: 10_000,
};

/** One connection, from its acceptance to its end. */
export interface Ticket {
  /** Call this when its CONNECT has arrived: it is then not closed to make room for others while its login is being decided. */
  connectSeen(): void;
  /** Call this when it was refused: it then only stays to send its CONNACK, and may be closed to make room. */
  refused(): void;
  /** Counts it as logged in. False if there are too many already, so that it must be refused. */
  logIn(): boolean;
}

export interface Admission {
  /** Accepts a connection. Returns null if there is no room for it, and then has closed it. */
  enter(socket: Socket): Ticket | null;
  counts(): { pending: number; loggedIn: number };
}

interface Pending {
  socket: Socket;
  network: string;
  /** False while its login is being decided. */
  mayBeClosed: boolean;
}

/**
 * Limits the connections of a server. A connection may stay without login for a short time. If there is no room for a new one, the oldest
 * without login of the address that has most of them is closed. So a flood of connections displaces itself, and a client that logs in at
 * once succeeds in spite of it, even from the same address.
 */
export function createAdmission(
  limits: ConnectionLimits,
  /** Called when a connection is closed to make room, or because there is none. */
  onCrowded: (address: string, pendingOfAddress: number) => void,
): Admission {
  const pendingOf = new Map<string, Set<Pending>>();
  const loggedInOf = new Map<string, number>();
  let pendingCount = 0;
  let loggedInCount = 0;

  function add(entry: Pending): void {
    const group = pendingOf.get(entry.network) ?? new Set();
    pendingOf.set(entry.network, group.add(entry));
    pendingCount += 1;
  }

  function remove(entry: Pending): boolean {
    const group = pendingOf.get(entry.network);
    if (!group?.delete(entry)) return false;
    if (group.size === 0) pendingOf.delete(entry.network);
    pendingCount -= 1;
    return true;
  }

  /** Closes one connection of these groups to make room. False if the login of each is being decided. */
  function makeRoom(groups: Iterable<Set<Pending>>): boolean {
    let victim: Pending | undefined;
    let most = 0;
    for (const group of groups) {
      if (group.size <= most) continue;
      const candidate = oldestIn(group);
      if (candidate === undefined) continue;
      victim = candidate;
      most = group.size;
    }
    if (victim === undefined) return false;
    onCrowded(victim.network, most);
    remove(victim);
    victim.socket.destroy();
    return true;
  }

  function hasRoom(network: string): boolean {
    const group = pendingOf.get(network);
    if (group && group.size >= limits.pendingOfAddress && !makeRoom([group])) return false;
    return pendingCount < limits.pending || makeRoom(pendingOf.values());
  }

  function addLoggedIn(network: string, change: 1 | -1): void {
    loggedInCount += change;
    const count = (loggedInOf.get(network) ?? 0) + change;
    if (count === 0) loggedInOf.delete(network);
    else loggedInOf.set(network, count);
  }

  return {
    enter(socket) {
      const network = addressKey(socket.remoteAddress ?? '');
      if (!hasRoom(network)) {
        onCrowded(network, pendingOf.get(network)?.size ?? 0);
        socket.destroy();
        return null;
      }
      const entry: Pending = { socket, network, mayBeClosed: true };
      add(entry);
      let isLoggedIn = false;
      const timer = setTimeout(() => socket.destroy(), limits.connectWithinMs);
      socket.once('close', () => {
        clearTimeout(timer);
        remove(entry);
        if (isLoggedIn) addLoggedIn(network, -1);
      });
      return {
        connectSeen() {
          clearTimeout(timer);
          entry.mayBeClosed = false;
        },
        refused() {
          entry.mayBeClosed = true;
        },
        logIn() {
          const isFull =
            loggedInCount >= limits.loggedIn || (loggedInOf.get(network) ?? 0) >= limits.loggedInOfAddress;
          if (isFull) return false;
          // False if it was closed meanwhile.
          if (!remove(entry)) return false;
          isLoggedIn = true;
          addLoggedIn(network, 1);
          return true;
        },
      };
    },
    counts: () => ({ pending: pendingCount, loggedIn: loggedInCount }),
  };
}

/** Finds the oldest connection that may be closed. A set keeps the order in which entries were added. */
function oldestIn(group: Set<Pending>): Pending | undefined {
  for (const entry of group) if (entry.mayBeClosed) return entry;
  return undefined;
}
