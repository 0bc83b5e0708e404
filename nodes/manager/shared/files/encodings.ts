import { SINGLE_BYTE } from './single-byte.js';

/** Names as Windows, Node.js and editors write them, most of which TextDecoder does not know. */
const ALIASES: Readonly<Record<string, string>> = {
  ansi: 'windows-1252',
  cp1252: 'windows-1252',
  'iso-8859-1': 'windows-1252',
  latin1: 'windows-1252',
  binary: 'windows-1252',
  ascii: 'windows-1252',
  'us-ascii': 'windows-1252',
  cp850: 'cp850',
  ibm850: 'cp850',
  850: 'cp850',
  cp932: 'shift_jis',
  cp936: 'gb18030',
  cp949: 'euc-kr',
  cp950: 'big5',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  utf8: 'utf-8',
  'utf8-bom': 'utf-8',
  utf16: 'utf-16le',
  'utf-16': 'utf-16le',
  utf16le: 'utf-16le',
  utf16be: 'utf-16be',
  ucs2: 'utf-16le',
  'ucs-2': 'utf-16le',
  macroman: 'macintosh',
};

/** The name by which decoderOf knows an encoding, for any name that people use; null if it is not known. */
export function encodingNamed(label: string): string | null {
  const name = label.trim().toLowerCase();
  const known = ALIASES[name];
  if (known !== undefined) return known;
  try {
    const found = new TextDecoder(name).encoding;
    // Placeholders for encodings that nobody should read.
    return found === 'replacement' || found === 'x-user-defined' ? null : found;
  } catch {
    return null;
  }
}

export interface Decoder {
  /** Decodes the next bytes; `isLast` says that no more follow. Throws for bytes that stand for no character. */
  next(bytes: Uint8Array, isLast: boolean): string;
}

/** Creates a decoder for bytes that come in parts. `encoding` is a name from encodingNamed. */
export function decoderOf(encoding: string): Decoder {
  const single = SINGLE_BYTE[encoding];
  if (single !== undefined) return { next: single };
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: false });
  return { next: (bytes, isLast) => decoder.decode(bytes, { stream: !isLast }) };
}

/** Decodes all bytes at once; null if some stand for no character. */
export function decodedAs(encoding: string, bytes: Uint8Array): string | null {
  try {
    return decoderOf(encoding).next(bytes, true);
  } catch {
    return null;
  }
}
