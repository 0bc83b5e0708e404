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

/** A custom operation with its stored text. */
export interface Stored {
  operation: Operation;
  /** The stored text: as long as it is the same, the operation need not be read again. */
  text: string;
}

/** A stored operation that cannot be read, or is not shown as it is stored, in words for a person. */
export interface Unreadable {
  /** The same for the same text in the same row, so that each fault is reported once. */
  key: string;
  text: string;
}

export interface StoredOperations {
  /** The operations of tpe_operation, in the order in which they were added. */
  own: Stored[];
  /** The operations of dm_operation that are neither the pack's nor copies of custom ones. */
  foreign: Stored[];
  unreadable: Unreadable[];
}

interface StoredText {
  id: string;
  text: string;
  /** The place in words for a person. */
  place: string;
  /** Throws where it cannot be read. `notes` gets what is not shown as it is stored. */
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

/** Differs after each change of tpe_operation, and after each row that was added to or removed from dm_operation. */
const STAMP = `
  select concat_ws(' ', count(*), max(updated_at),
    (select concat_ws(' ', count(*), max(id)) from dm_operation)) as stamp
  from tpe_operation`;

const SIZES = `
  select id, octet_length(definition::text)::int4 as bytes from tpe_operation order by place, id`;
const SOME =
  'select id, definition::text as definition from tpe_operation where id = any($1) order by place, id';
/** How many bytes of operations one statement reads or writes. Larger statements would block the event loop for too long. */
const PIECE = 256 * 1024;

const FOREIGN = `
  select operation.id, category.name as category, operation.name, operation.command
  from dm_operation as operation
    left join (select id, min(name) as name from dm_category group by id) as category on category.id = operation.categoryid
  where not exists (
    select from tpe_operation where dm_operation_id = operation.id
      and dm_command = operation.command and definition->>'name' = operation.name)
  order by operation.id`;

/** Keys of the rows that the pack puts into dm_operation: category with name, and category with command. */
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

/** Reads a stamp cheaply: as long as it is the same, readStored most likely gives the same. Rejects as the database does. */
export async function readStamp(queryable: Queryable): Promise<string> {
  const [row] = await queryable.query<{ stamp: string }>(STAMP);
  return row?.stamp ?? '';
}

/**
 * Reads all custom operations and those of dm_operation. `known` has operations from before, by id; one whose text is the same is
 * taken from there. Rejects as the database does.
 */
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
      // It takes long to read thousands of operations.
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

/** Adds operations, or replaces those with the same ids. Rejects as the database does. */
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

/** Splits the list into pieces of at most PIECE bytes each; a larger element is a piece of its own. */
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

/** Deletes a custom operation; resolves with false if there was none with this id. Rejects as the database does. */
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

/** Null for an operation that cannot be read; then `unreadable` gets the reason. */
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

/** Keeps the first of several rows with the same id, which TPEDM's own tables allow. */
function withoutDoubles(texts: readonly StoredText[]): StoredText[] {
  return [...new Map(texts.toReversed().map((text) => [text.id, text])).values()].toReversed();
}

function isOurs({ category, name, command }: ForeignRow): boolean {
  return (
    OURS.has(JSON.stringify(['name', category, name])) ||
    OURS.has(JSON.stringify(['command', category, command]))
  );
}

/** The stored JSON of an operation, without its id and the fields that are the same for all custom operations. */
function definitionOf(operation: Operation): string {
  const { id: _id, source: _source, tpedm: _tpedm, refusedBecause: _refused, ...definition } = operation;
  return JSON.stringify(definition);
}
