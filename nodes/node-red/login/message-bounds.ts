import { whyTextTooLarge } from '../../manager/shared/json-text-bounds.js';
import { MESSAGE_BOUNDS } from './largest-message.js';
import { refusalOfWidget } from './own-widgets.js';

/** A packet as engine.io has it, before socket.io parses its text. */
export interface TextPacket {
  type: string;
  data?: unknown;
}

/** The connection below a socket. */
export interface PacketSource {
  close(): void;
  on(event: 'packet', listener: (packet: TextPacket) => void): unknown;
}

/** A socket that can be answered, and its connection. */
export interface AnsweredSocket {
  readonly conn: PacketSource;
  emit(event: string, message: unknown): unknown;
}

/** How socket.io writes a change of a widget: `2["widget-change","the id",{...}]`. */
const CHANGE = /^2\["widget-change","([^"\\]{1,100})",/;
const NUMBER = /"number":(\d{1,15})[,}]/;
/** Characters of a change in which its number stands. */
const HEAD_LENGTH = 200;
/** The text of an event that nobody listens to. */
const NOTHING = '2["tpedm-refused"]';

/** The newest socket of each connection: a browser may open several, one after the other. */
const sockets = new WeakMap<PacketSource, AnsweredSocket>();

/**
 * Keeps texts beyond MESSAGE_BOUNDS from being parsed. Our own widgets refuse them in words. For other messages the connection is closed,
 * as socket.io does for one that is longer than LARGEST_MESSAGE.
 */
export function boundMessages(socket: AnsweredSocket): void {
  const { conn } = socket;
  const isKnown = sockets.has(conn);
  sockets.set(conn, socket);
  if (!isKnown) conn.on('packet', (packet) => refuseTooLarge(conn, packet));
}

function refuseTooLarge(conn: PacketSource, packet: TextPacket): void {
  const { data } = packet;
  if (packet.type !== 'message' || typeof data !== 'string') return;
  const [head = '', id = ''] = CHANGE.exec(data) ?? [];
  const why = whyTextTooLarge(data.slice(head.length), MESSAGE_BOUNDS);
  if (why === null) return;
  // What follows in engine.io passes the text on whatever happens here.
  packet.data = NOTHING;
  const refuse = refusalOfWidget(id);
  const socket = sockets.get(conn);
  if (refuse === null || socket === undefined) return conn.close();
  const number = NUMBER.exec(data.slice(head.length, head.length + HEAD_LENGTH))?.[1];
  refuse(socket, number === undefined ? null : Number(number), why);
}
