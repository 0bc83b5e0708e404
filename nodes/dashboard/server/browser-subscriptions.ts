import { type Caller, personOf } from '../../api/caller.js';
import type { Change } from '../../api/changes.js';
import type { Procedure } from '../../api/procedure.js';
import { isAllowed, refusalFor } from '../../api/run-procedure.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import type { BrowserMessage, WidgetMessage } from '../wire/wire.js';
import type { DashboardSocket } from './caller.js';
import type { LoadLimits } from './load-limits.js';
import { loadReason } from './load-reasons.js';
import { isPatched, type Told } from './patched-group.js';
import { createPatchedSubscriptions } from './patched-subscriptions.js';
import { createSubscriptions } from './subscriptions.js';

const MAX_SUBSCRIPTIONS = 40;
/**
 * Most inputs of one patched procedure that the pages of one person may follow, because each costs a read for all who follow that
 * procedure.
 */
const MAX_PATCHED_INPUTS = 20;

/** What the subscriptions of browsers need from the widget: how to read an answer, and how to send it. */
export interface SubscriptionOptions {
  manager(): Promise<DeviceManager>;
  callerOf(socket: DashboardSocket): Caller;
  limits: LoadLimits;
  /** Runs the procedure for the caller at the socket. Rejects with the error that the browser receives. */
  answerTo(procedure: Procedure<unknown, unknown>, input: unknown, socket: DashboardSocket): Promise<unknown>;
  refusalOf(number: number | null, error: unknown): WidgetMessage;
  /** Never throws. */
  emit(socket: DashboardSocket, message: WidgetMessage): void;
}

/** The subscriptions of all browsers at one widget. */
export interface BrowserSubscriptions {
  /**
   * Starts a subscription under the number of the message. Throws INVALID_INPUT if the procedure does not support subscriptions or refuses
   * the input, and BUSY if the page or the person has too many subscriptions.
   */
  start(
    message: BrowserMessage & { type: 'call' | 'subscribe' },
    procedure: Procedure<unknown, unknown>,
    socket: DashboardSocket,
  ): void;
  end(socket: DashboardSocket, number: number): void;
  changed(change: Change): void;
  /** Reads all subscriptions again. */
  again(): void;
  close(): void;
}

/**
 * Creates the subscriptions of one widget. A procedure with `patches` sends only what is new in its answer; others send the whole answer.
 */
export function createBrowserSubscriptions({
  manager,
  callerOf,
  limits,
  answerTo,
  refusalOf,
  emit,
}: SubscriptionOptions): BrowserSubscriptions {
  const whole = createSubscriptions();
  const patched = createPatchedSubscriptions(manager);

  const end = (key: string) => {
    whole.end(key);
    patched.end(key);
  };

  const sockets = new WeakSet<DashboardSocket>();
  /** Ends the subscriptions when the browser disconnects, because they would count for the person until the next change. */
  const endWith = (socket: DashboardSocket) => {
    if (sockets.has(socket)) return;
    sockets.add(socket);
    // Not `disconnect`, whose listeners the dashboard removes when flows are deployed.
    socket.once?.('disconnecting', () => {
      whole.endAll(`${socket.id} `);
      patched.endAll(`${socket.id} `);
    });
  };

  const messageFor = (number: number, told: Told): WidgetMessage => {
    if ('error' in told) return refusalOf(number, told.error);
    return 'patch' in told ? { type: 'patch', number, ...told } : { type: 'answer', number, ...told };
  };

  return {
    start(message, procedure, socket) {
      const { number } = message;
      const { invalidatedBy } = procedure;
      if (invalidatedBy === undefined || procedure.audit !== undefined)
        throw new TpeError(
          'INVALID_INPUT',
          `${JSON.stringify(message.procedure)} does not support subscriptions: call it instead.`,
        );
      if (whole.count(`${socket.id} `) + patched.count(`${socket.id} `) >= MAX_SUBSCRIPTIONS)
        throw new TpeError('BUSY', loadReason('too-many-subscriptions-here'));
      const input = procedure.parse(message.input);
      const person = personOf(callerOf(socket));
      if (isPatched(procedure) && patched.inputsOf(person, procedure, input) >= MAX_PATCHED_INPUTS)
        throw new TpeError('BUSY', loadReason('too-many-subscriptions'));
      endWith(socket);
      const key = keyOf(socket, number);
      end(key);
      const shared = { onEnd: limits.subscribe(callerOf(socket)), isWanted: () => socket.connected };
      const read = () => limits.again(callerOf(socket), () => answerTo(procedure, input, socket));
      if (isPatched(procedure)) {
        return patched.start(key, {
          ...{ ...shared, procedure, input, person, read, viewer: `${socket.id} ${message.procedure}` },
          invalidatedBy: (change) => invalidatedBy(change, input),
          refuse: () => refuseWhoMayNot(procedure, callerOf(socket)),
          tell: (told) => emit(socket, messageFor(number, told)),
        });
      }
      whole.start(key, {
        ...shared,
        invalidatedBy: (change) => change.kind === 'health' || invalidatedBy(change, input),
        answer: () =>
          read().then(
            (value) => messageFor(number, { value }),
            (error: unknown) => messageFor(number, { error }),
          ),
        emit: (told) => emit(socket, told as WidgetMessage),
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

/**
 * Throws FORBIDDEN if the caller may not use the procedure, for example because the caller has lost the role since the subscription
 * started.
 */
export function refuseWhoMayNot({ role }: Procedure<unknown, unknown>, caller: Caller): void {
  if (!isAllowed(caller, role)) throw refusalFor(caller, role);
}

function keyOf({ id }: DashboardSocket, number: number): string {
  return `${id} ${number}`;
}
