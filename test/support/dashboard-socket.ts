import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type SentMessage, unpackMessage } from '../../nodes/dashboard/wire/packed-rows.js';
import { eventOf } from '../../nodes/dashboard/wire/widget-event.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';
import type { NodeRedProcess } from './node-red-process.js';

/** A socket of a person who is signed in to the dashboard, without a browser. */
export interface DashboardSocket {
  /** For other requests of the same session. */
  readonly cookie: string;
  ask(widget: string, name: string, input: object): Promise<WidgetMessage>;
  /** The same, with the JSON of an input. */
  askText(widget: string, name: string, input: string): Promise<WidgetMessage>;
  /** Follows it, as a page does that shows it; resolves with the first answer. */
  follow(widget: string, name: string, input: object): Promise<WidgetMessage>;
  /** The answer of one that must be answered. */
  answer<Answer>(widget: string, name: string, input: object): Promise<Answer>;
  /** Resolves when the server has closed it. */
  readonly closed: Promise<unknown>;
  close(): void;
}

/** Signs in at the dashboard; resolves with the answer of the login page. */
export async function logInAtDashboard(
  { url }: Pick<NodeRedProcess, 'url'>,
  user: string,
  password: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; cookie: string }> {
  const answer = await fetch(`${url}/dashboard/login/`, {
    method: 'POST',
    body: new URLSearchParams({ user, password }),
    headers,
    redirect: 'manual',
  });
  return { status: answer.status, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

/** Opens the dashboard's socket with the cookie of a session, as socket.io's own client would. */
export async function openDashboardSocket(
  { url }: Pick<NodeRedProcess, 'url'>,
  cookie: string,
): Promise<DashboardSocket> {
  const socket = new WebSocket(
    `${url.replace('http', 'ws')}/dashboard/socket.io/?EIO=4&transport=websocket`,
    {
      headers: { cookie },
    },
  );
  const waiting = new Map<string, (message: WidgetMessage) => void>();
  let number = 0;
  const ready = new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('the dashboard closed the socket')));
    socket.on('message', (data) => {
      const text = String(data);
      if (text === '2') socket.send('3');
      if (text.startsWith('40')) resolve();
      if (!text.startsWith('42')) return;
      const [event, message] = JSON.parse(text.slice(2)) as [string, SentMessage?];
      if (message) waiting.get(`${event} ${message.number}`)?.(unpackMessage(message));
    });
  });
  const closed = once(socket, 'close');
  await once(socket, 'message');
  socket.send('40');
  await ready;

  const send = (type: string, widget: string, name: string, input: string): Promise<WidgetMessage> => {
    number += 1;
    const own = number;
    return new Promise((resolve) => {
      waiting.set(`${eventOf(widget)} ${own}`, resolve);
      const head = JSON.stringify({ type, number: own, procedure: name }).slice(0, -1);
      socket.send(`42["widget-change",${JSON.stringify(widget)},${head},"input":${input}}]`);
    });
  };
  const askText = (widget: string, name: string, input: string) => send('call', widget, name, input);
  const ask = (widget: string, name: string, input: object) => askText(widget, name, JSON.stringify(input));
  return {
    cookie,
    ask,
    askText,
    follow: (widget, name, input) => send('subscribe', widget, name, JSON.stringify(input)),
    async answer<Answer>(widget: string, name: string, input: object) {
      const message = await ask(widget, name, input);
      if (message.type === 'answer') return message.value as Answer;
      throw new Error(`${name}: ${message.type === 'refused' ? message.message : message.type}`);
    },
    closed,
    close: () => socket.terminate(),
  };
}
