import type { Operation } from '../manager/catalogue/operation.js';
import { taskOf } from '../manager/catalogue/task-of.js';
import { LANGUAGES } from './words/languages.js';
import { operationWords } from './words/operation-words.js';

/**
 * The operations in which each word of a text occurs: in their task in one of the languages, as lists show it, in name, id, method or path.
 * All languages count, since who looks for something may have its name from a colleague. A blank text finds all.
 */
export function operationsCalled<One extends Pick<Operation, 'id' | 'name' | 'method' | 'path'>>(
  operations: readonly One[],
  text: string,
): One[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter((operation) => {
    const { id, name, method, path } = operation;
    const task = taskOf(operation);
    const own = `${id} ${name} ${method} ${path}`.toLowerCase();
    return LANGUAGES.some((language) => {
      const shown = (operationWords(language).tasks[task] ?? task).toLowerCase();
      return wanted.every((word) => shown.includes(word) || own.includes(word));
    });
  });
}
