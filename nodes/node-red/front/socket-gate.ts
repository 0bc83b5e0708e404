import type { Duplex } from 'node:stream';
import { addressKey } from '../../manager/shared/address-key.js';
import { createFrameReader } from './frame-reader.js';

export interface SocketGateOptions {
  /** How long a socket may wait before it is let through, ms. */
  withinMs: number;
  /** Most data that a waiting socket may send, bytes. */
  mostBytes: number;
  /** Largest message, bytes. */
  mostOfMessage: number;
  /** Whether a message may be passed on; by default, every message may. */
  isSound?(message: Buffer): boolean;
  /**
   * How many sockets may wait, of each address and in all. Beyond `each`, a new socket is closed; beyond `all`, the one that waits longest.
   */
  each: number;
  all: number;
  /** How many sockets an address may open in a minute. */
  eachMinute: number;
}

/** Bounds WebSockets until it is known who opened them. */
export interface SocketGate {
  /** Bounds a socket. Null if its address has too many, or if its first data breaks a bound; then the socket is closed. */
  admit(socket: Duplex, address: string, head: Buffer): Waiting | null;
}

export interface Waiting {
  /** Lets the socket through, when it is known who opened it. */
  pass(): void;
}

interface Caller {
  waiting: Set<Duplex>;
  opened: number;
}

/** So many addresses are remembered. Further ones are not counted, so that the memory stays bounded. */
const MAX_CALLERS = 10_000;

/** Creates a gate with these bounds. */
export function createSocketGate(options: SocketGateOptions): SocketGate {
  const callers = new Map<string, Caller>();
  const waiting = new Set<Duplex>();
  setInterval(() => {
    for (const [key, caller] of callers) {
      if (caller.waiting.size === 0) callers.delete(key);
      else caller.opened = 0;
    }
  }, 60_000).unref();

  const callerOf = (address: string): Caller => {
    const key = addressKey(address);
    const caller = callers.get(key) ?? { waiting: new Set<Duplex>(), opened: 0 };
    if (callers.size < MAX_CALLERS) callers.set(key, caller);
    return caller;
  };

  return {
    admit(socket, address, head) {
      const caller = callerOf(address);
      caller.opened += 1;
      if (caller.opened > options.eachMinute || caller.waiting.size >= options.each) {
        socket.destroy();
        return null;
      }
      // A caller who wants to sign in does it at once, and so waits less long than callers who only hold their places.
      const [longest] = waiting;
      if (waiting.size >= options.all) longest?.destroy();
      waiting.add(socket);
      caller.waiting.add(socket);
      let isPassed = false;
      const leave = () => {
        clearTimeout(timer);
        waiting.delete(socket);
        caller.waiting.delete(socket);
      };
      const timer = setTimeout(() => socket.destroy(), options.withinMs);
      socket.once('close', leave);

      const isFine = createFrameReader({
        most: () => options.mostOfMessage,
        onMessage: options.isSound ?? (() => true),
      });
      let sent = 0;
      const mayPass = (chunk: Buffer): boolean => {
        sent += chunk.length;
        const fits = (isPassed || sent <= options.mostBytes) && isFine(chunk);
        if (!fits) socket.destroy();
        return fits;
      };
      if (!mayPass(head)) return null;
      filterData(socket, mayPass);
      return {
        pass() {
          isPassed = true;
          leave();
        },
      };
    },
  };
}

/** Passes only data to the socket's readers that `mayPass` accepts. */
function filterData(socket: Duplex, mayPass: (chunk: Buffer) => boolean): void {
  const emit = socket.emit as (event: string | symbol, ...values: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event === 'data' && (socket.destroyed || !mayPass(values[0] as Buffer))) return true;
    return emit.call(socket, event, ...values);
  };
}
