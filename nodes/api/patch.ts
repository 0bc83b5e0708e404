/** The part of a page of items that has changed since the page was sent. */
export interface Patch {
  /** Name of the property that identifies an item. */
  key: string;
  /** These replace the items of the page that have the same key. */
  items: readonly object[];
  /** Changed properties of the answer other than `items`. */
  fields: object;
}

/** The part of an answer that patches need. */
interface Page {
  items: readonly object[];
}

/** Returns a copy of `answer` with the patch applied. Items of the patch that are not on the page are ignored. */
export function patched<Answer>(answer: Answer, { key, items, fields }: Patch): Answer {
  const changed = new Map(items.map((item) => [keyOf(item, key), item]));
  const { items: old } = answer as Page;
  return { ...answer, ...fields, items: old.map((item) => changed.get(keyOf(item, key)) ?? item) };
}

/** Returns the patch without the items and fields that are the same in `answer`; null if nothing is left. */
export function newIn(answer: unknown, { key, items, fields }: Patch): Patch | null {
  const old = new Map((answer as Page).items.map((item) => [keyOf(item, key), item]));
  const changed = items.filter((item) => !isSame(old.get(keyOf(item, key)), item));
  const others = Object.entries(fields).filter(
    ([name, value]) => !isSame((answer as Record<string, unknown>)[name], value),
  );
  if (changed.length === 0 && others.length === 0) return null;
  return { key, items: changed, fields: Object.fromEntries(others) };
}

function keyOf(item: object, key: string): unknown {
  return (item as Record<string, unknown>)[key];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
