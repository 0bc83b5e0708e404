import { isJsonObject } from '../../../manager/shared/json-object.js';
import { levelsOf } from '../../../manager/shared/json-pointer.js';
import { isSecretName } from '../../../manager/shared/secret-names.js';

// A field of a job's command in which its gateways differ has one body for all, with a placeholder that a CSV file fills for each.

/** The name of the file that is made of present values. */
export const OWN_FILE = 'own-values.csv';

/** A field that each gateway fills from a column. */
export interface OwnField {
  /** JSON Pointer within the body. */
  path: string;
  column: string;
}

const WHOLE = /^\{\{value\.([^:{}]+)(?::\w+)?\}\}$/;
const ANY = /\{\{\s*value\.([^:{}]+?)\s*(?::\s*\w+\s*)?\}\}/g;

/** The placeholder for a field in which gateways differ; null where no cell of a file can have its values, or should not. */
export function placeholderFor(
  path: string,
  values: readonly unknown[],
  taken: readonly string[],
): string | null {
  const known = values.filter((value) => value !== undefined && value !== null);
  const [type = '', ...others] = new Set(known.map((value) => typeof value));
  const levels = levelsOf(path);
  if (others.length > 0 || !['string', 'number', 'boolean'].includes(type) || levels.some(isSecretName))
    return null;
  const name = levels.filter((level) => !/^\d+$/.test(level)).at(-1) ?? '';
  // No two columns of a file have one name, and `clientid` says whose row it is.
  const base = name.replace(/[^\w-]+/g, '_') || 'value';
  const used = new Set([...taken, 'clientid'].map((one) => one.toLowerCase()));
  let column = base;
  for (let number = 2; used.has(column.toLowerCase()); number += 1) column = `${base}-${number}`;
  return `{{value.${column}${type === 'string' ? '' : `:${type}`}}}`;
}

/** The columns that the placeholders of a body need, each once. */
export function columnsNeeded(body: unknown): string[] {
  if (typeof body === 'string') return [...new Set([...body.matchAll(ANY)].map(([, name = '']) => name))];
  if (typeof body !== 'object' || body === null) return [];
  return [...new Set(Object.values(body).flatMap(columnsNeeded))];
}

/** The fields of a body that are filled from a column, among those in which gateways differ. */
export function ownFields(body: unknown, paths: readonly string[]): OwnField[] {
  return paths.flatMap((path) => {
    const [, column] = WHOLE.exec(String(valueAt(body, path) ?? '')) ?? [];
    return column === undefined ? [] : [{ path, column }];
  });
}

/** A CSV file with the present values of these fields, one gateway a line. */
export function csvOfPresent(
  present: ReadonlyMap<string, unknown>,
  fields: readonly OwnField[],
  separator: ',' | ';',
): string {
  const head = ['clientid', ...fields.map(({ column }) => column)];
  const rows = [...present].map(([clientid, body]) => [
    clientid,
    ...fields.map(({ path }) => String(valueAt(body, path) ?? '')),
  ]);
  return [head, ...rows].map((cells) => `${cells.map(quoted).join(separator)}\r\n`).join('');
}

function valueAt(body: unknown, path: string): unknown {
  return levelsOf(path).reduce<unknown>((at, name) => (isJsonObject(at) ? at[name] : undefined), body);
}

function quoted(cell: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
