import type { FileContent } from '../../manager/shared/files/decode-text.js';
import { jsonParts } from '../../manager/shared/json-text.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isObject } from './message-values.js';

/** The content of a file as a message brings it. */
export interface MessageFile {
  content: FileContent;
  /** A parser has been there already: it is JSON. */
  isParsed: boolean;
}

/**
 * The content of a file in a message: text and bytes as they are, bytes that went through JSON as bytes again, and what a
 * parser has made of a file as JSON. INVALID_INPUT, with `what` a file has.
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
