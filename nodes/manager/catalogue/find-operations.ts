import type { Operation } from './operation.js';
import words from './words/search-words.json';

/** An operation as it is searched: with its task and category in the reader's language. */
export interface FoundBy extends Pick<Operation, 'id' | 'category' | 'name' | 'method' | 'path'> {
  task: string;
  categoryTitle: string;
  refusedBecause?: string;
}

/** What people call things, in all languages, by the beginning of the paths. Engineers mix languages, so all of them always count. */
const BY_PATH = wordsBy(words.paths);
/** What people mean by a word first of all, by the id of the operation. */
const BY_ID = wordsBy(words.operations);

// How well a word fits. A word of the task itself says more than a name that people have for it, and this more than a part of a path.
const MEANT = 13;
const TASK_WORD = 12;
const TASK_START = 9;
const CALLED_SO = 8;
const TASK_PART = 7;
const CALLED_LIKE = 6;
const ELSEWHERE = 2;
const WRITES = 2;
const REFUSED = -3;

/**
 * Finds the operations in which each word of `search` occurs: in the task, among the names that people have for such things, in category,
 * path, method or TPEDM's name. The best are first; of equally good ones, those that change something, and then in the order of the
 * catalogue. An empty search finds all, in their order.
 */
export function findOperations<One extends FoundBy>(operations: readonly One[], search: string): One[] {
  const wanted = wordsIn(search);
  if (wanted.length === 0) return [...operations];
  const found: { operation: One; score: number; place: number }[] = [];
  for (const [place, operation] of operations.entries()) {
    const score = scoreOf(operation, wanted);
    if (score > 0) found.push({ operation, score, place });
  }
  return found
    .sort((one, other) => other.score - one.score || one.place - other.place)
    .map(({ operation }) => operation);
}

function scoreOf(operation: FoundBy, wanted: readonly string[]): number {
  const task = operation.task.toLowerCase();
  const ownWords = wordsIn(task);
  const meant = BY_ID.get(operation.id) ?? [];
  const called = calledBy(operation.path);
  const { category, categoryTitle, id, name, method, path } = operation;
  const rest = `${category} ${categoryTitle} ${name} ${method} ${path} ${id}`.toLowerCase();
  let score = 0;
  for (const word of wanted) {
    const fit = meant.includes(word) ? MEANT : fitOf(word, task, ownWords, called, rest);
    if (fit === 0) return 0;
    score += fit;
  }
  // What somebody searches by a name is more often to be set than to be read.
  if (method !== 'GET') score += WRITES;
  if (operation.refusedBecause !== undefined) score += REFUSED;
  return Math.max(1, score);
}

function fitOf(
  word: string,
  task: string,
  ownWords: readonly string[],
  called: readonly string[],
  rest: string,
): number {
  if (ownWords.includes(word)) return TASK_WORD;
  if (ownWords.some((own) => own.startsWith(word))) return TASK_START;
  // A single letter is in everything.
  const isLong = word.length > 1 || word > 'z';
  const part = isLong && task.includes(word) ? TASK_PART : 0;
  if (called.includes(word)) return Math.max(part, CALLED_SO);
  if (part > 0) return part;
  if (called.some((name) => name.startsWith(word))) return CALLED_LIKE;
  return rest.includes(word) ? ELSEWHERE : 0;
}

/** The names for a path and for all above it. */
function calledBy(path: string): string[] {
  const levels = path.split('/');
  return levels.flatMap((_, count) => BY_PATH.get(levels.slice(0, count + 1).join('/')) ?? []);
}

function wordsBy(texts: Record<string, string>): Map<string, string[]> {
  return new Map(Object.entries(texts).map(([key, text]) => [key, text.split(' ')]));
}

function wordsIn(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s,;:()（）、・]+/)
    .filter(Boolean);
}
