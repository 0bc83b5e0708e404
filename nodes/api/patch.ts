/** What is new in an answer that is a page of items. */
export interface Patch {
  /** The property that names an item. */
  key: string;
  /** In place of those with the same key. */
  items: readonly object[];
  /** Of the answer beside its items. */
  fields: object;
}

/** An answer that can be patched. */
interface Page {
  items: readonly object[];
}

/** The answer with what is new in it. */
export function patched<Answer>(answer: Answer, { key, items, fields }: Patch): Answer {
  const changed = new Map(items.map((item) => [keyOf(item, key), item]));
  const { items: old } = answer as Page;
  return { ...answer, ...fields, items: old.map((item) => changed.get(keyOf(item, key)) ?? item) };
}

/** The patch without what the answer says already; null where nothing is left. */
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
