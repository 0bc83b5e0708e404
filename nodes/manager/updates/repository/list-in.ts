import { TpeError } from '../../shared/tpe-error.js';
import { repositoryReason } from './repository-reasons.js';

/** A page of a list, and the number of entries in all; null if the answer does not say. */
export interface ListPage {
  list: unknown[];
  total: number | null;
}

/** Returns the list in an answer: `{data: [...]}` or the list itself. Throws UNREADABLE if there is none. */
export function listIn(answer: unknown): ListPage {
  if (Array.isArray(answer)) return { list: answer, total: null };
  const { data, total, count } = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<
    string,
    unknown
  >;
  if (!Array.isArray(data)) throw new TpeError('UNREADABLE', repositoryReason('repository-no-list'));
  const all = [total, count].find((one) => Number.isSafeInteger(one));
  return { list: data, total: typeof all === 'number' ? all : null };
}
