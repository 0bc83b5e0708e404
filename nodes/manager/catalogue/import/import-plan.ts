import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import { withoutSecrets } from '../blank-secrets.js';
import { FOREIGN_ID } from '../custom-operation.js';
import type { Operation } from '../operation.js';
import { TPE_OPERATIONS } from '../operation-set.js';
import { OPERATIONS } from '../operations.js';
import type { FileEntry } from './file-entry.js';
import type { FileFormat, ImportReport } from './import-report.js';
import { knownFromOpenApi, knownToTpedm, sameButId } from './known-operations.js';
import { MAX_OPERATIONS } from './most-operations.js';
import { noteOf } from './note-list.js';
import type { FileContent } from './operations-file.js';

const MAX_NAME_LENGTH = 100;

type ReadEntry = Extract<FileEntry, { operation: Operation }>;

/** What an import is going to do. */
export interface ImportPlan {
  report: ImportReport;
  /** The operations to store: the added and the changed ones. */
  operations: Operation[];
}

/**
 * Compares a file with the catalogue. `own` operations can be changed by the import; `foreign` ones, of dm_operation, cannot. The
 * author of a file from elsewhere could not know which names are taken here, so such names get an ending. It yields to the event
 * loop, since a file can have thousands of operations.
 */
export async function planImport(
  { format, prefix, notes, entries }: FileContent,
  own: readonly Operation[],
  foreign: readonly Operation[],
): Promise<ImportPlan> {
  const report: ImportReport = {
    ...{ format, added: [], changed: [], same: [], refused: [] },
    ...{ operations: [], prefix, notes },
  };
  const stored = new Map(own.map((operation) => [operation.id, operation]));
  const places = new Map<string, string>();
  const names = createNames([...OPERATIONS, ...own, ...foreign]);
  const foreignByName = new Map(foreign.map((operation) => [nameKey(operation), operation]));
  const planned: Operation[] = [];
  let count = own.length;

  function tell(
    outcome: 'added' | 'changed' | 'same',
    { place, notes, operation }: ReadEntry,
    id: string,
    name: string,
  ) {
    report[outcome].push(id);
    const { method, path } = operation;
    report.operations.push({ id, name, method, path, place, outcome, notes });
  }

  function decide(entry: ReadEntry): string | null {
    const { operation } = entry;
    const known = knownAlready(format, operation, foreignByName.get(nameKey(operation)));
    if (known !== null) {
      tell('same', entry, known, operation.name);
      return null;
    }
    const first = places.get(operation.id);
    if (first !== undefined) return `The id "${operation.id}" stands in the file twice: first at ${first}.`;
    places.set(operation.id, entry.place);
    if (FOREIGN_ID.test(operation.id)) return RESERVED;
    const before = stored.get(operation.id);
    if (before === undefined && count >= MAX_OPERATIONS) return TOO_MANY;
    const told = { ...operation, name: nameFor(operation) };
    const named = withoutSecrets(told);
    if (told.name !== operation.name)
      entry.notes.push(noteOf(entry.place, 'renamed', { name: operation.name }));
    if (!sameButId(told, named)) entry.notes.push(noteOf(entry.place, 'secrets'));
    const taken = names.takenBy(named);
    if (taken !== undefined) return nameTaken(named, taken);
    if (before !== undefined && sameButId(before, named)) {
      tell('same', entry, named.id, named.name);
      return null;
    }
    if (before === undefined) count += 1;
    else names.free(before);
    names.take(named);
    tell(before === undefined ? 'added' : 'changed', entry, named.id, named.name);
    planned.push(named);
    return null;
  }

  function nameFor(operation: Operation): string {
    if (format === 'operations') return operation.name;
    const ending = `(${operation.method} ${operation.path})`;
    const candidates = [
      operation.name,
      longer(operation.name, ending),
      longer(operation.name, `(${operation.id.slice(-8)})`),
    ];
    return candidates.find((name) => names.takenBy({ ...operation, name }) === undefined) ?? operation.name;
  }

  for (const entry of entries) {
    await yieldToEventLoop();
    const reason = 'operation' in entry ? decide(entry) : entry.reason;
    if (reason === null) continue;
    const { place, name, method, path } = entry;
    report.refused.push({
      ...{ place, name },
      ...(method === undefined ? {} : { method }),
      ...(path === undefined ? {} : { path }),
      reason,
    });
  }
  return { report, operations: planned };
}

export const RESERVED =
  'Ids "own-dm-" with a number belong to rows of dm_operation: leave the id out, or choose another one.';
const TOO_MANY = `There are ${MAX_OPERATIONS} custom operations already, which is the maximum: remove some.`;

/** The reason why a name is refused; `by` is the id of the operation that has it. */
export function nameTaken({ category, name }: Operation, by: string): string {
  return `The category ${JSON.stringify(category)} has an operation ${JSON.stringify(name)} already (${by}): give it another name.`;
}

/** Keeps the names of operations, which must be unique within a category. */
export function createNames(operations: readonly Operation[]) {
  const ids = new Map(operations.map((operation) => [nameKey(operation), operation.id]));
  return {
    /** The id of another operation with the same name and category; undefined where there is none. */
    takenBy(operation: Operation): string | undefined {
      const id = ids.get(nameKey(operation));
      return id === operation.id ? undefined : id;
    },
    take: (operation: Operation) => void ids.set(nameKey(operation), operation.id),
    free: (operation: Operation) => void ids.delete(nameKey(operation)),
  };
}

function nameKey({ category, name }: Operation): string {
  return JSON.stringify([category, name]);
}

/**
 * The id of an operation that the catalogue has already and that is the same; null where there is none. In our own files the ids
 * identify operations, so these are not compared with the pack.
 */
function knownAlready(
  format: FileFormat,
  operation: Operation,
  namesake: Operation | undefined,
): string | null {
  if (namesake !== undefined && sameButId(namesake, operation)) return namesake.id;
  if (format === 'tpedm') return knownToTpedm(operation, OPERATIONS)?.id ?? null;
  if (format === 'operations') return null;
  const alike = TPE_OPERATIONS.findAll(operation.method, operation.path);
  return (
    knownFromOpenApi(
      operation,
      alike.filter((one) => samePlace(one.path, operation.path)),
    )?.id ?? null
  );
}

/**
 * Whether two paths differ only in the names of placeholders: `/apps/{name}` and `/apps/{id}`, but not `/apps/{id}` and
 * `/apps/all`.
 */
function samePlace(one: string, other: string): boolean {
  const plain = (path: string) => path.replaceAll(/\{[^{}]*\}/g, '{}');
  return plain(one) === plain(other);
}

/** Adds an ending to a name, and cuts both so that the result is not too long for a name. */
function longer(name: string, ending: string): string {
  const end = [...ending].slice(0, MAX_NAME_LENGTH / 2).join('');
  const room = MAX_NAME_LENGTH - [...end].length - 1;
  return `${[...name].slice(0, room).join('').trim()} ${end}`;
}
