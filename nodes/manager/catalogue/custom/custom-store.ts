import type { Queryable, Row } from '../../database/database.js';
import { messageOf } from '../../shared/tpe-error.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import { withoutSecrets } from '../blank-secrets.js';
import { readOwnOperation } from '../custom-operation.js';
import { createNotes, type Notes } from '../import/note-list.js';
import { readTpedmCommand } from '../import/tpedm-command.js';
import type { Operation } from '../operation.js';
import { OPERATIONS } from '../operations.js';
import { tpedmCommand } from '../seed-catalogue.js';

/** An operation of the users, as it is stored. */
export interface Stored {
  operation: Operation;
  /** What it was read from: the same text is the same operation. */
  text: string;
}

/** What cannot be read of what is stored, or is not shown as it stands there, in words. */
export interface Unreadable {
  /** The same for the same row. */
  key: string;
  text: string;
}

export interface StoredOperations {
  /** Of tpe_operation, by id. */
  own: Stored[];
  /** Of dm_operation: those that are neither ours nor copies of ours. */
  foreign: Stored[];
  unreadable: Unreadable[];
}

interface StoredText {
  id: string;
  text: string;
  /** For a person. */
  place: string;
  /** `notes` is told of what is not shown as it is stored. */
  read(notes: Notes): Operation;
}

interface OwnRow extends Row {
  id: string;
  definition: string;
}
interface ForeignRow extends Row {
  id: number;
  category: string | null;
  name: string | null;
  command: string | null;
}

const MAX_FOREIGN = 2000;
const NO_CATEGORY = 'Without a category';

/** Changes with each change here or in dm_operation, of those at least that add or remove. */
const STAMP = `
  select concat_ws(' ', count(*), max(updated_at),
    (select concat_ws(' ', count(*), max(id)) from dm_operation)) as stamp
  from tpe_operation`;

const SIZES = `
  select id, octet_length(definition::text)::int4 as bytes from tpe_operation order by place, id`;
const SOME =
  'select id, definition::text as definition from tpe_operation where id = any($1) order by place, id';
/** Bytes of operations that are read or written by one statement: more of it would be a standstill. */
const PIECE = 256 * 1024;

const FOREIGN = `
  select operation.id, category.name as category, operation.name, operation.command
  from dm_operation as operation
    left join (select id, min(name) as name from dm_category group by id) as category on category.id = operation.categoryid
  where not exists (
    select from tpe_operation where dm_operation_id = operation.id
      and dm_command = operation.command and definition->>'name' = operation.name)
  order by operation.id`;

/** What the pack puts into dm_operation: each is known by its category and its name, or its command. */
const OURS = new Set(
  OPERATIONS.flatMap((operation) => [
    JSON.stringify(['name', operation.category, operation.name]),
    JSON.stringify(['command', operation.category, tpedmCommand(operation)]),
  ]),
);

const WRITE = `
  insert into tpe_operation as stored (id, definition)
  select id, definition::json from unnest($1::text[], $2::text[]) with ordinality as given (id, definition, place)
  order by place
  on conflict (id) do update set definition = excluded.definition, updated_at = clock_timestamp()`;

/** A text that is another one when what readStored gives may be another. Rejects as the database does. */
export async function readStamp(queryable: Queryable): Promise<string> {
  const [row] = await queryable.query<{ stamp: string }>(STAMP);
  return row?.stamp ?? '';
}

/** `known`, by id: what has the same text is not read again. Rejects as the database does. */
export async function readStored(
  queryable: Queryable,
  known: ReadonlyMap<string, Stored> = new Map(),
): Promise<StoredOperations> {
  const rows = (await queryable.query<ForeignRow>(FOREIGN)).filter((row) => !isOurs(row));
  const own = await readOwn(queryable);
  const foreign = rows.slice(0, MAX_FOREIGN).map(foreignText);
  const unreadable: Unreadable[] = [];
  const read = async (texts: StoredText[]) => {
    const stored: Stored[] = [];
    for (const text of texts) {
      // Thousands take long to be read.
      await yieldToEventLoop();
      const one = readText(text, known, unreadable);
      if (one !== null) stored.push(one);
    }
    return stored;
  };
  const stored = { own: await read(own), foreign: await read(withoutDoubles(foreign)), unreadable };
  if (rows.length > MAX_FOREIGN) {
    const text = `dm_operation has ${rows.length} operations of its own: only the first ${MAX_FOREIGN} are in the catalogue.`;
    unreadable.push({ key: 'too many', text });
  }
  return stored;
}

async function readOwn(queryable: Queryable): Promise<StoredText[]> {
  const sizes = await queryable.query<{ id: string; bytes: number }>(SIZES);
  const texts: StoredText[] = [];
  for (const some of inPieces(sizes, ({ bytes }) => bytes)) {
    const rows = await queryable.query<OwnRow>(SOME, [some.map(({ id }) => id)]);
    for (const row of rows) texts.push(ownText(row));
    await yieldToEventLoop();
  }
  return texts;
}

/** Adds operations, or puts them in place of what has their ids. Rejects as the database does. */
export async function writeOwn(queryable: Queryable, operations: readonly Operation[]): Promise<void> {
  const rows: OwnRow[] = [];
  for (const operation of operations) {
    rows.push({ id: operation.id, definition: definitionOf(operation) });
    await yieldToEventLoop();
  }
  for (const some of inPieces(rows, ({ definition }) => definition.length)) {
    await queryable.query(WRITE, [some.map(({ id }) => id), some.map(({ definition }) => definition)]);
    await yieldToEventLoop();
  }
}

/** Each as long as its bytes are no more than a piece, or one that is larger. */
function* inPieces<T>(all: readonly T[], bytesOf: (one: T) => number): Generator<T[]> {
  let piece: T[] = [];
  let bytes = 0;
  for (const one of all) {
    if (piece.length > 0 && bytes + bytesOf(one) > PIECE) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(one);
    bytes += bytesOf(one);
  }
  if (piece.length > 0) yield piece;
}

/** True when it was there. */
export async function deleteOwn(queryable: Queryable, id: string): Promise<boolean> {
  return (await queryable.query('delete from tpe_operation where id = $1 returning id', [id])).length > 0;
}

function ownText({ id, definition }: OwnRow): StoredText {
  return {
    id,
    text: definition,
    place: `The operation ${JSON.stringify(id)} of tpe_operation`,
    read: () => withoutSecrets(readOwnOperation({ ...(JSON.parse(definition) as object), id })),
  };
}

function foreignText({ id: row, category, name, command }: ForeignRow): StoredText {
  const id = `own-dm-${row}`;
  return {
    id,
    text: JSON.stringify([category, name, command]),
    place: `The row ${row} (${JSON.stringify(String(name).slice(0, 100).toWellFormed())}) of dm_operation`,
    read: (notes) =>
      withoutSecrets(readTpedmCommand({ category: category ?? NO_CATEGORY, name, command, id }, '', notes)),
  };
}

/** Null, and a word in `unreadable`, for what cannot be read. */
function readText(
  { id, text, place, read }: StoredText,
  known: ReadonlyMap<string, Stored>,
  unreadable: Unreadable[],
): Stored | null {
  const before = known.get(id);
  if (before?.text === text) return before;
  const notes = createNotes();
  try {
    const operation = read(notes);
    for (const note of notes.list())
      unreadable.push({
        key: `${id} ${text} ${note.code}`,
        text: `${place}, at ${note.place}: ${note.text}`,
      });
    return { operation, text };
  } catch (error) {
    const why = `${place} cannot be read, and is left as it is: ${messageOf(error)}`;
    unreadable.push({ key: `${id} ${text}`, text: why });
    return null;
  }
}

/** TPEDM's own tables let an id stand twice: the first row counts. */
function withoutDoubles(texts: readonly StoredText[]): StoredText[] {
  return [...new Map(texts.toReversed().map((text) => [text.id, text])).values()].toReversed();
}

function isOurs({ category, name, command }: ForeignRow): boolean {
  return (
    OURS.has(JSON.stringify(['name', category, name])) ||
    OURS.has(JSON.stringify(['command', category, command]))
  );
}

/** Without what is the same for all. */
function definitionOf(operation: Operation): string {
  const { id: _id, source: _source, tpedm: _tpedm, refusedBecause: _refused, ...definition } = operation;
  return JSON.stringify(definition);
}
