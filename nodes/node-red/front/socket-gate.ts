import type { Duplex } from 'node:stream';
import { addressKey } from '../../manager/shared/address-key.js';
import { createFrameReader } from './frame-reader.js';

export interface SocketGateOptions {
  /** How long a socket may stay before it is let through, ms. */
  withinMs: number;
  /** The bound of its data until then, bytes. */
  mostBytes: number;
  /** The bound of a message afterwards, bytes. */
  mostOfMessage: number;
  /** Whether a message may come further; all may by default. */
  isSound?(message: Buffer): boolean;
  /** How many may wait, of each address and in all; beyond that the one that waits longest goes. */
  each: number;
  all: number;
  /** How many an address may open in a minute. */
  eachMinute: number;
}

/** Bounds WebSockets until it is known whose they are. */
export interface SocketGate {
  /** Null when the address has too many, or began wrongly; then the socket is gone. */
  admit(socket: Duplex, address: string, head: Buffer): Waiting | null;
}

export interface Waiting {
  /** It is known whose it is. */
  pass(): void;
}

interface Caller {
  waiting: Set<Duplex>;
  opened: number;
}

/** Many callers forgotten are better than many remembered. */
const MAX_CALLERS = 10_000;

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
      // Who means to sign in does it at once, and does not wait as long as those that hold their places.
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

/** Hands on to readers only what may pass. */
function filterData(socket: Duplex, mayPass: (chunk: Buffer) => boolean): void {
  const emit = socket.emit as (event: string | symbol, ...values: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event === 'data' && (socket.destroyed || !mayPass(values[0] as Buffer))) return true;
    return emit.call(socket, event, ...values);
  };
}
