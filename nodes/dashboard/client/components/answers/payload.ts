// Gateways may answer anything, so each value is looked at before it is used.

export type Item = Record<string, unknown>;

/** How many items of a list are shown: more than any gateway has, and few enough for a page. */
const MAX_ITEMS = 200;

/** What an answer is about: its `data`, or itself where it has none. */
export function dataOf(payload: unknown): unknown {
  return isItem(payload) && 'data' in payload ? payload.data : payload;
}

/** The items of an answer that is a list; null where it is none, or has anything else in it. */
export function itemsOf(payload: unknown): Item[] | null {
  const data = dataOf(payload);
  return Array.isArray(data) && data.every(isItem) ? data.slice(0, MAX_ITEMS) : null;
}

/** An object within another; an empty one where there is none. */
export function within(item: Item, name: string): Item {
  const value = item[name];
  return isItem(value) ? value : {};
}

/** A text or a number as text; null for anything else, and for a blank one. */
export function text(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** Texts in a row; null where there are none. */
export function texts(value: unknown, between = ', '): string | null {
  if (!Array.isArray(value)) return null;
  const all = value.slice(0, MAX_ITEMS).flatMap((one) => text(one) ?? []);
  return all.length === 0 ? null : all.join(between);
}

export function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
