import { inject, onBeforeUnmount, onMounted, provide, reactive, watch } from 'vue';
import { patched } from '../../../api/patch.js';
import type { AnswerOf, AskName, InputOf } from '../../../api/procedures/index.js';
import { LARGEST_PART } from '../../wire/message-sizes.js';
import { eventOf } from '../../wire/widget-event.js';
import type { WidgetMessage } from '../../wire/wire.js';
import { say } from '../i18n/translate.js';

/** What is used here of the dashboard's socket. */
interface Socket {
  emit(event: 'widget-change', widgetId: string, message: unknown): void;
  on<Arguments extends unknown[]>(event: string, listener: (...given: Arguments) => void): void;
  off<Arguments extends unknown[]>(event: string, listener: (...given: Arguments) => void): void;
}

/** An answer that is kept true. */
export interface Followed<Answer> {
  /** Undefined until the first answer. */
  answer: Answer | undefined;
  /** For a person; null while all is well. */
  fault: string | null;
  /** An answer takes long enough to be worth a sign. */
  isSlow: boolean;
}

export interface Asking {
  /** Asks once; a large `text` of the input goes in parts. Rejects with an Error whose message is for a person. */
  ask<Name extends AskName>(name: Name, input: InputOf<Name>): Promise<AnswerOf<Name>>;
  /** Asks, and is told again with each change, as long as the component is shown; null: nothing is wanted now. */
  follow<Name extends AskName>(name: Name, input: () => InputOf<Name> | null): Followed<AnswerOf<Name>>;
  /** Hands something to the flow: the widget's node sends it on. */
  tell(message: { topic?: string; payload: unknown }): void;
  /** Listens to messages that come in at the node. */
  onInput(listener: (message: { topic?: unknown; payload?: unknown }) => void): void;
}

type Settle = (message: WidgetMessage) => void;

const KEY = 'tpedm-asking';
const LONGEST_ANSWER_MS = 60_000;
const RETRY_MS = 5000;
/** An answer that takes no longer shows no sign of being waited for. */
const PATIENCE_MS = 300;

/** Lets the components below a widget ask its node. Called once, by the widget itself. */
export function provideAsking(widgetId: string): Asking {
  const asking = createAsking(widgetId);
  provide(KEY, asking);
  return asking;
}

/** The way to the node of the widget that the component is part of. */
export function useAsking(): Asking {
  return inject<Asking>(KEY)!;
}

function createAsking(widgetId: string): Asking {
  const socket = inject<Socket>('$socket')!;
  const event = eventOf(widgetId);
  const waiting = new Map<number, Settle>();
  const again = new Set<() => void>();
  let number = 0;

  const send = (message: object) => socket.emit('widget-change', widgetId, message);
  const receive = (message: WidgetMessage) => {
    if (message.number !== null) waiting.get(message.number)?.(message);
  };
  const askAgain = () => {
    for (const ask of again) ask();
  };
  listen(socket, event, receive, askAgain);

  return {
    ask(ask, input) {
      number += 1;
      const own = number;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(own);
          reject(new Error(say('noAnswer')));
        }, LONGEST_ANSWER_MS);
        waiting.set(own, (message) => {
          clearTimeout(timer);
          waiting.delete(own);
          if (message.type === 'refused') reject(new Error(message.message));
          else if (message.type === 'answer') resolve(message.value as never);
        });
        sendInParts(send, own, ask, input);
      });
    },

    follow(ask, input) {
      const followed = reactive({ answer: undefined, fault: null, isSlow: false }) as Followed<never>;
      let own: number | null = null;
      let timer: ReturnType<typeof setTimeout> | undefined;
      let patience: ReturnType<typeof setTimeout> | undefined;

      const stop = () => {
        clearTimeout(timer);
        clearTimeout(patience);
        followed.isSlow = false;
        if (own === null) return;
        waiting.delete(own);
        send({ type: 'unfollow', number: own });
        own = null;
      };
      const settle: Settle = (message) => {
        if (message.type === 'patch') {
          if (followed.answer !== undefined) followed.answer = patched(followed.answer, message.patch);
          return;
        }
        clearTimeout(timer);
        clearTimeout(patience);
        followed.isSlow = false;
        if (message.type === 'answer') {
          followed.answer = message.value as never;
          followed.fault = null;
          return;
        }
        followed.fault = message.message;
        // What is not allowed stays so; what is wrong with the server may pass.
        if (message.code !== 'FORBIDDEN') timer = setTimeout(start, RETRY_MS);
      };
      const start = () => {
        stop();
        const wanted = input();
        if (wanted === null) {
          followed.answer = undefined;
          followed.fault = null;
          return;
        }
        number += 1;
        own = number;
        waiting.set(own, settle);
        patience = setTimeout(() => {
          followed.isSlow = true;
        }, PATIENCE_MS);
        send({ type: 'follow', number: own, ask, input: wanted });
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
        () => {
          if (again.has(start)) start();
        },
      );
      return followed;
    },

    tell: (message) => send({ type: 'tell', message }),

    onInput(listener) {
      const channel = `msg-input:${widgetId}`;
      onMounted(() => socket.on(channel, listener));
      onBeforeUnmount(() => socket.off(channel, listener));
    },
  };
}

/** The server takes no message that would keep others waiting. */
function sendInParts(send: (message: object) => void, number: number, ask: AskName, input: unknown): void {
  const { text, ...rest } = input as { text?: unknown };
  if (typeof text !== 'string' || text.length <= LARGEST_PART) {
    return send({ type: 'ask', number, ask, input });
  }
  let parts = 0;
  for (let start = 0; start < text.length; start += LARGEST_PART) {
    send({ type: 'part', number, text: text.slice(start, start + LARGEST_PART) });
    parts += 1;
  }
  return send({ type: 'ask', number, ask, input: rest, parts });
}

/** As long as the widget is shown. */
function listen(
  socket: Socket,
  event: string,
  receive: (message: WidgetMessage) => void,
  askAgain: () => void,
): void {
  // The session is over: the page that the server gives now is the login.
  const refused = (error: Error & { data?: { code?: string } }) => {
    if (error.data?.code === 'UNAUTHORIZED') location.reload();
  };

  onMounted(() => {
    socket.on(event, receive);
    // A connection that was lost, and a deploy: the node knows nothing of who asked before.
    socket.on('connect', askAgain);
    socket.on('ui-config', askAgain);
    socket.on('connect_error', refused);
  });
  onBeforeUnmount(() => {
    socket.off(event, receive);
    socket.off('connect', askAgain);
    socket.off('ui-config', askAgain);
    socket.off('connect_error', refused);
  });
}
