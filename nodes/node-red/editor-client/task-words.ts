import { chosenLanguage } from '../../api/words/languages.ts';
import type { OperationWords } from '../../api/words/operation-words.ts';
import { taskOf } from '../../manager/catalogue/task-of.ts';
import { call } from './calls.ts';

type Words = Pick<OperationWords, 'categories' | 'tasks'>;

/** What operations are called in the language of the editor; English until they have come. */
let known: Words = { categories: {}, tasks: {} };

/** Asks for the words. Rejects never: without them the words are English. `server` is the id of a tpe-server. */
export async function loadTaskWords(server: string): Promise<void> {
  const language = chosenLanguage([RED.i18n.lang()]);
  if (language === 'en-US') return;
  const asked = call<Words>('tpe/operation-words', { server, language, part: 'tasks' });
  known = await asked.catch(() => known);
}

/** What an operation does, in the language of the editor. */
export function task(operation: { id: string; name: string }): string {
  return said(known.tasks, taskOf(operation));
}

/** A category in the language of the editor. */
export function categoryTitle(category: string): string {
  return said(known.categories, category);
}

function said(words: Readonly<Record<string, string>>, text: string): string {
  return Object.hasOwn(words, text) ? words[text]! : text;
}
