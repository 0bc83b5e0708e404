import type { WidgetMessage } from './wire.js';

// A page of a list repeats the names of its fields in each row, which is a third of what a page of gateways weighs. By the socket they are
// sent once. `items` of an answer are then rows of values in the order of `names`.

interface PackedRows {
  names: string[];
  /** What a row does not have is null; so no row of these has a field that is null. */
  rows: unknown[][];
}

/** A message as it goes by the socket. */
export type SentMessage = WidgetMessage | { type: 'rows'; number: number; value: object; packed: PackedRows };

/** Fewer rows are sent as they are. */
const LEAST_ROWS = 8;
const MOST_NAMES = 64;

/** The message as it is sent: the rows of a page with the names of their fields once, if that loses nothing. */
export function packMessage(message: WidgetMessage): SentMessage {
  if (message.type !== 'answer' || !isPage(message.value)) return message;
  const { items, ...others } = message.value;
  const packed = packRows(items);
  return packed === null ? message : { type: 'rows', number: message.number, value: others, packed };
}

/** The message that was sent so. */
export function unpackMessage(sent: SentMessage): WidgetMessage {
  if (sent.type !== 'rows') return sent;
  const { number, value, packed } = sent;
  return { type: 'answer', number, value: { ...value, items: unpackRows(packed) } };
}

function packRows(items: readonly unknown[]): PackedRows | null {
  if (items.length < LEAST_ROWS || !items.every(isRow)) return null;
  const names = [...new Set(items.flatMap((item) => Object.keys(item)))];
  if (names.length > MOST_NAMES) return null;
  return {
    names,
    rows: items.map((item) => names.map((name) => (Object.hasOwn(item, name) ? item[name] : null))),
  };
}

function unpackRows({ names, rows }: PackedRows): object[] {
  return rows.map((row) =>
    Object.fromEntries(names.flatMap((name, place) => (row[place] === null ? [] : [[name, row[place]]]))),
  );
}

function isPage(value: unknown): value is { items: unknown[] } {
  return typeof value === 'object' && value !== null && Array.isArray((value as { items?: unknown }).items);
}

/** An object whose fields all have a value: null could not be told from what is left out. */
function isRow(item: unknown): item is Record<string, unknown> {
  return (
    typeof item === 'object' &&
    item !== null &&
    Object.getPrototypeOf(item) === Object.prototype &&
    Object.values(item).every((value) => value !== null && value !== undefined)
  );
}
