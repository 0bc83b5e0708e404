import type { Asker } from '../../api/caller.js';
import type { Change } from '../../api/changes.js';
import type { Ask } from '../../api/procedure.js';
import { isLetIn, refusalFor } from '../../api/run-procedure.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import type { BrowserMessage, WidgetMessage } from '../wire/wire.js';
import type { DashboardSocket } from './caller.js';
import type { LoadLimits } from './load-limits.js';
import { isPatched, type Told } from './patched-group.js';
import { createPatchedFollows } from './patched-subscriptions.js';
import { createFollows } from './subscriptions.js';

const MOST_FOLLOWS = 40;

/** How what browsers subscribe to is read, and how they are told. */
export interface SubscriptionOptions {
  manager(): Promise<DeviceManager>;
  askerOf(socket: DashboardSocket): Asker;
  limits: LoadLimits;
  /** Does what was asked for, for who is at the socket. Rejects with what the browser is told. */
  answerTo(ask: Ask<unknown, unknown>, input: unknown, socket: DashboardSocket): Promise<unknown>;
  refusalOf(number: number | null, error: unknown): WidgetMessage;
  /** Never throws. */
  emit(socket: DashboardSocket, message: WidgetMessage): void;
}

/** What the browsers at a widget subscribed to. */
export interface BrowserSubscriptions {
  /** INVALID_INPUT, BUSY. */
  start(
    message: BrowserMessage & { type: 'ask' | 'follow' },
    ask: Ask<unknown, unknown>,
    socket: DashboardSocket,
  ): void;
  end(socket: DashboardSocket, number: number): void;
  changed(change: Change): void;
  /** All is read again. */
  again(): void;
  close(): void;
}

export function createBrowserSubscriptions({
  manager,
  askerOf,
  limits,
  answerTo,
  refusalOf,
  emit,
}: SubscriptionOptions): BrowserSubscriptions {
  const whole = createFollows();
  const patched = createPatchedFollows(manager);

  const end = (key: string) => {
    whole.end(key);
    patched.end(key);
  };

  const messageFor = (number: number, told: Told): WidgetMessage => {
    if ('error' in told) return refusalOf(number, told.error);
    return 'patch' in told ? { type: 'patch', number, ...told } : { type: 'answer', number, ...told };
  };

  return {
    start(message, ask, socket) {
      const { number } = message;
      const { isTouchedBy } = ask;
      if (isTouchedBy === undefined || ask.deed !== undefined)
        throw new TpeError(
          'INVALID_INPUT',
          `${JSON.stringify(message.ask)} does not support subscriptions: call it instead.`,
        );
      if (whole.count(`${socket.id} `) + patched.count(`${socket.id} `) >= MOST_FOLLOWS)
        throw new TpeError('BUSY', 'This page has too many subscriptions: reload it.');
      const input = ask.parse(message.input);
      const key = keyOf(socket, number);
      end(key);
      const shared = { onEnd: limits.follow(askerOf(socket)), isWanted: () => socket.connected };
      const read = () => limits.again(askerOf(socket), () => answerTo(ask, input, socket));
      if (isPatched(ask)) {
        return patched.start(key, {
          ...{ ...shared, ask, input, read, viewer: `${socket.id} ${message.ask}` },
          isTouchedBy: (change) => isTouchedBy(change, input),
          refuse: () => refuseWhoMayNot(ask, askerOf(socket)),
          tell: (told) => emit(socket, messageFor(number, told)),
        });
      }
      whole.start(key, {
        ...shared,
        isTouchedBy: (change) => change.kind === 'health' || isTouchedBy(change, input),
        answer: () =>
          read().then(
            (value) => messageFor(number, { value }),
            (error: unknown) => messageFor(number, { error }),
          ),
        tell: (told) => emit(socket, told as WidgetMessage),
      });
    },
    end: (socket, number) => end(keyOf(socket, number)),
    changed(change) {
      whole.changed(change);
      patched.changed(change);
    },
    again() {
      whole.all();
      patched.all();
    },
    close() {
      whole.close();
      patched.close();
    },
  };
}

/** FORBIDDEN for who may not see what it reads, or not any more. */
export function refuseWhoMayNot({ role }: Ask<unknown, unknown>, asker: Asker): void {
  if (!isLetIn(asker, role)) throw refusalFor(asker, role);
}

function keyOf({ id }: DashboardSocket, number: number): string {
  return `${id} ${number}`;
}
