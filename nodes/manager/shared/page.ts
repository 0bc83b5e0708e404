/** A page of a list, in the order of the list. */
export interface Page<Item> {
  items: Item[];
  /** Cursor to ask for the next page; null if there is none. */
  next: string | null;
}

/** JSON Schema of the cursor: `next` of the page before, or left out for the first page. */
export const CURSOR = {
  type: 'string',
  maxLength: 2000,
  description: '`next` of the page before.',
} as const;

/** The same for a list from the newest record to the oldest, whose cursor is the id of the last record on the page before. */
export const ID_CURSOR = { type: 'string', pattern: '^[0-9]{1,19}$' } as const;

/** A page of such a list. A page of fewer than `limit` records is the last one. */
export function pageById<Item>(items: Item[], limit: number, idOf: (item: Item) => string): Page<Item> {
  const last = items.length < limit ? undefined : items.at(-1);
  return { items, next: last === undefined ? null : idOf(last) };
}
