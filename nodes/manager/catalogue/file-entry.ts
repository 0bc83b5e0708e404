import { messageOf, TpeError } from '../tpe-error.js';
import type { Operation } from './catalogue.js';
import { escaped } from './json-pointer.js';

/** What an entry of an imported file came to. */
export type FileEntry = { place: string; name: string } & ({ operation: Operation } | { reason: string });

/** JSON Pointer of a place in a file. */
export function pointer(...levels: (string | number)[]): string {
  return levels.map((level) => `/${escaped(String(level))}`).join('');
}

/** An entry, refused with its reason where reading it throws a TpeError. */
export function entryOf(place: string, name: unknown, read: () => Operation): FileEntry {
  const entry = { place: shown(place, 300), name: shown(typeof name === 'string' ? name : '', 100) };
  try {
    return { ...entry, operation: read() };
  } catch (error) {
    if (!(error instanceof TpeError)) throw error;
    return { ...entry, reason: messageOf(error) };
  }
}

function shown(text: string, length: number): string {
  return text.slice(0, length).replaceAll('\u0000', '\ufffd').toWellFormed();
}
