import { parse } from 'yaml';
import { messageOf, TpeError } from '../../tpe-error.js';
import type { ImportFormat } from '../catalogue.js';
import { openApiEntries } from './openapi-file.js';
import { fromTpedmCommand } from './tpedm-command.js';

/** One operation of a file. */
export interface FileEntry {
  /** JSON Pointer in the file. */
  place: string;
  name: string;
  /** What readOperation takes. Throws a TpeError with the reason why it cannot be taken. */
  read(): unknown;
}

const LARGEST = 5 * 1024 * 1024;
const MOST_ENTRIES = 5000;

/**
 * Finds out what a file is, and its entries: TPEDM's command.json, an OpenAPI 3 document as JSON or YAML, or own
 * operations as exported. INVALID_INPUT where it is none of these, or too large.
 */
export function readImportFile(text: string): { format: ImportFormat; entries: FileEntry[] } {
  if (Buffer.byteLength(text) > LARGEST) throw unreadable('it is larger than 5 MB');
  const file = parsed(text);
  const read = entriesOf(file);
  if (read.entries.length > MOST_ENTRIES) throw unreadable(`it has more than ${MOST_ENTRIES} operations`);
  return read;
}

function entriesOf(file: Record<string, unknown>): { format: ImportFormat; entries: FileEntry[] } {
  if (file.format === 'tpe-operations' && Array.isArray(file.operations)) {
    const entries = file.operations.map((operation: unknown, index) => ({
      place: `/operations/${index}`,
      name: nameOf(operation),
      read: () => operation,
    }));
    return { format: 'operations', entries };
  }
  if (Array.isArray(file.category)) return { format: 'tpedm', entries: file.category.flatMap(tpedmEntries) };
  if ('openapi' in file || 'swagger' in file) return { format: 'openapi', entries: openApiEntries(file) };
  throw unreadable(
    'it is neither TPEDM\'s command.json ("category" at its top), nor an OpenAPI 3 document ("openapi"), nor own operations as exported ("format")',
  );
}

function tpedmEntries(given: unknown, at: number): FileEntry[] {
  const { name: category, operation } = (given ?? {}) as { name?: unknown; operation?: unknown };
  if (!Array.isArray(operation)) {
    const refuse = () => {
      throw new TpeError('INVALID_INPUT', 'The category has no list "operation".');
    };
    return [{ place: `/category/${at}`, name: String(category ?? ''), read: refuse }];
  }
  return operation.map((one: unknown, index) => ({
    place: `/category/${at}/operation/${index}`,
    name: nameOf(one),
    read: () =>
      fromTpedmCommand(String(category ?? ''), nameOf(one), (one as { command?: unknown } | null)?.command),
  }));
}

function nameOf(entry: unknown): string {
  const { name } = (entry ?? {}) as { name?: unknown };
  return typeof name === 'string' ? name.slice(0, 200) : '';
}

/** JSON is YAML too, but slower so. Aliases are few: a small file must not become a huge one. */
function parsed(text: string): Record<string, unknown> {
  let file: unknown;
  try {
    file = /^\s*[{[]/.test(text) ? JSON.parse(text) : parse(text, { maxAliasCount: 100, logLevel: 'silent' });
  } catch (error) {
    throw unreadable(`it is neither JSON nor YAML: ${messageOf(error).slice(0, 200)}`);
  }
  if (typeof file === 'object' && file !== null && !Array.isArray(file)) return { ...file };
  throw unreadable('it has no object at its top');
}

function unreadable(why: string): TpeError {
  return new TpeError('INVALID_INPUT', `The file cannot be imported: ${why}.`, { field: 'text' });
}
