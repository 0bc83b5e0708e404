import { guardFormula, isFormula } from '../../shared/files/csv-writer.js';
import { printable } from '../../shared/printable.js';
import type { Reason } from '../../shared/reason.js';
import { cellReason } from './cell-reasons.js';
import { cleaned, NAMES, ODD_SPACES, UNSEEN } from './clean-text.js';
import type { ImportColumn } from './file-columns.js';
import { switchIn } from './switch-text.js';
import { membersOf, TAGS_SEPARATOR, tagsIn } from './tags-text.js';

/** What is reported once for all cells of a file, with their number. */
export type Counted = 'guarded' | 'nothing' | 'disabled';

/** What a cell of a file means. */
export interface ReadCell {
  /** Null if the cell counts as empty. */
  value: string | string[] | boolean | null;
  /** What was changed or looks wrong. */
  notes: Reason[];
  /** Why the value cannot be used; null if it can. */
  fault: Reason | null;
  /** What to count: an apostrophe in front that was removed, a word such as NULL that stands for no value, a gateway that is disabled. */
  counted: Counted | null;
}

/** `="0012345"`, by which people keep a spreadsheet from changing digits. */
const TEXT_FORMULA = /^=\s*(?:"((?:[^"]|"")*)"|[\u201c\u201d\u201e]([^\u201c-\u201e]*)[\u201c\u201d])\s*$/;
const ERROR_VALUE =
  /^(?:#(?:N\/[AD]|NV|[A-Z\u00c0-\u00dc]+(?:\/0)?[!?]|DIV\/0!|\u00dcBERLAUF!|SPILL!|CALC!|GETTING_DATA)|#{4,}|Err:\d{3}|#ERROR!)$/i;
/** What PowerShell and JavaScript write into a cell instead of a list or an object. */
const STAND_IN = /^(?:System\.[\w.]+(?:\[\]|`\d.*)?|\[object \w+\])$/;
/** What databases and programs write for an empty value. */
const NOTHING =
  /^(?:\\N|NULL|null|\((?:NULL|null)\)|<(?:NULL|null)>|\[NULL\]|None|NaN|nan|<NA>|NaT|undefined)$/;
const SHORTENED = /^[+-]?\d(?:[.,]\d+)?E\+\d{2,3}$/i;

/** Reads a cell. An apostrophe in front is removed if export would have written it, and then the rest is taken as it is. */
export function readCell(column: ImportColumn, cell: string): ReadCell {
  if (NOTHING.test(cell.trim())) return nothingIn(column, cell);
  if (column === 'enabled') return readEnabled(cell);
  // Export writes no passwords, so an apostrophe in front belongs to the password. Notes and faults must not contain the password.
  if (column === 'password')
    return { value: cell, notes: notesOfPassword(cell), fault: faultOfPassword(cell), counted: null };
  const bare = cell.startsWith("'") && needsGuard(column, cell.slice(1)) ? cell.slice(1) : null;
  if (bare !== null) {
    const value = column === 'tags' ? bare.split(TAGS_SEPARATOR) : bare;
    return { value, notes: [], fault: null, counted: 'guarded' };
  }
  const formula = TEXT_FORMULA.exec(cell);
  if (formula !== null) {
    const inner = formula[1]?.replaceAll('""', '"') ?? formula[2] ?? '';
    const { value, fault } = readPlain(column, inner);
    return { value, fault, notes: [told(column, cell, value)], counted: null };
  }
  const read = readPlain(column, cell);
  return { ...read, counted: null };
}

/** Reads a word such as NULL. As a client id it is a fault, unless an apostrophe in front says that the gateway really has that name. */
function nothingIn(column: ImportColumn, cell: string): ReadCell {
  if (column !== 'clientid') return { value: null, notes: [], fault: null, counted: 'nothing' };
  const fault = cellReason('cell-nothing', { column, given: shown(cell) });
  return { value: cell, notes: [], fault, counted: null };
}

function readEnabled(cell: string): ReadCell {
  const value = switchIn(TEXT_FORMULA.exec(cell)?.[1] ?? cell);
  if (value !== null) return { value, notes: [], fault: null, counted: value ? null : 'disabled' };
  const fault = cellReason('cell-no-switch', { column: 'enabled', given: shown(cell) });
  return { value: cell, notes: [], fault, counted: null };
}

interface PlainCell {
  value: string | string[];
  notes: Reason[];
  fault: Reason | null;
}

function readPlain(column: ImportColumn, cell: string): PlainCell {
  const fault = faultOf(column, cell);
  if (fault !== null) return { value: cell, notes: [], fault };
  const text = cleaned(column, cell);
  if (column !== 'tags') return { value: text, notes: notesOf(column, cell, text), fault: null };
  const tags = membersOf(text) ?? tagsIn(text);
  // The separator of tags is the semicolon. If tags were split at anything else, a note says so.
  const isPlain =
    tags.join() ===
      text
        .split(TAGS_SEPARATOR)
        .map((tag) => tag.trim())
        .filter(Boolean)
        .join() && text === cell;
  return { value: tags, notes: isPlain ? [] : [told(column, cell, tags)], fault: null };
}

function notesOf(column: ImportColumn, cell: string, text: string): Reason[] {
  const notes: Reason[] = [];
  // This difference is invisible, so showing both texts would not explain it.
  if (text !== cell && text === cell.normalize('NFC')) {
    notes.push(cellReason('cell-in-nfc', { column, given: shown(cell) }));
  } else if (text !== cell) notes.push(told(column, cell, text));
  for (const code of oddities(column, text)) notes.push(cellReason(code, { column, given: shown(text) }));
  return notes;
}

/** What looks wrong in a text that is taken: the codes of the notes about it. */
function* oddities(column: ImportColumn, text: string) {
  if (column === 'clientid' && LOOKS_MADE.test(text)) yield 'cell-made-by-spreadsheet';
  if (column === 'clientid' && /[;|]/.test(text)) yield 'cell-with-separator';
  if (MISREAD.test(text)) yield 'cell-misread';
  if (NAMES.includes(column) && text.startsWith("'")) yield 'cell-apostrophe';
}

/** What spreadsheets make of client ids: `01-Mar`, `2026-03-01`, `TRUE`, `12345.0`, and long numbers that keep fifteen digits. */
const LOOKS_MADE =
  /^(?:\d{1,2}[-. ](?:Jan|Feb|Mar|Mrz|M\u00e4r|Apr|May|Mai|Jun|Jul|Aug|Sep|Oct|Okt|Nov|Dec|Dez)[a-z]*\.?(?:[- ]\d{2,4})?|(?:Jan|Feb|Mar|Mrz|Apr|May|Mai|Jun|Jul|Aug|Sep|Oct|Okt|Nov|Dec|Dez)-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{2}-\d{2}(?:[ T]00:00:00)?|\d{1,2}\u6708\d{1,2}\u65e5|TRUE|FALSE|WAHR|FALSCH|\d+\.0|\d{14,}0{2,})$/;
/** UTF-8 that was read as another encoding, so that each byte became a character: `M\u00c3\u00bcnchen`. */
const MISREAD =
  /[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u2013\u2014\u2018-\u201e\u20ac\u2122]|\u00e2\u20ac[\u0090-\u2122]/;

function faultOf(column: ImportColumn, cell: string): Reason | null {
  const code = codeOfFault(cell);
  return code && cellReason(code, { column, given: shown(cell) });
}

function codeOfFault(cell: string) {
  const text = cell.trim();
  if (text.startsWith('=')) return 'cell-formula';
  if (ERROR_VALUE.test(text)) return 'cell-error-value';
  if (STAND_IN.test(text)) return 'cell-stand-in';
  if (SHORTENED.test(text)) return 'cell-shortened';
  // If the file came as text, the program that read it may have lost the character.
  return cell.includes('\ufffd') ? 'cell-lost-character' : null;
}

/** True if a spreadsheet or program wrote the text in place of a value, so that it cannot be a name. */
export function isOfSpreadsheet(text: string): boolean {
  const bare = text.trim();
  return [TEXT_FORMULA, ERROR_VALUE, STAND_IN, SHORTENED].some((pattern) => pattern.test(bare));
}

/** Says what looks wrong in a name that is taken exactly as it is given. */
export function nameNotes(column: 'clientid' | 'username', text: string): Reason[] {
  if (NOTHING.test(text)) return [cellReason('name-nothing', { column, given: shown(text) })];
  if (cleaned(column, text) === text) return notesOf(column, text, text);
  return [cellReason('name-unclean', { column, given: shown(text) })];
}

function notesOfPassword(cell: string): Reason[] {
  if (cell.startsWith("'")) return [cellReason('password-apostrophe')];
  if (cell.replace(UNSEEN, '').replace(ODD_SPACES, ' ').trim() === cell) return [];
  return [cellReason('password-unclean')];
}

function faultOfPassword(cell: string): Reason | null {
  const text = cell.trim();
  if (ERROR_VALUE.test(text)) return cellReason('password-error-value');
  if (SHORTENED.test(text)) return cellReason('password-shortened');
  if (TEXT_FORMULA.test(text)) return cellReason('password-formula');
  return cell.includes('\ufffd') ? cellReason('password-lost-character', { column: 'password' }) : null;
}

function told(column: ImportColumn, given: string, read: string | string[]): Reason {
  const shownValue = typeof read === 'string' ? shown(read) : read.map(shown).join(' + ');
  const value = shownValue === '' ? cellReason('no-value') : shownValue;
  return cellReason('cell-read-as', { column, given: shown(given), value });
}

/** The most characters of a value in a note or fault. */
const MAX_SHOWN = 120;

/** Quotes a value as it stands in the file, with invisible characters written as their codes. */
function shown(text: string): string {
  return `"${printable(text, MAX_SHOWN)}"`;
}

/** What spreadsheets change when they open a file: `0012345`, `1E5`, `MAR-1`, `1/2`, `true`. */
const ALTERED =
  /^(?:[+-]?0\d+(?:[.,]\d+)?|[+-]?\d{12,}|[+-]?\d+(?:[.,]\d+)?E[+-]?\d+|\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?|\d{1,2}:\d{2}(?::\d{2})?|(?:\d{1,4}[-/. ]*)?(?:jan|feb|mar|mrz|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*\.?[-/. ]*\d{0,4}|true|false|wahr|falsch)$/i;

/**
 * True if import or a spreadsheet would change the text without an apostrophe in front (the guard). If so, the same text with apostrophes
 * in front needs a guard too, or import would remove the first of them. A single apostrophe may be a quote (`'a'`), two are not.
 */
function needsGuard(column: ImportColumn, text: string): boolean {
  const bare = text.replace(/^'+/, '');
  const forms = text.startsWith("'") ? [text, `'${bare}`, bare] : [text];
  return (
    isFormula(text) ||
    ALTERED.test(bare) ||
    NOTHING.test(bare.trim()) ||
    forms.some((form) => isReadOtherwise(column, form))
  );
}

function isReadOtherwise(column: ImportColumn, text: string): boolean {
  const { value, fault } = readPlain(column, text);
  if (fault !== null) return true;
  return column === 'tags' ? (value as string[]).join(TAGS_SEPARATOR) !== text : value !== text;
}

/** Writes a value as a cell that readCell reads as the same value, and that spreadsheets neither change nor run. */
export function writeCell(column: ImportColumn, value: string | readonly string[] | boolean): string {
  if (typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : value.join(TAGS_SEPARATOR);
  if (column === 'password') return text;
  return needsGuard(column, text) ? `'${text}` : guardFormula(text);
}
