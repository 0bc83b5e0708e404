import type { Separator } from './csv-records.js';

/** Tells spreadsheets that a file is UTF-8; they would assume an encoding of their own. */
const BYTE_ORDER_MARK = '\ufeff';

/** A cell that needs quotes: one with a separator, or with blanks at an end, which readers remove. */
const QUOTED = /[",;\t|\r\n\u2028\u2029]|^\s|\s$/;

/** A cell that spreadsheets take for a formula, also in full-width characters. Apostrophes may stand before it. */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** Whether a spreadsheet would run a cell as a formula. */
export function isFormula(text: string): boolean {
  return FORMULA.test(text);
}

/** A cell that no spreadsheet runs: a formula gets an apostrophe in front. */
export function guardFormula(text: string): string {
  return isFormula(text) ? `'${text}` : text;
}

export interface CsvPart {
  rows: readonly (readonly string[])[];
  /** The first line; left out if this is not the first part of its file. */
  header?: readonly string[] | undefined;
  /** Separator of cells. Where the comma is the decimal sign, spreadsheets expect a semicolon. */
  separator?: Separator | undefined;
}

/** A part of a CSV file that spreadsheets open by a click. The cells must have been guarded before. */
export function csvPart({ rows, header, separator = ',' }: CsvPart): string {
  const lines = (header === undefined ? rows : [header, ...rows]).map(
    (cells) => `${line(cells, separator)}\r\n`,
  );
  return (header === undefined ? '' : BYTE_ORDER_MARK) + lines.join('');
}

function line(cells: readonly string[], separator: Separator): string {
  // A single empty cell would be an empty line, which readers skip.
  if (cells.length === 1 && cells[0] === '') return '""';
  return cells.map((cell) => (QUOTED.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(separator);
}
