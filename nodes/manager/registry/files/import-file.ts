import { type DecodedText, decodeText, type FileContent } from '../../shared/files/decode-text.js';
import { foreignText } from '../../shared/files/file-kind.js';
import { unreadableFile } from '../../shared/files/file-reasons.js';
import type { ImportFault } from '../device.js';
import { gatewayFileReason } from './gateway-file-reasons.js';
import { readCsv } from './import-csv.js';
import { readJson } from './import-json.js';
import { endReading, type FileRow, note, type Reading, startReading } from './import-rows.js';

/** A file of gateways before it is read. */
export interface GivenFile {
  /** The bytes of the file, or its text if the caller has decoded it. */
  content: FileContent;
  /** Detected from the content if left out. */
  format?: 'csv' | 'json' | undefined;
  /** Detected if left out. */
  encoding?: string | undefined;
}

/** A file of gateways after it is read. */
export interface ImportFile {
  rows: FileRow[];
  /** Faults that belong to no row: unknown columns. */
  faults: ImportFault[];
  /** What was changed, assumed or ignored. */
  notes: ImportFault[];
  format: 'csv' | 'json';
  decoded: Omit<DecodedText, 'text'>;
}

const MAX_BYTES = 20 * 1024 * 1024;

/**
 * Reads a file of gateways, CSV with a header or JSON. Other work of the process runs meanwhile. Rejects with INVALID_INPUT if the file as
 * a whole cannot be read.
 */
export async function readFile({ content, format, encoding }: GivenFile): Promise<ImportFile> {
  if (typeof content !== 'string' && !(content instanceof Uint8Array))
    throw unreadableFile(gatewayFileReason('file-no-content'));
  if (Buffer.byteLength(content) > MAX_BYTES)
    throw unreadableFile(gatewayFileReason('file-too-large', { size: MAX_BYTES / 1024 / 1024 }));
  const { text, ...decoded } = await decodeText(content, encoding);
  const foreign = foreignText(text);
  if (foreign !== null) throw unreadableFile(foreign);
  const read = format ?? (/^\s*[[{]/.test(text) ? 'json' : 'csv');
  const reading = startReading();
  tellEncoding(reading, decoded);
  await (read === 'csv' ? readCsv(text, reading) : readJson(text, reading));
  const { rows, faults, notes } = endReading(reading);
  return { rows, faults, notes, format: read, decoded };
}

/** Notes the encoding of a file that is not UTF-8, so that a person can check the names. */
function tellEncoding(reading: Reading, { encoding }: Omit<DecodedText, 'text'>): void {
  if (encoding === null || encoding === 'utf-8') return;
  note(reading, 1, gatewayFileReason('file-read-as', { encoding }));
}
