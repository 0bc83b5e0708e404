import type { IncomingHttpHeaders } from 'node:http';
import type { OwnPassword } from '../../api/caller.js';
import type { Account } from '../../manager/accounts/account.js';
import type { CallerRequest } from '../runtime/caller.js';
import { isOwnWidget } from './own-widgets.js';

const SWEEP_MS = 30_000;
const MAX_WIDGET_ID_LENGTH = 100;
/** A page that asks again and again is not written down each time. */
const RECORD_EVERY_MS = 1000;

/** What is used here of a socket of socket.io's server. */
export interface GuardedSocket {
  readonly handshake: { headers: IncomingHttpHeaders };
  /** What it began with. */
  readonly request: CallerRequest;
  /** The transport below. */
  readonly conn: { close(): void };
  data: { account?: Account; address?: string | undefined; ownPassword?: OwnPassword };
  use(listener: (packet: unknown[], next: (error?: Error) => void) => void): unknown;
  once(event: 'disconnecting', listener: () => void): unknown;
  disconnect(close: boolean): unknown;
}

export interface SocketGuardOptions {
  /** Who is signed in, by the headers of a request; null: nobody. */
  accountOf(headers: IncomingHttpHeaders): Account | null;
  /** The IP address of who calls. */
  addressOf(request: CallerRequest): string;
  /** Whether who calls is a page of ours. */
  isOwnPage(request: CallerRequest): boolean;
  /** Of who is signed in by these headers. */
  ownPassword(headers: IncomingHttpHeaders, address: string): OwnPassword;
  /** Told of what was not let through. */
  onRefused(account: Account, address: string, detail: Record<string, unknown>): void;
}

export interface SocketGuard {
  middleware: (socket: GuardedSocket, next: (error?: Error) => void) => void;
  /** Disconnects whose session has ended, and gives the others the rights of now. Happens by itself too, within half a minute. */
  sweep(): void;
}

/**
 * Admits sockets of a page of this host whose session is good, and only as long as it is. Sets `socket.data`.
 * Packets that the dashboard's server would stumble over are dropped, and so are those of viewers to widgets that do not look at
 * rights themselves: whatever such a widget does, it does for everybody who reaches it.
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
        // Not before the refusal is on its way.
        return void setImmediate(() => socket.conn.close());
      }
      Object.assign(socket.data, { account, address, ownPassword: ownPassword(headers, address) });
      let recordedAt = 0;
      socket.use((packet, go) => {
        if (!isSound(packet)) return;
        if (mayPass(packet, socket.data.account)) return go();
        if (!isOfWidget(packet) || Date.now() - recordedAt < RECORD_EVERY_MS) return;
        recordedAt = Date.now();
        onRefused(socket.data.account ?? account, address, { event: packet[0], widget: packet[1] });
      });
      admitted.add(socket);
      // Not `disconnect`, whose listeners the dashboard removes when flows are deployed.
      socket.once('disconnecting', () => admitted.delete(socket));
      next();
    },
    sweep,
  };
}

function refusal(): Error {
  return Object.assign(new Error('Sign in to the dashboard first.'), { data: { code: 'UNAUTHORIZED' } });
}

/** The dashboard takes the first argument of its events for a widget's id without looking, and would end on another. */
function isSound(packet: unknown[]): boolean {
  const [event, id] = packet;
  if (typeof event !== 'string' || !isOfWidget(packet)) return true;
  return typeof id === 'string' && id.length <= MAX_WIDGET_ID_LENGTH;
}

function isOfWidget([event]: unknown[]): boolean {
  return typeof event === 'string' && event.startsWith('widget-');
}

/** What a viewer may send: `widget-load` asks what a widget shows. */
function mayPass([event, id]: unknown[], account: Account | undefined): boolean {
  if (account !== undefined && account.role !== 'viewer') return true;
  return event === 'widget-load' || (event === 'widget-change' && isOwnWidget(id));
}
