import type { Reason } from '../reason.js';
import { fileReason } from './file-reasons.js';

const sheet = (name: Reason | string) => fileReason('file-is-sheet', { name });
const packed = (name: Reason) => fileReason('file-is-packed', { name });
const noText = (name: Reason) => fileReason('file-is-no-text', { name });

/** What is told of a file by its beginning, as Latin-1 text. The first that fits counts. */
const BEGINNINGS: readonly (readonly [string, Reason])[] = [
  ['%PDF-', noText(fileReason('kind-pdf'))],
  ['\u001f\u008b', packed(fileReason('kind-packed', { program: 'gzip' }))],
  ['BZh', packed(fileReason('kind-packed', { program: 'bzip2' }))],
  ['\u00fd7zXZ', packed(fileReason('kind-packed', { program: 'xz' }))],
  ['\u0028\u00b5\u002f\u00fd', packed(fileReason('kind-packed', { program: 'zstd' }))],
  ['7z\u00bc\u00af', packed(fileReason('kind-7-zip'))],
  ['Rar!', packed(fileReason('kind-rar'))],
  ['\u0089PNG', noText(fileReason('kind-picture', { kind: 'PNG' }))],
  ['\u00ff\u00d8\u00ff', noText(fileReason('kind-picture', { kind: 'JPEG' }))],
  ['GIF8', noText(fileReason('kind-picture', { kind: 'GIF' }))],
  ['{\\rtf', noText(fileReason('kind-rtf'))],
  ['SQLite format 3', noText(fileReason('kind-sqlite'))],
  ['PAR1', noText(fileReason('kind-parquet'))],
  ['MIME-Version:', sheet(fileReason('kind-mhtml'))],
  ['\u0009\u0008', sheet(fileReason('kind-xls'))],
  ['\u0009\u0004', sheet(fileReason('kind-xls'))],
];
const COMPOUND = '\u00d0\u00cf\u0011\u00e0';
const ZIPPED = ['PK\u0003\u0004', 'PK\u0005\u0006'];
/** The same for ZIP archives that are office documents, by a text near their beginning. */
const ZIPS: readonly (readonly [RegExp, Reason])[] = [
  [/opendocument\.spreadsheet/, sheet(fileReason('kind-ods'))],
  [/opendocument\./, noText(fileReason('kind-libreoffice'))],
  [/xl\//, sheet(fileReason('kind-xlsx'))],
  [/word\//, noText(fileReason('kind-docx'))],
  [/Index\/|\.iwa/, sheet(fileReason('kind-numbers'))],
  // Each office document of Microsoft begins like this, and most that people try are workbooks.
  [/\[Content_Types\]\.xml/, sheet(fileReason('kind-xlsx'))],
];
/** Bytes at the beginning of a file that tell its kind. */
export const BEGINNING = 4096;

/** Why a file cannot be read as text: what it is, and what to do. Null if its beginning, as Latin-1 text, is of no known kind. */
export function foreignKind(beginning: string): Reason | null {
  if (ZIPPED.some((sign) => beginning.startsWith(sign))) {
    const found = ZIPS.find(([sign]) => sign.test(beginning));
    return found?.[1] ?? packed(fileReason('kind-zip'));
  }
  if (beginning.startsWith(COMPOUND)) return sheet(fileReason('kind-old-office'));
  return BEGINNINGS.find(([sign]) => beginning.startsWith(sign))?.[1] ?? null;
}

/** As foreignKind, for a text that is neither a table nor JSON. */
export function foreignText(text: string): Reason | null {
  const begin = text.slice(0, BEGINNING).replace(/^[\ufeff\s]+/, '');
  if (/^<(?:!doctype html|html|table|meta|head|body|\?xml[^>]*>\s*<html)/i.test(begin)) {
    return sheet(fileReason('kind-html'));
  }
  if (/^<\?xml|^<[A-Za-z]/.test(begin)) return sheet('XML');
  return null;
}

/** As foreignKind, for a file within a form that a browser or curl has sent. */
export function foreignForm(text: string): Reason | null {
  if (!/^--[^\r\n]+\r?\ncontent-disposition:/i.test(text.slice(0, BEGINNING))) return null;
  return fileReason('file-is-form');
}
