import type { IncomingHttpHeaders } from 'node:http';
import type { OwnPassword } from '../../api/caller.js';
import type { Account } from '../../manager/accounts/account.js';
import type { CallerRequest } from '../runtime/caller.js';
import { type AnsweredSocket, boundMessages } from './message-bounds.js';
import { isOwnWidget } from './own-widgets.js';

const SWEEP_MS = 30_000;
const MAX_WIDGET_ID_LENGTH = 100;
/** Shortest time between two audit entries of one socket, since a page may repeat a refused message. */
const RECORD_EVERY_MS = 1000;

/** The part of a socket of socket.io's server that this guard uses. */
export interface GuardedSocket extends AnsweredSocket {
  readonly handshake: { headers: IncomingHttpHeaders };
  /** The HTTP request that opened the socket. */
  readonly request: CallerRequest;
  data: { account?: Account; address?: string | undefined; ownPassword?: OwnPassword };
  use(listener: (packet: unknown[], next: (error?: Error) => void) => void): unknown;
  once(event: 'disconnecting', listener: () => void): unknown;
  disconnect(close: boolean): unknown;
}

export interface SocketGuardOptions {
  /** The account that is signed in by the headers of a request; null if there is none. */
  accountOf(headers: IncomingHttpHeaders): Account | null;
  addressOf(request: CallerRequest): string;
  /** Whether the caller is a page of this Node-RED, or no page at all. */
  isOwnPage(request: CallerRequest): boolean;
  /** How the person who is signed in by these headers can change the own password. */
  ownPassword(headers: IncomingHttpHeaders, address: string): OwnPassword;
  /** Called when a viewer's message to a widget was refused, at most once a second for each socket. */
  onRefused(account: Account, address: string, detail: Record<string, unknown>): void;
}

export interface SocketGuard {
  middleware: (socket: GuardedSocket, next: (error?: Error) => void) => void;
  /** Disconnects sockets whose session has ended, and gives the others the rights that their accounts have now. Also runs every 30 s. */
  sweep(): void;
}

/**
 * Admits a socket only if it comes from a page of this host with a valid session, and only as long as the session lasts. Sets
 * `socket.data`. Drops messages that would crash the dashboard's server, or keep it busy. Also drops messages of viewers to widgets that do not check rights
 * themselves, because such a widget acts for everybody who reaches it.
 */
export function guardSockets({
  accountOf,
  addressOf,
  isOwnPage,
  ownPassword,
  onRefused,
}: SocketGuardOptions): SocketGuard {
  const admitted = new Set<GuardedSocket>();

  const sweep = () => {
    for (const socket of admitted) {
      const account = accountOf(socket.handshake.headers);
      if (account === null) socket.disconnect(true);
      else socket.data.account = account;
    }
  };
  setInterval(sweep, SWEEP_MS).unref();

  return {
    middleware(socket, next) {
      const { headers } = socket.handshake;
      const address = addressOf(socket.request);
      const account = isOwnPage(socket.request) ? accountOf(headers) : null;
      if (!account) {
        next(refusal());
        // Closing at once would cut off the refusal.
        return void setImmediate(() => socket.conn.close());
      }
      Object.assign(socket.data, { account, address, ownPassword: ownPassword(headers, address) });
      boundMessages(socket);
      let recordedAt = 0;
      socket.use((packet, go) => {
        if (!isSound(packet)) return;
        if (mayPass(packet, socket.data.account)) return go();
        if (!isOfWidget(packet) || Date.now() - recordedAt < RECORD_EVERY_MS) return;
        recordedAt = Date.now();
        onRefused(socket.data.account ?? account, address, { event: packet[0], widget: packet[1] });
      });
      admitted.add(socket);
      // `disconnect` would not do: the dashboard removes its listeners when flows are deployed.
      socket.once('disconnecting', () => admitted.delete(socket));
      next();
    },
    sweep,
  };
}

function refusal(): Error {
  return Object.assign(new Error('Sign in to the dashboard first.'), { data: { code: 'UNAUTHORIZED' } });
}

/** The dashboard uses the first argument of its events as a widget's id without checking it, and would crash on another type. */
function isSound(packet: unknown[]): boolean {
  const [event, id] = packet;
  if (typeof event !== 'string' || !isOfWidget(packet)) return true;
  return typeof id === 'string' && id.length <= MAX_WIDGET_ID_LENGTH;
}

function isOfWidget([event]: unknown[]): boolean {
  return typeof event === 'string' && event.startsWith('widget-');
}

/**
 * Whether an account may send this message. A viewer may send `widget-load`, which asks what a widget shows, and changes to widgets that
 * check rights themselves.
 */
function mayPass([event, id]: unknown[], account: Account | undefined): boolean {
  if (account !== undefined && account.role !== 'viewer') return true;
  return event === 'widget-load' || (event === 'widget-change' && isOwnWidget(id));
}
