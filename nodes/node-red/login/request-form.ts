import type { Request } from 'express';
import { isObject } from '../message-values.js';

const LONGEST_FORM = 8 * 1024;

/**
 * The fields of a posted HTML form; null when it is longer than any form of ours or is cut off. Where the editor is at
 * `/`, Node-RED has read every body already; elsewhere it is still to be read.
 */
export async function formOf(request: Request): Promise<URLSearchParams | null> {
  if (Number(request.headers['content-length'] ?? 0) > LONGEST_FORM) return null;
  const parsed: unknown = request.body;
  if (isObject(parsed)) return new URLSearchParams(Object.entries(parsed).filter(isField));
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LONGEST_FORM) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function isField(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}
