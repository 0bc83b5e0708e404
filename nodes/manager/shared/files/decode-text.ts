import { isUtf8 } from 'node:buffer';
import { TpeError } from '../tpe-error.js';
import { yieldToEventLoop } from '../yield-to-event-loop.js';
import { decoderOf, encodingNamed } from './encodings.js';
import { BEGINNING, foreignForm, foreignKind } from './file-kind.js';
import { fileReason, unreadableFile } from './file-reasons.js';
import { guessEncoding, isDamagedUtf8 } from './legacy-encoding.js';
import { lineOf } from './line-of.js';

/** The content of a file: its bytes, or a text that another program has decoded. */
export type FileContent = Uint8Array | string;

/** A file as text. */
export interface DecodedText {
  text: string;
  /** Null if it came as text. */
  encoding: string | null;
  /** False if other encodings make sense too, so that a person should look before anything is written. */
  isSure: boolean;
  /** Other possible encodings, the likeliest first. */
  others: string[];
}

/** Bytes that are decoded at once. */
const PIECE = 256 * 1024;

/**
 * Turns the content of a file into text: UTF-8 and UTF-16, with or without a byte order mark, or an older encoding, which is guessed or
 * `named`. Rejects with INVALID_INPUT for a file that is no text, and says what it is, and for a damaged file.
 */
export async function decodeText(content: FileContent, named?: string): Promise<DecodedText> {
  if (typeof content === 'string') return await textAsItCame(content, named);
  if (content.length === 0) return { text: '', encoding: 'utf-8', isSure: true, others: [] };
  const foreign = foreignKind(latin1(content.subarray(0, BEGINNING)));
  if (foreign !== null) throw unreadableFile(foreign);
  const found = named === undefined ? encodingOf(content) : asNamed(named, content);
  const text = await decoded(content, found.encoding);
  const form = foreignForm(text);
  if (form !== null) throw unreadableFile(form);
  await refuseNul(text, 'file-nul');
  return { text: text.replace(/^\ufeff+/, ''), ...found };
}

/** As decodeText, where nobody can be asked again: also rejects with INVALID_INPUT when the encoding is not sure. */
export async function decodeSurely(content: FileContent, named?: string): Promise<DecodedText> {
  const decoded = await decodeText(content, named);
  refuseUnsure(decoded);
  return decoded;
}

/** Throws INVALID_INPUT when several encodings are possible and nobody has said which one it is. */
export function refuseUnsure({ isSure, encoding, others }: Omit<DecodedText, 'text'>): void {
  if (isSure) return;
  const encodings = [encoding, ...others];
  throw unreadableFile(fileReason('file-encoding-unsure', { encodings: encodings.join(', ') }), {
    encodings,
  });
}

type Found = Omit<DecodedText, 'text'> & { encoding: string };

function sure(encoding: string): Found {
  return { encoding, isSure: true, others: [] };
}

function asNamed(named: string, bytes: Uint8Array): Found {
  const marked = markedEncoding(bytes);
  const encoding = encodingNamed(named);
  if (encoding === null) {
    const name = JSON.stringify(named.slice(0, 40));
    throw new TpeError('INVALID_INPUT', fileReason('encoding-unknown', { name }), { field: 'encoding' });
  }
  // A byte order mark is in the file itself, so it counts more than the name.
  return sure(marked ?? encoding);
}

function encodingOf(bytes: Uint8Array): Found {
  const marked = markedEncoding(bytes);
  if (marked !== null) return sure(marked);
  if (bytes.includes(0)) return sure(utf16Without(bytes));
  if (!isUtf8(bytes)) {
    // Decoding it will tell the place of the damage.
    if (isDamagedUtf8(bytes)) return sure('utf-8');
    const { encodings, isSure } = guessEncoding(bytes);
    const [encoding, ...others] = encodings;
    return { encoding, isSure, others };
  }
  // ISO-2022-JP has seven bits, and marks Japanese text by escapes.
  const begin = latin1(bytes.subarray(0, PIECE));
  return sure(begin.includes('\u001b$B') || begin.includes('\u001b$@') ? 'iso-2022-jp' : 'utf-8');
}

/** The encoding by the byte order mark; null without one. Refuses UTF-32, which no program writes unasked. */
function markedEncoding(bytes: Uint8Array): string | null {
  const begin = latin1(bytes.subarray(0, 4));
  if (begin.startsWith('\u00ff\u00fe\u0000\u0000') || begin.startsWith('\u0000\u0000\u00fe\u00ff'))
    throw utf32();
  if (begin.startsWith('\u00ef\u00bb\u00bf')) return 'utf-8';
  if (begin.startsWith('\u00ff\u00fe')) return 'utf-16le';
  if (begin.startsWith('\u00fe\u00ff')) return 'utf-16be';
  if (begin === '\u0084\u0031\u0095\u0033') return 'gb18030';
  return null;
}

/** The encoding of bytes with zeros: in UTF-16, every second byte of ASCII text is zero. */
function utf16Without(bytes: Uint8Array): string {
  const counts = [0, 0, 0, 0];
  const length = Math.min(bytes.length, 2000);
  for (let place = 0; place < length; place += 1) if (bytes[place] === 0) counts[place % 4]! += 1;
  const [first = 0, second = 0, third = 0, fourth = 0] = counts;
  const most = length / 4;
  if (third > most * 0.9 && (fourth > most * 0.9 || second > most * 0.9)) throw utf32();
  if (second + fourth > length / 8 && second + fourth > 4 * (first + third)) return 'utf-16le';
  if (first + third > length / 8 && first + third > 4 * (second + fourth)) return 'utf-16be';
  throw unreadableFile(fileReason('file-zero-byte', { place: bytes.indexOf(0) + 1 }));
}

function utf32(): TpeError {
  return unreadableFile(fileReason('file-in-utf-32'));
}

async function decoded(bytes: Uint8Array, encoding: string): Promise<string> {
  const decoder = decoderOf(encoding);
  const parts: string[] = [];
  let line = 1;
  for (let start = 0; start < bytes.length; start += PIECE) {
    await yieldToEventLoop();
    const piece = bytes.subarray(start, start + PIECE);
    try {
      parts.push(decoder.next(piece, start + PIECE >= bytes.length));
    } catch {
      throw unreadableFile(fileReason('file-damaged', { encoding, line }), { encoding });
    }
    line += parts.at(-1)!.split('\n').length - 1;
  }
  return parts.join('');
}

/** Takes a text that another program has decoded. Its errors can be seen but not corrected. */
async function textAsItCame(text: string, named: string | undefined): Promise<DecodedText> {
  const begin = text.slice(0, BEGINNING);
  const foreign = foreignKind(begin) ?? foreignForm(begin);
  if (foreign !== null) throw unreadableFile(foreign);
  if (/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/.test(begin)) {
    throw unreadableFile(fileReason('file-misread-before'));
  }
  if (named !== undefined && encodingNamed(named) === null) asNamed(named, new Uint8Array());
  await refuseNul(text, 'file-nul-in-text');
  return { text: text.replace(/^\ufeff+/, ''), encoding: null, isSure: true, others: [] };
}

async function refuseNul(text: string, code: 'file-nul' | 'file-nul-in-text'): Promise<void> {
  const place = text.indexOf('\u0000');
  if (place === -1) return;
  const { line } = await lineOf(text, place);
  throw unreadableFile(fileReason(code, { line }));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
