import type { Separator } from './csv-records.js';

/** By it spreadsheets know UTF-8, which they would take for an encoding of their own. */
const BYTE_ORDER_MARK = '\ufeff';

/** What has to stand in quotes: what separates, and blanks at an end, which readers take away. */
const QUOTED = /[",;\t|\r\n\u2028\u2029]|^\s|\s$/;

/** Spreadsheets take a cell that begins so for a formula, also in full-width characters; apostrophes may stand before. */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** Whether a spreadsheet would run a cell. */
export function isFormula(text: string): boolean {
  return FORMULA.test(text);
}

/** A cell that no spreadsheet runs: with an apostrophe before what would be a formula. */
export function guardFormula(text: string): string {
  return isFormula(text) ? `'${text}` : text;
}

export interface CsvPart {
  rows: readonly (readonly string[])[];
  /** Stands in the first line; left out: this is not the first part of its file. */
  header?: readonly string[] | undefined;
  /** Where the comma is the decimal sign, spreadsheets want a semicolon. */
  separator?: Separator | undefined;
}

/** A part of a CSV file that spreadsheets open by a click. Cells have to be guarded already. */
export function csvPart({ rows, header, separator = ',' }: CsvPart): string {
  const lines = (header === undefined ? rows : [header, ...rows]).map(
    (cells) => `${line(cells, separator)}\r\n`,
  );
  return (header === undefined ? '' : BYTE_ORDER_MARK) + lines.join('');
}

function line(cells: readonly string[], separator: Separator): string {
  // One empty cell would be an empty line, which is none.
  if (cells.length === 1 && cells[0] === '') return '""';
  return cells.map((cell) => (QUOTED.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(separator);
}
