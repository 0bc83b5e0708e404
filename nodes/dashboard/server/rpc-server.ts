import { type Caller, personOf } from '../../api/caller.js';
import type { Change } from '../../api/changes.js';
import type { Procedure } from '../../api/procedure.js';
import { isAllowed, refusalFor, runProcedure } from '../../api/run-procedure.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { whyTooLarge } from '../../manager/shared/json-bounds.js';
import { mayAct } from '../../manager/shared/role.js';
import { asTpeError, messageOf, prefixed, TpeError } from '../../manager/shared/tpe-error.js';
import { MESSAGE_BOUNDS } from '../../node-red/login/largest-message.js';
import type { RefuseMessage } from '../../node-red/login/own-widgets.js';
import { packMessage } from '../wire/packed-rows.js';
import { type BrowserMessage, parseBrowserMessage, type WidgetMessage } from '../wire/wire.js';
import { createBrowserSubscriptions, refuseWhoMayNot } from './browser-subscriptions.js';
import { callerOf as accountAt, type DashboardSocket } from './caller.js';
import type { LoadLimits } from './load-limits.js';

/** What the RPC server needs from its widget. */
export interface RpcServerOptions {
  /** The procedures, by name. */
  procedures: ReadonlyMap<string, Procedure<unknown, unknown>>;
  /** Rejects while there is no device manager. */
  manager(): Promise<DeviceManager>;
  /** Identifies the caller at a socket. Without it, the caller is the account that our login put on the socket. */
  callerOf?(socket: DashboardSocket): Caller;
  /** Shared by all widgets. */
  limits: LoadLimits;
  /** The event that carries the answers. */
  event: string;
  /**
   * Called with a message from a browser for the flow, if the caller is an operator or administrator. `client` is the dashboard's
   * description of the browser.
   */
  onEmit(message: Record<string, unknown>, caller: Caller, client: unknown): void;
  /** Called with internal errors, which are not the caller's fault. */
  onFault(error: TpeError): void;
}

/** The RPC server of a widget. It handles all messages of browsers and checks the rights of each caller. */
export interface RpcServer {
  take(value: unknown, socket: DashboardSocket, client?: unknown): void;
  /** Refuses a message that is too large to be parsed. `number` is that of its call, if known, and `why` says how it exceeds its bounds. */
  refuse: RefuseMessage;
  changed(change: Change): void;
  /** Reads all subscriptions again. */
  again(): void;
  close(): void;
}

/** Opens the RPC server of one widget. Errors do not throw: the browser receives a refusal, and `onFault` receives internal errors. */
export function openRpcServer({
  procedures,
  manager,
  callerOf = accountAt,
  limits,
  event,
  onEmit,
  onFault,
}: RpcServerOptions): RpcServer {
  /** Reports a message that cannot be sent instead of throwing, because no caller would catch the error. */
  const emit = (socket: Pick<DashboardSocket, 'emit'>, message: WidgetMessage): void => {
    try {
      socket.emit(event, packMessage(message));
    } catch (error) {
      onFault(prefixed('An answer could not be sent', error));
    }
  };

  const procedureOf = (name: string): Procedure<unknown, unknown> => {
    const procedure = procedures.get(name);
    if (procedure !== undefined) return procedure;
    throw new TpeError('NOT_FOUND', `This widget has no procedure ${JSON.stringify(name)}.`);
  };

  /** Checks the role again after reading, because the caller may have lost it in the meantime; then the result is withheld. */
  const answerTo = async (
    procedure: Procedure<unknown, unknown>,
    input: unknown,
    socket: DashboardSocket,
  ) => {
    const value = await runProcedure(procedure, input, callerOf(socket), manager);
    if (procedure.audit === undefined) refuseWhoMayNot(procedure, callerOf(socket));
    return value;
  };

  const refusalOf = (number: number | null, error: unknown): WidgetMessage => {
    if (error instanceof TpeError) {
      const { code, message, reason } = error;
      return { type: 'refused', number, code, message, cause: reason.cause };
    }
    onFault(asTpeError(error));
    return { type: 'refused', number, code: 'FAULT', message: messageOf(error), cause: null };
  };

  const subscriptions = createBrowserSubscriptions({ manager, callerOf, limits, answerTo, refusalOf, emit });

  const once = async (message: BrowserMessage & { type: 'call' | 'subscribe' }, socket: DashboardSocket) => {
    const { number, parts } = message;
    const input =
      parts === undefined
        ? message.input
        : { ...(message.input as object), text: limits.uploads.take(socket, number, parts) };
    const procedure = procedureOf(message.procedure);
    const value = await limits.once(callerOf(socket), procedure.isCostly === true, () =>
      answerTo(procedure, procedure.parse(input), socket),
    );
    emit(socket, { type: 'answer', number, value });
  };

  // A flow may do anything with a message, so viewers cannot send one.
  const sendToFlow = (message: Record<string, unknown>, caller: Caller, client: unknown) => {
    if (mayAct(caller.role, 'operator')) onEmit(message, caller, client);
  };

  /** Keeps a part of an upload. Throws FORBIDDEN for viewers. */
  const keep = ({ number, text }: BrowserMessage & { type: 'part' }, socket: DashboardSocket) => {
    const caller = callerOf(socket);
    if (!isAllowed(caller, 'operator')) throw refusalFor(caller, 'operator');
    limits.uploads.add(socket, number, personOf(caller), text);
  };

  const handle = async (value: unknown, socket: DashboardSocket, client: unknown) => {
    const tooLarge = whyTooLarge(value, MESSAGE_BOUNDS);
    if (tooLarge !== null) throw tooLargeError(tooLarge);
    const message = parseBrowserMessage(value);
    if (message.type === 'part') return keep(message, socket);
    if (message.type === 'unsubscribe') return subscriptions.end(socket, message.number);
    if (message.type === 'subscribe')
      return subscriptions.start(message, procedureOf(message.procedure), socket);
    if (message.type === 'call') return await once(message, socket);
    if (message.type === 'emit') sendToFlow(message.message, callerOf(socket), client);
  };

  return {
    take(value, socket, client) {
      handle(value, socket, client).catch((error: unknown) =>
        emit(socket, refusalOf(numberIn(value), error)),
      );
    },
    refuse: (socket, number, why) => emit(socket, refusalOf(number, tooLargeError(why))),
    changed: subscriptions.changed,
    again: subscriptions.again,
    close: subscriptions.close,
  };
}

function tooLargeError(why: string): TpeError {
  return new TpeError('INVALID_INPUT', `The request ${why}.`);
}

/** Reads the number of a message that is invalid otherwise, so that the refusal reaches the right call. */
function numberIn(value: unknown): number | null {
  const { number } = (value ?? {}) as { number?: unknown };
  return typeof number === 'number' ? number : null;
}
