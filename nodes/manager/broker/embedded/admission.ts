import type { Socket } from 'node:net';
import { addressKey } from '../../shared/address-key.js';

/** How many connections there may be. `pending` are those that have not logged in yet. */
export interface ConnectionLimits {
  pending: number;
  pendingOfAddress: number;
  loggedIn: number;
  loggedInOfAddress: number;
  /** From the first packet of TCP to a whole CONNECT, with TLS and WebSocket between them, ms. */
  connectWithinMs: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  pending: 1000,
  // A site whose gateways all come back at once, behind one address.
  pendingOfAddress: 600,
  loggedIn: 20_000,
  loggedInOfAddress: 10_000,
  connectWithinMs: 10_000,
};

/** One connection, from its acceptance to its end. */
export interface Ticket {
  /** Its CONNECT is there: it is not closed in favour of others while it waits for an answer. */
  connectSeen(): void;
  /** It was refused, and is only there for its last words. */
  refused(): void;
  /** It has logged in. False where there are too many already: it must be refused. */
  logIn(): boolean;
}

export interface Admission {
  /** Takes a connection in, or closes it at once, in which case there is no ticket. */
  enter(socket: Socket): Ticket | null;
  counts(): { pending: number; loggedIn: number };
}

interface Pending {
  socket: Socket;
  network: string;
  /** False while its login is looked into. */
  mayBeClosed: boolean;
}

/**
 * Bounds the connections of a server. Who has not logged in holds a place for a short time; where there is none left, the
 * oldest connection of the address with the most of them is closed in favour of the new one. So a flood drives out itself,
 * and a client that says at once who it is gets in beside it, also from the same address.
 */
export function createAdmission(
  limits: ConnectionLimits,
  /** A connection was closed for want of room. */
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

  /** Closes one connection to make room. False when all of them are being looked into. */
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
          // It may have been closed meanwhile.
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

/** Sets keep the order of arrival. */
function oldestIn(group: Set<Pending>): Pending | undefined {
  for (const entry of group) if (entry.mayBeClosed) return entry;
  return undefined;
}
