/** A page of a list, and the number of entries in all; null if the answer does not say. */
export interface ListPage {
  list: unknown[];
  total: number | null;
}

/** Returns the list in an answer: `{data: [...]}` or the list itself. Throws an Error in words if there is none. */
export function listIn(answer: unknown): ListPage {
  if (Array.isArray(answer)) return { list: answer, total: null };
  const { data, total, count } = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<
    string,
    unknown
  >;
  if (!Array.isArray(data)) throw new Error('it has no list "data" of packages');
  const all = [total, count].find((one) => Number.isSafeInteger(one));
  return { list: data, total: typeof all === 'number' ? all : null };
}
