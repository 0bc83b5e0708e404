import { SINGLE_BYTE } from './single-byte.js';

/** Names of which TextDecoder knows none, as Windows, Node.js and editors have them. */
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

/** The name by which decoderOf knows an encoding, whatever a person calls it; null for none that is known. */
export function encodingNamed(label: string): string | null {
  const name = label.trim().toLowerCase();
  const known = ALIASES[name];
  if (known !== undefined) return known;
  try {
    const found = new TextDecoder(name).encoding;
    // What stands for encodings that nobody should read.
    return found === 'replacement' || found === 'x-user-defined' ? null : found;
  } catch {
    return null;
  }
}

export interface Decoder {
  /** Throws for bytes that stand for nothing; `isLast`: no more come. */
  next(bytes: Uint8Array, isLast: boolean): string;
}

/** Reads bytes part by part, in an encoding by the name that encodingNamed gives. */
export function decoderOf(encoding: string): Decoder {
  const single = SINGLE_BYTE[encoding];
  if (single !== undefined) return { next: single };
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: false });
  return { next: (bytes, isLast) => decoder.decode(bytes, { stream: !isLast }) };
}

/** All of it at once; null where a byte stands for nothing. */
export function decodedAs(encoding: string, bytes: Uint8Array): string | null {
  try {
    return decoderOf(encoding).next(bytes, true);
  } catch {
    return null;
  }
}
