import type { IncomingMessage } from 'node:http';

const LONGEST_FORM = 8 * 1024;

/** The fields of a posted HTML form; null when it is longer than any form of ours or is cut off. */
export async function formOf(request: IncomingMessage): Promise<URLSearchParams | null> {
  if (Number(request.headers['content-length'] ?? 0) > LONGEST_FORM) return null;
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
