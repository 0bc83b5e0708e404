import { exactJson } from '../../shared/exact-json.js';
import { type ImportNote, NOTE_TEXTS, type NoteCode } from './import-note.js';

const MAX_PARAM_LENGTH = 200;
const MAX_PLACE_LENGTH = 300;

/** Makes a note. Parameters and place, which come from the file, are cut to a length that people can read. */
export function noteOf(place: string, code: NoteCode, params: Record<string, string> = {}): ImportNote {
  const short = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, shown(value, MAX_PARAM_LENGTH)]),
  );
  const text = NOTE_TEXTS[code].replaceAll(/__(\w+?)__/g, (_all, name: string) => short[name] ?? '');
  return { place: shown(place, MAX_PLACE_LENGTH), code, params: short, text };
}

/** Cuts a text to at most `length` characters, in one line and without characters that a database or a page cannot hold. */
export function shown(text: string, length: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is dropped
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return (plain.length <= length ? plain : `${plain.slice(0, length - 1)}…`).toWellFormed();
}

/** Collects notes while something is read. */
export interface Notes {
  add(place: string, code: NoteCode, params?: Record<string, string>): void;
  /** The first notes, each text once, and a last one with the number of further notes. */
  list(): ImportNote[];
}

const MAX_NOTES = 20;

/** Creates the notes of one operation, or of a file. It keeps the first 20 and counts the rest. */
export function createNotes(): Notes {
  const notes = new Map<string, ImportNote>();
  let more = 0;
  return {
    add(place, code, params) {
      const note = noteOf(place, code, params);
      if (notes.has(note.text)) return;
      if (notes.size < MAX_NOTES) notes.set(note.text, note);
      else more += 1;
    },
    list: () => [...notes.values(), ...(more === 0 ? [] : [noteOf('', 'more', { count: String(more) })])],
  };
}

/** Adds a note with the fields of an object that are not in `read`, since nothing uses them. */
export function noteUnread(value: object, read: readonly string[], place: string, notes: Notes): void {
  const names = Object.keys(value).filter((name) => !read.includes(name));
  if (names.length > 0) notes.add(place, 'not-kept', { names: listed(names) });
}

/** The first characters of a value, as JSON. */
export function valueText(value: unknown): string {
  return ((exactJson(value) as string | undefined) ?? '').slice(0, 60);
}

/** Lists names for a person, such as `a, b, c and 4 more`; each once, at most `most` of them. */
export function listed(names: Iterable<string>, most = 8): string {
  const all = [...new Set(names)].map((name) => shown(name, 60));
  const some = all.slice(0, most).join(', ');
  return all.length > most ? `${some} and ${all.length - most} more` : some;
}
