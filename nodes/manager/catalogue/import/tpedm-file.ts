import { TpeError } from '../../shared/tpe-error.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { entryOf, type FileEntry, pointer } from './file-entry.js';
import { type Notes, noteUnread } from './note-list.js';
import { readTpedmCommand } from './tpedm-command.js';

/**
 * Reads TPEDM's command.json: `{category: [{name, operation: [{name, command}]}]}`. A wrong entry is refused by itself. `said`
 * gets notes about fields outside of the operations.
 */
export function* readTpedmFile(categories: readonly unknown[], said: Notes): Generator<FileEntry> {
  for (const [index, category] of categories.entries()) {
    const place = pointer('category', index);
    if (!isObject(category) || !Array.isArray(category.operation)) {
      yield refused(place, 'A category must be an object with a name and a list "operation".');
      continue;
    }
    noteUnread(category, ['name', 'operation'], place, said);
    for (const [at, operation] of category.operation.entries()) {
      const here = `${place}${pointer('operation', at)}`;
      if (isObject(operation)) {
        const { name, command } = operation;
        yield entryOf({ place: here, name }, (notes) => {
          noteUnread(operation, ['name', 'command'], here, notes);
          return readTpedmCommand({ category: category.name, name, command }, `${here}/command`, notes);
        });
      } else yield refused(here, 'An operation must be an object with a name and a command.');
    }
  }
}

function refused(place: string, reason: string): FileEntry {
  return entryOf({ place, name: '' }, () => {
    throw new TpeError('INVALID_INPUT', reason);
  });
}
