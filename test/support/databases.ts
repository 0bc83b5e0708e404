import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Database } from '../../nodes/manager/database/database.js';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import { copyEmptyDatabase, newFolder } from './embedded-template.js';
import { postgres } from './postgres.js';

/** Opens a new database of its own, with the schema in it; the caller closes it, the rest is cleared away. */
export interface OpenTestDatabase {
  (): Promise<Database>;
  readonly kind: Database['kind'];
  /** How to open a new database with the schema in it: for who opens it by itself, or twice. */
  options(): Promise<DatabaseOptions>;
  /** How to open a new database with nothing in it. */
  emptyOptions(): Promise<DatabaseOptions>;
}

/** What is in a new database. */
type Content = 'nothing' | 'schema';

/** Where new databases of a kind come from. */
interface Source {
  make(content: Content): Promise<DatabaseOptions>;
  clear(options: DatabaseOptions): Promise<void>;
}

const silent = { info: () => undefined };
const SOURCES: Record<Database['kind'], Source> = {
  pglite: { make: makeFolder, clear: removeFolder },
  postgresql: { make: makeDatabase, clear: dropDatabase },
};

/** Describes the suite twice: on PGlite in a folder, and on a real PostgreSQL server. */
export function eachDatabase(title: string, suite: (open: OpenTestDatabase) => void): void {
  for (const kind of ['pglite', 'postgresql'] as const) {
    describe(`${title} (${kind})`, () => suite(opener(kind)));
  }
}

/** The same for suites that open the database by themselves: each call gives a new one with the schema in it. */
export function eachDatabaseOptions(
  title: string,
  suite: (freshDatabase: () => Promise<DatabaseOptions>) => void,
): void {
  eachDatabase(title, (open) => suite(open.options));
}

/** Within a `describe`: a way to databases of one kind, cleared away behind it. */
export function opener(kind: Database['kind']): OpenTestDatabase {
  const source = SOURCES[kind];
  const made: DatabaseOptions[] = [];
  // The first one in a run takes the making of the templates.
  before(async () => {
    await templateOf(kind);
  });
  after(async () => {
    for (const options of made) await source.clear(options);
  });
  const make = async (content: Content) => {
    const options = await source.make(content);
    made.push(options);
    return options;
  };
  const options = () => make('schema');
  return Object.assign(async () => openDatabase(await options()), {
    kind,
    options,
    emptyOptions: () => make('nothing'),
  });
}

const templates: Partial<Record<Database['kind'], Promise<DatabaseOptions>>> = {};

/** One with the schema in it, that others are copied from. */
function templateOf(kind: Database['kind']): Promise<DatabaseOptions> {
  templates[kind] ??= makeTemplate(kind);
  return templates[kind];
}

async function makeTemplate(kind: Database['kind']): Promise<DatabaseOptions> {
  const options = await SOURCES[kind].make('nothing');
  const database = await openDatabase(options);
  await migrate(database, silent);
  await database.close();
  return options;
}

async function makeFolder(content: Content): Promise<DatabaseOptions> {
  const folder = newFolder();
  if (content === 'nothing') await copyEmptyDatabase(folder);
  else cpSync(folderOf(await templateOf('pglite')), folder, { recursive: true });
  return { kind: 'embedded', folder };
}

async function removeFolder(options: DatabaseOptions): Promise<void> {
  // A process that was killed may still write for a moment.
  // rmSync takes a second for the thousand files of an embedded database, ten times as long.
  await rm(folderOf(options), { recursive: true, force: true, maxRetries: 10 });
}

async function makeDatabase(content: Content): Promise<DatabaseOptions> {
  const server = await postgres();
  const template = content === 'nothing' ? 'template1' : nameOf(await templateOf('postgresql'));
  const name = `test_${randomBytes(6).toString('hex')}`;
  await server.admin(`create database ${name} template ${template}`);
  return { kind: 'postgresql', url: server.url(name) };
}

async function dropDatabase(options: DatabaseOptions): Promise<void> {
  await (await postgres()).admin(`drop database if exists ${nameOf(options)} with (force)`);
}

function folderOf(options: DatabaseOptions): string {
  if (options.kind !== 'embedded') throw new Error('not an embedded database');
  return options.folder;
}

function nameOf(options: DatabaseOptions): string {
  if (options.kind !== 'postgresql') throw new Error('not a PostgreSQL database');
  return new URL(options.url).pathname.slice(1);
}
