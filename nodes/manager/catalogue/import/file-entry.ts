import { escaped } from '../../shared/json-pointer.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import type { Operation } from '../operation.js';
import type { ImportNote } from './import-note.js';
import type { FilePlace } from './import-report.js';
import { createNotes, type Notes, shown } from './note-list.js';

/** An entry of an imported file, with the operation that was read from it, or the reason why it was refused. */
export type FileEntry = FilePlace & ({ operation: Operation; notes: ImportNote[] } | { reason: string });

/** The JSON Pointer of these levels; names are escaped. */
export function pointer(...levels: (string | number)[]): string {
  return levels.map((level) => `/${escaped(String(level))}`).join('');
}

/**
 * Reads one entry. If `read` throws a TpeError, the entry is refused with its message; all other errors are thrown on. `read`
 * adds to the notes what of the entry is not kept.
 */
export function entryOf(
  { place, name, ...asked }: Omit<FilePlace, 'name'> & { name: unknown },
  read: (notes: Notes) => Operation,
): FileEntry {
  const at: FilePlace = { place: shown(place, 300), name: shown(typeof name === 'string' ? name : '', 100) };
  if (asked.method !== undefined) at.method = shown(asked.method, 20);
  if (asked.path !== undefined) at.path = shown(asked.path, 300);
  const notes = createNotes();
  try {
    const operation = read(notes);
    return { ...at, operation, notes: notes.list() };
  } catch (error) {
    if (!(error instanceof TpeError)) throw error;
    return { ...at, reason: messageOf(error) };
  }
}
