import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** How long an answer may make no progress, ms. */
const STALLED_MS = 60_000;
const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Sends an answer in parts, because writing a large one at once would block the event loop. It is JSON unless `headers` say otherwise.
 * Rejects only when one of the first two parts cannot be made, before anything is sent.
 */
export async function sendParts(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  parts: AsyncIterable<string | Buffer>,
): Promise<void> {
  const iterator = parts[Symbol.asyncIterator]();
  const { value: first = '' } = (await iterator.next()) as { value?: string | Buffer };
  const second = await iterator.next();
  // The caller may have disconnected, or have an answer already.
  if (response.destroyed || response.headersSent) return;
  response.statusCode = status;
  response.setHeader('content-type', JSON_TYPE);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (second.done) {
    response.setHeader('content-length', Buffer.byteLength(first));
    return void response.end(first);
  }
  // An answer that the caller does not read to its end would be held for ever.
  response.setTimeout(STALLED_MS, () => response.destroy());
  const all = Readable.from(joined([first, second.value], iterator), { objectMode: false });
  await pipeline(all, response).catch(() => undefined);
}

type Part = string | Buffer;

async function* joined(first: readonly Part[], rest: AsyncIterator<Part>): AsyncGenerator<Part> {
  yield* first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
