import { defineReasons, type Reason } from '../reason.js';
import { TpeError } from '../tpe-error.js';

/** Why a file, whatever it is about, cannot be read. */
export const fileReason = defineReasons({
  'file-is-sheet':
    'The file is {name}: open it there and save the sheet as "CSV UTF-8". Nothing was imported.',
  'file-is-packed': 'The file is {name}: unpack it first. Nothing was imported.',
  'file-is-no-text': 'The file is {name}: a text file is needed. Nothing was imported.',
  'file-is-form':
    'The file is a form (multipart/form-data): send the content of the file itself as body, as curl does with --data-binary @FILE. Nothing was imported.',
  'file-encoding-unsure':
    'The file is not UTF-8, and it is not sure which encoding it has: it can be {encodings}. Save it as UTF-8, or say which one by "encoding". Nothing was imported.',
  'file-damaged':
    'The file is no sound {encoding}: it is damaged or cut off behind line {line}, or has another encoding. Nothing was imported.',
  'file-in-utf-32': 'The file is in UTF-32: save it as UTF-8. Nothing was imported.',
  'file-zero-byte':
    'The file has a zero byte at place {place}: it is no text, or it is damaged. Nothing was imported.',
  'file-nul':
    'The file has a NUL character on line {line}: it is no text, or it is damaged. Nothing was imported.',
  'file-nul-in-text':
    'The file has a NUL character on line {line}: hand on its bytes (a Buffer, as the node "read file" gives with "a single Buffer object"), and they are read here. Nothing was imported.',
  'file-misread-before':
    'The file was read in the wrong encoding before it came here: hand on its bytes (a Buffer, as the node "read file" gives with "a single Buffer object"), and they are read here. Nothing was imported.',
  'encoding-unknown':
    '{name} is no encoding that is known: utf-8, utf-16le, windows-1252, shift_jis, big5, gb18030 and euc-kr are some.',
  // What a file is that is no text.
  'kind-pdf': 'a PDF document',
  'kind-packed': 'packed with {program}',
  'kind-7-zip': 'a 7-Zip archive',
  'kind-rar': 'a RAR archive',
  'kind-zip': 'a ZIP archive',
  'kind-picture': 'a picture ({kind})',
  'kind-rtf': 'a text document (RTF)',
  'kind-sqlite': 'a SQLite database',
  'kind-parquet': 'a Parquet file',
  'kind-mhtml': 'a web archive (MHTML)',
  'kind-html': 'a page of HTML, as some programs save it under the name .xls',
  'kind-xls': 'an old Excel workbook (.xls)',
  'kind-old-office': 'an old Excel workbook or another old Office document (.xls)',
  'kind-xlsx': 'an Excel workbook (.xlsx)',
  'kind-docx': 'a Word document (.docx)',
  'kind-ods': 'a LibreOffice spreadsheet (.ods)',
  'kind-libreoffice': 'a LibreOffice document',
  'kind-numbers': 'a Numbers spreadsheet',
  // Why a text is no CSV. None says what it contains, which may be passwords.
  'csv-quote-not-closed': 'a quote is not closed that opens on line {line}',
  'csv-quote-within': 'a quote stands within a value that does not begin with one, on line {line}',
  'csv-behind-quote': 'something stands behind a closing quote, on line {line}',
  'csv-row-too-long': 'a row has more than {most} characters, on line {line}',
});

/** INVALID_INPUT for a file that cannot be read as a whole. */
export function unreadableFile(reason: Reason, details: Record<string, unknown> = {}): TpeError {
  return new TpeError('INVALID_INPUT', reason, { field: 'file', ...details });
}
