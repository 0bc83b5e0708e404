import type { Device, Registration } from './device.js';

/** What import takes. */
export const IMPORT_COLUMNS = [
  'clientid',
  'username',
  'password',
  'site',
  'note',
  'tags',
] as const satisfies readonly (keyof Registration)[];

/** What export writes: what import takes again, but no secrets, and what is known beside; import passes that over. */
export const EXPORT_COLUMNS = [
  'clientid',
  'username',
  'site',
  'note',
  'tags',
  'enabled',
  'status',
  'since',
  'reason',
  'source',
  'warning',
  'refusedLogin',
  'ipAddress',
  'hostName',
  'modelName',
  'serialNumber',
  'tpeVersion',
  'firmwareVersion',
  'biosVersion',
  'description',
  'createdAt',
  'profileUpdatedAt',
] as const satisfies readonly (keyof Device)[];

/** Stands between tags in one cell. */
export const TAGS_SEPARATOR = ';';

/** Spreadsheets take a cell that begins so for a formula, also in full-width characters; apostrophes may stand before. */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** A cell that no spreadsheet runs: with an apostrophe before what would be a formula. */
export function guardCell(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text that guardCell was given. */
export function unguardCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}
