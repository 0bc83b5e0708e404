import { yieldToEventLoop } from '../yield-to-event-loop.js';

const PIECE = 64 * 1024;

/** The line and column of a place in a text, both from 1 on. Yields to the event loop in between. */
export async function lineOf(text: string, place: number): Promise<{ line: number; column: number }> {
  let line = 1;
  for (let start = 0; start < place; start += PIECE) {
    await yieldToEventLoop();
    const piece = text.slice(start, Math.min(place, start + PIECE));
    line += piece.match(/\n|\r(?!\n)/g)?.length ?? 0;
  }
  const begin = Math.max(text.lastIndexOf('\n', place - 1), text.lastIndexOf('\r', place - 1));
  return { line, column: place === 0 ? 1 : place - begin };
}
