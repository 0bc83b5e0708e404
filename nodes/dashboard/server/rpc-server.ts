import { type Asker, personOf } from '../../api/caller.js';
import type { Change } from '../../api/changes.js';
import type { Ask } from '../../api/procedure.js';
import { isLetIn, refusalFor, runProcedure } from '../../api/run-procedure.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { MOST_DEPTH, whyTooLarge } from '../../manager/shared/json-bounds.js';
import { mayAct } from '../../manager/shared/role.js';
import { asTpeError, messageOf, prefixed, TpeError } from '../../manager/shared/tpe-error.js';
import { LARGEST_MESSAGE } from '../../node-red/login/largest-message.js';
import { type BrowserMessage, parseBrowserMessage, type WidgetMessage } from '../wire/wire.js';
import { createBrowserSubscriptions, refuseWhoMayNot } from './browser-subscriptions.js';
import { askerOf as accountAt, type DashboardSocket } from './caller.js';
import type { LoadLimits } from './load-limits.js';

/** Nobody asks for so much, and what goes through it all takes its time. */
const BOUNDS = { depth: MOST_DEPTH, values: 50_000, characters: LARGEST_MESSAGE };

export interface DoorOptions {
  /** What may be asked here, by name. */
  asks: ReadonlyMap<string, Ask<unknown, unknown>>;
  /** Rejects while there is none. */
  manager(): Promise<DeviceManager>;
  /** Who is at a socket; left out: the account that our login found there, and nobody else. */
  askerOf?(socket: DashboardSocket): Asker;
  /** Of all doors together. */
  limits: LoadLimits;
  /** The event that carries the answers. */
  event: string;
  /**
   * What a browser wants to hand to the flow; who told it is an operator or more. `client` is what the dashboard says of the browser.
   */
  onTell(message: Record<string, unknown>, asker: Asker, client: unknown): void;
  /** A fault of ours, not of who asked. */
  onFault(error: TpeError): void;
}

/** Where everything that browsers send to a widget comes in: nothing is done for who may not do it. */
export interface Door {
  take(value: unknown, socket: DashboardSocket, client?: unknown): void;
  changed(change: Change): void;
  /** All that is followed is answered again. */
  again(): void;
  close(): void;
}

export function openDoor({
  asks,
  manager,
  askerOf = accountAt,
  limits,
  event,
  onTell,
  onFault,
}: DoorOptions): Door {
  /** What cannot be sent is a fault to be told and never thrown: nobody above would catch it. */
  const emit = (socket: DashboardSocket, message: WidgetMessage): void => {
    try {
      socket.emit(event, message);
    } catch (error) {
      onFault(prefixed('An answer could not be sent', error));
    }
  };

  const askOf = (name: string): Ask<unknown, unknown> => {
    const ask = asks.get(name);
    if (ask !== undefined) return ask;
    throw new TpeError('NOT_FOUND', `This widget has no procedure ${JSON.stringify(name)}.`);
  };

  /** What was read for somebody who may not see it any more when it has come is kept back. */
  const answerTo = async (ask: Ask<unknown, unknown>, input: unknown, socket: DashboardSocket) => {
    const value = await runProcedure(ask, input, askerOf(socket), manager);
    if (ask.deed === undefined) refuseWhoMayNot(ask, askerOf(socket));
    return value;
  };

  const refusalOf = (number: number | null, error: unknown): WidgetMessage => {
    if (error instanceof TpeError)
      return { type: 'refused', number, code: error.code, message: error.message };
    onFault(asTpeError(error));
    return { type: 'refused', number, code: 'FAULT', message: messageOf(error) };
  };

  const subscriptions = createBrowserSubscriptions({ manager, askerOf, limits, answerTo, refusalOf, emit });

  const once = async (message: BrowserMessage & { type: 'ask' | 'follow' }, socket: DashboardSocket) => {
    const { number, parts } = message;
    const input =
      parts === undefined
        ? message.input
        : { ...(message.input as object), text: limits.uploads.take(socket, number, parts) };
    const ask = askOf(message.ask);
    const value = await limits.once(askerOf(socket), ask.isCostly === true, () =>
      answerTo(ask, ask.parse(input), socket),
    );
    emit(socket, { type: 'answer', number, value });
  };

  // What a flow does with a message is the flow's affair: a viewer starts nothing.
  const tell = (message: Record<string, unknown>, asker: Asker, client: unknown) => {
    if (mayAct(asker.role, 'operator')) onTell(message, asker, client);
  };

  /** Nobody sends a file who may only look. */
  const keep = ({ number, text }: BrowserMessage & { type: 'part' }, socket: DashboardSocket) => {
    const asker = askerOf(socket);
    if (!isLetIn(asker, 'operator')) throw refusalFor(asker, 'operator');
    limits.uploads.add(socket, number, personOf(asker), text);
  };

  const handle = async (value: unknown, socket: DashboardSocket, client: unknown) => {
    const tooLarge = whyTooLarge(value, BOUNDS);
    if (tooLarge !== null) throw new TpeError('INVALID_INPUT', `The request ${tooLarge}.`);
    const message = parseBrowserMessage(value);
    if (message.type === 'part') return keep(message, socket);
    if (message.type === 'unfollow') return subscriptions.end(socket, message.number);
    if (message.type === 'follow') return subscriptions.start(message, askOf(message.ask), socket);
    if (message.type === 'ask') return await once(message, socket);
    if (message.type === 'tell') tell(message.message, askerOf(socket), client);
  };

  return {
    take(value, socket, client) {
      handle(value, socket, client).catch((error: unknown) =>
        emit(socket, refusalOf(numberIn(value), error)),
      );
    },
    changed: subscriptions.changed,
    again: subscriptions.again,
    close: subscriptions.close,
  };
}

/** Of a message that is not sound in other ways. */
function numberIn(value: unknown): number | null {
  const { number } = (value ?? {}) as { number?: unknown };
  return typeof number === 'number' ? number : null;
}
