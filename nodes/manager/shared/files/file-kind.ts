/** A kind of file that is no text, or no table. */
interface Kind {
  name: string;
  /** What to do instead, as the rest of a sentence. */
  advice: string;
}

const SAVE_SHEET = ': open it there and save the sheet as "CSV UTF-8"';
const UNPACK = ': unpack it first';
const NO_TABLE = ': a text file is needed';

/** Kinds by the beginning of a file, as Latin-1 text. The first that fits counts. */
const BEGINNINGS: readonly (readonly [string, Kind])[] = [
  ['%PDF-', { name: 'a PDF document', advice: NO_TABLE }],
  ['\u001f\u008b', { name: 'packed with gzip', advice: UNPACK }],
  ['BZh', { name: 'packed with bzip2', advice: UNPACK }],
  ['\u00fd7zXZ', { name: 'packed with xz', advice: UNPACK }],
  ['\u0028\u00b5\u002f\u00fd', { name: 'packed with zstd', advice: UNPACK }],
  ['7z\u00bc\u00af', { name: 'a 7-Zip archive', advice: UNPACK }],
  ['Rar!', { name: 'a RAR archive', advice: UNPACK }],
  ['\u0089PNG', { name: 'a picture (PNG)', advice: NO_TABLE }],
  ['\u00ff\u00d8\u00ff', { name: 'a picture (JPEG)', advice: NO_TABLE }],
  ['GIF8', { name: 'a picture (GIF)', advice: NO_TABLE }],
  ['{\\rtf', { name: 'a text document (RTF)', advice: NO_TABLE }],
  ['SQLite format 3', { name: 'a SQLite database', advice: NO_TABLE }],
  ['PAR1', { name: 'a Parquet file', advice: NO_TABLE }],
  ['MIME-Version:', { name: 'a web archive (MHTML)', advice: SAVE_SHEET }],
  ['\u0009\u0008', { name: 'an old Excel workbook (.xls)', advice: SAVE_SHEET }],
  ['\u0009\u0004', { name: 'an old Excel workbook (.xls)', advice: SAVE_SHEET }],
];
const COMPOUND = '\u00d0\u00cf\u0011\u00e0';
const ZIPPED = ['PK\u0003\u0004', 'PK\u0005\u0006'];
/** Kinds of ZIP archives that are office documents, by a text near their beginning. */
const ZIPS: readonly (readonly [RegExp, Kind])[] = [
  [/opendocument\.spreadsheet/, { name: 'a LibreOffice spreadsheet (.ods)', advice: SAVE_SHEET }],
  [/opendocument\./, { name: 'a LibreOffice document', advice: NO_TABLE }],
  [/xl\//, { name: 'an Excel workbook (.xlsx)', advice: SAVE_SHEET }],
  [/word\//, { name: 'a Word document (.docx)', advice: NO_TABLE }],
  [/Index\/|\.iwa/, { name: 'a Numbers spreadsheet', advice: SAVE_SHEET }],
  // Each office document of Microsoft begins like this, and most that people try are workbooks.
  [/\[Content_Types\]\.xml/, { name: 'an Excel workbook (.xlsx)', advice: SAVE_SHEET }],
];
/** Bytes at the beginning of a file that tell its kind. */
export const BEGINNING = 4096;

/**
 * The kind of a file that cannot be read as text, as the end of a sentence (`is a PDF document: ...`); null if its beginning, as Latin-1
 * text, is of no known kind.
 */
export function foreignKind(beginning: string): string | null {
  const kind = kindOf(beginning);
  return kind && `is ${kind.name}${kind.advice}`;
}

function kindOf(beginning: string): Kind | null {
  if (ZIPPED.some((sign) => beginning.startsWith(sign))) {
    const found = ZIPS.find(([sign]) => sign.test(beginning));
    return found?.[1] ?? { name: 'a ZIP archive', advice: UNPACK };
  }
  if (beginning.startsWith(COMPOUND)) {
    return { name: 'an old Excel workbook or another old Office document (.xls)', advice: SAVE_SHEET };
  }
  return BEGINNINGS.find(([sign]) => beginning.startsWith(sign))?.[1] ?? null;
}

/** As foreignKind, for a text that is neither a table nor JSON. */
export function foreignText(text: string): string | null {
  const begin = text.slice(0, BEGINNING).replace(/^[\ufeff\s]+/, '');
  if (/^<(?:!doctype html|html|table|meta|head|body|\?xml[^>]*>\s*<html)/i.test(begin)) {
    return `is a page of HTML, as some programs save it under the name .xls${SAVE_SHEET}`;
  }
  if (/^<\?xml|^<[A-Za-z]/.test(begin)) return `is XML${SAVE_SHEET}`;
  return null;
}

/** As foreignKind, for a file within a form that a browser or curl has sent. */
export function foreignForm(text: string): string | null {
  if (!/^--[^\r\n]+\r?\ncontent-disposition:/i.test(text.slice(0, BEGINNING))) return null;
  return 'is a form (multipart/form-data): send the content of the file itself as body, as curl does with --data-binary @FILE';
}
