import { recordAt, SEPARATORS, type Separator } from './csv-records.js';

/** Rows among which the header is looked for. */
const MOST_ROWS = 30;
/** The characters of a file that are read to find its separator. */
const MAX_CHARACTERS = 64 * 1024;

export interface ToldSeparator {
  /** Null if the file does not state it. */
  separator: Separator | null;
  /** The offset and the line at which the rows begin. */
  begin: number;
  line: number;
}

/** Counts the known columns of a row; 0 if it is not the header. */
export type CountColumns = (cells: readonly string[]) => number;

/** Reads the separator from a first line such as `sep=;`, which some programs write for Excel. */
export function toldSeparator(text: string): ToldSeparator {
  const found = /^\s*"?sep=([,;\t|])"?[,;\t |]*(?:\r\n|[\n\r]|$)/i.exec(text);
  if (found === null) return { separator: null, begin: 0, line: 1 };
  const lines = found[0].match(/\r\n|[\n\r]/g)?.length ?? 0;
  return { separator: found[1] as Separator, begin: found[0].length, line: 1 + lines };
}

/** Finds the separator: the one that the file states if it then has a header, otherwise the one that gives the most known columns. */
export function separatorOf(
  text: string,
  { separator: told, begin }: ToldSeparator,
  count: CountColumns,
): Separator {
  if (told !== null && scoreOf(text, told, begin, count) > 0) return told;
  let best: { separator: Separator; score: number } = { separator: told ?? ',', score: 0 };
  for (const separator of SEPARATORS) {
    const score = scoreOf(text, separator, begin, count);
    if (score > best.score) best = { separator, score };
  }
  return best.separator;
}

/** Counts the known columns that the header has with this separator; 0 if there is no header among the first rows. */
function scoreOf(text: string, separator: Separator, begin: number, count: CountColumns): number {
  let place = begin;
  for (let rows = 0; rows <= MOST_ROWS && place < Math.min(text.length, begin + MAX_CHARACTERS); rows += 1) {
    try {
      const { record, end } = recordAt(text, place, separator, 1);
      const columns = count(record.cells);
      if (columns > 0) return columns;
      place = end;
    } catch {
      return 0;
    }
  }
  return 0;
}
