import { inject, onBeforeUnmount, onMounted, provide, reactive, watch } from 'vue';
import { patched } from '../../../api/patch.js';
import type { AnswerOf, InputOf, ProcedureName } from '../../../api/procedures/index.js';
import type { Reason } from '../../../manager/shared/reason.js';
import { LARGEST_PART } from '../../wire/message-sizes.js';
import { type SentMessage, unpackMessage } from '../../wire/packed-rows.js';
import { eventOf } from '../../wire/widget-event.js';
import type { WidgetMessage } from '../../wire/wire.js';
import { t } from '../i18n/translate.js';
import { RefusedCall } from './refused-call.js';

/** The part of the dashboard's socket that is used here. */
interface Socket {
  connected?: boolean;
  emit(event: 'widget-change', widgetId: string, message: unknown): void;
  on<Arguments extends unknown[]>(event: string, listener: (...given: Arguments) => void): void;
  off<Arguments extends unknown[]>(event: string, listener: (...given: Arguments) => void): void;
}

/** A result that is kept up to date. */
export interface Subscribed<Answer> {
  /** Undefined until the first answer. */
  answer: Answer | undefined;
  /** Why there is no new answer; null without an error. */
  fault: Reason | null;
  /** True while the answer takes so long that the page should show it. */
  isSlow: boolean;
}

/** The connection of a widget in the browser to its node. */
export interface Rpc {
  /** Who the person is: asked for once by the widget, whoever of its components wants to know. */
  readonly me: Subscribed<AnswerOf<'people.me'>>;
  /** Calls a procedure. A large `text` of the input is sent in parts. Rejects with a RefusedCall. */
  call<Name extends ProcedureName>(name: Name, input: InputOf<Name>): Promise<AnswerOf<Name>>;
  /**
   * Keeps the result of a procedure up to date as long as the component is shown. `input` returns null while no result is needed. Call it
   * in setup.
   */
  subscribe<Name extends ProcedureName>(
    name: Name,
    input: () => InputOf<Name> | null,
  ): Subscribed<AnswerOf<Name>>;
  /** Sends a message to the flow through the widget's node. The server ignores messages of viewers. */
  emit(message: { topic?: string; payload: unknown }): void;
  /** Listens to messages that arrive at the widget's node, as long as the component is shown. Call it in setup. */
  onInput(listener: (message: { topic?: unknown; payload?: unknown }) => void): void;
}

type Settle = (message: WidgetMessage) => void;

const KEY = 'tpedm-rpc';
const MAX_ANSWER_MS = 60_000;
const RETRY_MS = 5000;
/** A faster answer shows no progress indicator, ms. */
const PATIENCE_MS = 300;

/** Creates the RPC client of a widget and provides it to the widget's components. Only the widget itself calls it, once, in setup. */
export function provideRpc(widgetId: string): Rpc {
  const connection = createRpc(widgetId);
  const rpc = { ...connection, me: connection.subscribe('people.me', () => ({})) };
  provide(KEY, rpc);
  return rpc;
}

/** The RPC client of the widget that contains the component. Call it in setup. */
export function useRpc(): Rpc {
  return inject<Rpc>(KEY)!;
}

function createRpc(widgetId: string): Omit<Rpc, 'me'> {
  const socket = inject<Socket>('$socket')!;
  const event = eventOf(widgetId);
  const waiting = new Map<number, Settle>();
  const again = new Set<() => void>();
  let number = 0;

  const send = (message: object) => socket.emit('widget-change', widgetId, message);
  const receive = (sent: SentMessage) => {
    const message = unpackMessage(sent);
    if (message.number !== null) waiting.get(message.number)?.(message);
  };
  const subscribeAgain = () => {
    for (const procedure of again) procedure();
  };
  listen(socket, event, receive, subscribeAgain);

  return {
    call(procedure, input) {
      // The socket would keep it, and send it whenever the connection is back: a command that nobody waits for any more.
      if (socket.connected === false)
        return Promise.reject(new RefusedCall({ text: t('notConnected'), cause: null }));
      number += 1;
      const own = number;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(own);
          reject(new RefusedCall({ text: t('noAnswer'), cause: null }));
        }, MAX_ANSWER_MS);
        waiting.set(own, (message) => {
          clearTimeout(timer);
          waiting.delete(own);
          if (message.type === 'refused')
            reject(new RefusedCall({ text: message.message, cause: message.cause }));
          else if (message.type === 'answer') resolve(message.value as never);
        });
        sendInParts(send, own, procedure, input);
      });
    },

    subscribe(procedure, input) {
      const subscribed = reactive({ answer: undefined, fault: null, isSlow: false }) as Subscribed<never>;
      let own: number | null = null;
      let asked: string | undefined;
      let timer: ReturnType<typeof setTimeout> | undefined;
      let patience: ReturnType<typeof setTimeout> | undefined;

      const stop = () => {
        clearTimeout(timer);
        clearTimeout(patience);
        subscribed.isSlow = false;
        if (own === null) return;
        waiting.delete(own);
        send({ type: 'unsubscribe', number: own });
        own = null;
      };
      const settle: Settle = (message) => {
        if (message.type === 'patch') {
          if (subscribed.answer !== undefined) subscribed.answer = patched(subscribed.answer, message.patch);
          return;
        }
        clearTimeout(timer);
        clearTimeout(patience);
        subscribed.isSlow = false;
        if (message.type === 'answer') {
          subscribed.answer = message.value as never;
          subscribed.fault = null;
          return;
        }
        subscribed.fault = { text: message.message, cause: message.cause };
        // FORBIDDEN is final, but other errors may be temporary.
        if (message.code !== 'FORBIDDEN') timer = setTimeout(start, RETRY_MS);
      };
      const start = () => {
        stop();
        const wanted = input();
        asked = JSON.stringify(wanted);
        if (wanted === null) {
          subscribed.answer = undefined;
          subscribed.fault = null;
          return;
        }
        number += 1;
        own = number;
        waiting.set(own, settle);
        patience = setTimeout(() => {
          subscribed.isSlow = true;
        }, PATIENCE_MS);
        send({ type: 'subscribe', number: own, procedure, input: wanted });
      };

      onMounted(() => {
        again.add(start);
        start();
      });
      onBeforeUnmount(() => {
        again.delete(start);
        stop();
      });
      watch(
        () => JSON.stringify(input()),
        (wanted) => {
          // What has changed between setup and the first question is in it.
          if (again.has(start) && wanted !== asked) start();
        },
      );
      return subscribed;
    },

    emit: (message) => send({ type: 'emit', message }),

    onInput(listener) {
      const channel = `msg-input:${widgetId}`;
      onMounted(() => socket.on(channel, listener));
      onBeforeUnmount(() => socket.off(channel, listener));
    },
  };
}

/** Sends a large text in parts, because the server rejects large messages, which would make other people wait. */
function sendInParts(
  send: (message: object) => void,
  number: number,
  procedure: ProcedureName,
  input: unknown,
): void {
  const { text, ...rest } = input as { text?: unknown };
  if (typeof text !== 'string' || text.length <= LARGEST_PART) {
    return send({ type: 'call', number, procedure, input });
  }
  let parts = 0;
  for (let start = 0; start < text.length; start += LARGEST_PART) {
    send({ type: 'part', number, text: text.slice(start, start + LARGEST_PART) });
    parts += 1;
  }
  return send({ type: 'call', number, procedure, input: rest, parts });
}

/** Listens to the socket as long as the widget is shown. */
function listen(
  socket: Socket,
  event: string,
  receive: (sent: SentMessage) => void,
  subscribeAgain: () => void,
): void {
  // The session has ended. After a reload the server shows the login page.
  const refused = (error: Error & { data?: { code?: string } }) => {
    if (error.data?.code === 'UNAUTHORIZED') location.reload();
  };

  onMounted(() => {
    socket.on(event, receive);
    // The node loses its subscriptions when the connection is lost and when flows are deployed.
    socket.on('connect', subscribeAgain);
    socket.on('ui-config', subscribeAgain);
    socket.on('connect_error', refused);
  });
  onBeforeUnmount(() => {
    socket.off(event, receive);
    socket.off('connect', subscribeAgain);
    socket.off('ui-config', subscribeAgain);
    socket.off('connect_error', refused);
  });
}
