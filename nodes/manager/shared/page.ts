/** A page of a list, in the order of the list. */
export interface Page<Item> {
  items: Item[];
  /** The cursor that the next page is asked for with; null: there is none. */
  next: string | null;
}

/** `next` of the page before, as JSON Schema; left out: the first page. */
export const CURSOR = {
  type: 'string',
  maxLength: 2000,
  description: '`next` of the page before.',
} as const;

/** The same for a list that goes from the newest record to the oldest: the id of the last one before. */
export const ID_CURSOR = { type: 'string', pattern: '^[0-9]{1,19}$' } as const;

/** A page of such a list; with `limit` records there may be another one behind it. */
export function pageById<Item>(items: Item[], limit: number, idOf: (item: Item) => string): Page<Item> {
  const last = items.length < limit ? undefined : items.at(-1);
  return { items, next: last === undefined ? null : idOf(last) };
}
