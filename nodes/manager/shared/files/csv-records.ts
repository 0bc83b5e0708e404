import type { Reason } from '../reason.js';
import { yieldToEventLoop } from '../yield-to-event-loop.js';
import { fileReason } from './file-reasons.js';

/** One row of a CSV file. */
export interface CsvRecord {
  /** Line on which the row begins; the first one is 1. */
  line: number;
  cells: string[];
  /** How many cells had spaces around them, outside of quotes, which were removed. */
  trimmed: number;
}

/** A file that is no CSV. The reason says nothing of the file's content, which may have passwords. */
export class CsvFault extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.text);
    this.reason = reason;
  }
}

export const SEPARATORS = [',', ';', '\t', '|'] as const;
export type Separator = (typeof SEPARATORS)[number];

/** Most characters of a row. Without a bound, a quote that is not closed would make one row of the whole file. */
const MAX_CHARACTERS = 30_000;
const LINE_END = /\r\n|[\n\r]/g;
/** Empty lines that are skipped at once. */
const EMPTY_AT_ONCE = 20_000;

/** The rows from `begin` on, without empty lines. Yields to the event loop in between. Throws CsvFault. */
export async function* csvRecords(
  text: string,
  separator: Separator,
  { begin = 0, line = 1 } = {},
): AsyncGenerator<CsvRecord> {
  let place = begin;
  let at = line;
  while (place < text.length) {
    await yieldToEventLoop();
    const empty = emptyLines(text, place);
    if (empty.end > place) {
      at += empty.lines;
      place = empty.end;
      continue;
    }
    const { record, end } = recordAt(text, place, separator, at);
    at += linesIn(text, place, end);
    place = end;
    yield record;
  }
}

/** The row that begins at a place, and where the next one begins. Throws CsvFault. */
export function recordAt(
  text: string,
  begin: number,
  separator: Separator,
  line: number,
): { record: CsvRecord; end: number } {
  const cells: string[] = [];
  let trimmed = 0;
  let place = begin;
  for (;;) {
    const cell = cellAt(text, place, separator, line);
    cells.push(cell.text);
    if (cell.isTrimmed) trimmed += 1;
    place = cell.end;
    if (place - begin > MAX_CHARACTERS) throw tooLong(line);
    if (text[place] === separator) place += 1;
    else return { record: { line, cells, trimmed }, end: place + lineEndAt(text, place) };
  }
}

interface Cell {
  text: string;
  isTrimmed: boolean;
  /** Index of the separator, of the line end, or of the end of the text. */
  end: number;
}

function cellAt(text: string, begin: number, separator: Separator, line: number): Cell {
  const first = behindBlanks(text, begin, separator);
  if (text[first] === '"') return quotedCell(text, first, separator, line);
  // People write ="0012345" so that a spreadsheet does not take the text for a number.
  if (text.startsWith('="', first)) {
    const cell = quotedCell(text, first + 1, separator, line);
    return { ...cell, text: `="${cell.text.replaceAll('"', '""')}"` };
  }
  let end = first;
  while (end < text.length && !isEnd(text, end, separator)) {
    if (text[end] === '"') throw new CsvFault(fileReason('csv-quote-within', { line }));
    end += 1;
    if (end - first > MAX_CHARACTERS) throw tooLong(line);
  }
  const whole = text.slice(begin, end);
  const bare = withoutBlanks(whole);
  return { text: bare, isTrimmed: bare !== '' && bare !== whole, end };
}

/** A pattern would not do: for blanks at the end, it takes quadratic time. */
function withoutBlanks(text: string): string {
  let begin = 0;
  let end = text.length;
  while (isBlank(text[begin])) begin += 1;
  while (end > begin && isBlank(text[end - 1])) end -= 1;
  return text.slice(begin, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function quotedCell(text: string, open: number, separator: Separator, line: number): Cell {
  const parts: string[] = [];
  let place = open + 1;
  for (;;) {
    const quote = text.indexOf('"', place);
    if (quote === -1 || quote - open > MAX_CHARACTERS)
      throw new CsvFault(fileReason('csv-quote-not-closed', { line }));
    parts.push(text.slice(place, quote));
    place = quote + 1;
    if (text[place] !== '"') break;
    parts.push('"');
    place += 1;
  }
  const end = behindBlanks(text, place, separator);
  if (end < text.length && !isEnd(text, end, separator))
    throw new CsvFault(fileReason('csv-behind-quote', { line }));
  return { text: parts.join(''), isTrimmed: false, end };
}

function behindBlanks(text: string, begin: number, separator: Separator): number {
  let place = begin;
  while (isBlank(text[place]) && text[place] !== separator) place += 1;
  return place;
}

function isEnd(text: string, place: number, separator: Separator): boolean {
  return text[place] === separator || lineEndAt(text, place) > 0;
}

/** The length of the line end at a place; 0 if there is none. */
function lineEndAt(text: string, place: number): number {
  const code = text.charCodeAt(place);
  if (code === 13) return text.charCodeAt(place + 1) === 10 ? 2 : 1;
  return code === 10 ? 1 : 0;
}

function emptyLines(text: string, begin: number): { end: number; lines: number } {
  let end = begin;
  let lines = 0;
  while (lines < EMPTY_AT_ONCE) {
    const length = lineEndAt(text, end);
    if (length === 0) break;
    end += length;
    lines += 1;
  }
  return { end, lines };
}

function linesIn(text: string, begin: number, end: number): number {
  return text.slice(begin, end).match(LINE_END)?.length ?? 0;
}

function tooLong(line: number): CsvFault {
  return new CsvFault(fileReason('csv-row-too-long', { most: MAX_CHARACTERS, line }));
}
