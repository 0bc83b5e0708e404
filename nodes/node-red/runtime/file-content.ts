import type { FileContent } from '../../manager/shared/files/decode-text.js';
import { jsonParts } from '../../manager/shared/json-text.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isObject } from './message-values.js';

/** The content of a file from a message. */
export interface MessageFile {
  content: FileContent;
  /** True if another node has parsed the file already; the content is then JSON. */
  isParsed: boolean;
}

/**
 * Reads the content of a file from a message. Text and bytes stay as they are, a Buffer that was converted to JSON becomes bytes again, and
 * other objects and lists become JSON text. Rejects with INVALID_INPUT for anything else; `what` describes the object that is allowed.
 */
export async function fileContentOf(payload: unknown, what: string): Promise<MessageFile> {
  if (typeof payload === 'string') return { content: payload, isParsed: false };
  const bytes = bytesIn(payload);
  if (bytes !== null) return { content: bytes, isParsed: false };
  if (isObject(payload) || Array.isArray(payload)) {
    const parts: string[] = [];
    for await (const part of jsonParts(payload)) parts.push(part);
    return { content: parts.join(''), isParsed: true };
  }
  throw new TpeError(
    'INVALID_INPUT',
    `An import takes the content of a file as payload: a Buffer, text, or ${what}.`,
    {
      field: 'payload',
    },
  );
}

function bytesIn(payload: unknown): Uint8Array | null {
  if (payload instanceof Uint8Array) return payload;
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload);
  if (!isObject(payload) || payload.type !== 'Buffer' || !Array.isArray(payload.data)) return null;
  return Buffer.from(payload.data as number[]);
}
