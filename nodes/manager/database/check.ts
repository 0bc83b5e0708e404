import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { migrationObstacles } from './migrate.js';
import { openDatabase } from './open-database.js';
import type { DatabaseOptions } from './options.js';
import { isUnavailable } from './unavailable.js';

/**
 * Checks the database of these options without changing anything: whether it can be reached, admits us, and lets us create tables. Resolves
 * with a sentence on what it found, and rejects with an error whose message says what is wrong. `running` are the options of the manager
 * that is open now, which of course holds its own folder.
 */
export function checkDatabase(
  options: DatabaseOptions,
  running: DatabaseOptions | undefined,
): Promise<string> {
  return options.kind === 'embedded' ? checkFolder(options.folder, running) : checkPostgresql(options);
}

async function checkFolder(folder: string, running: DatabaseOptions | undefined): Promise<string> {
  const path = resolve(folder);
  let place = path;
  while (!existsSync(place)) place = dirname(place);
  try {
    if (!statSync(place).isDirectory()) throw new Error('no folder');
    accessSync(place, constants.W_OK);
  } catch {
    throw new Error(
      `${place} is no folder that can be written: give its owner the right to, or choose another one.`,
    );
  }
  if (running?.kind === 'embedded' && resolve(running.folder) === path) {
    return `The embedded database in ${path} is open and in use by this server.`;
  }
  return existsSync(join(path, 'pgdata'))
    ? `There is an embedded database in ${path}; it will be used.`
    : `An embedded database will be made in ${path}.`;
}

interface DatabaseFacts extends Record<string, unknown> {
  user: string;
  name: string;
  ours: boolean;
  tpedm: boolean;
}

const DATABASE_FACTS = `
  select current_user as "user", current_database() as name, to_regclass('tpe_command') is not null as ours,
    to_regclass('clientid_profile') is not null as tpedm`;

async function checkPostgresql(options: DatabaseOptions): Promise<string> {
  const database = await openDatabase(options);
  try {
    const [facts] = await database.query<DatabaseFacts>(DATABASE_FACTS);
    return databaseInWords(facts!, await migrationObstacles(database));
  } catch (error) {
    if (isAnswer(error)) throw new Error(`PostgreSQL answered, but refused: ${messageOf(error)}.`);
    throw new Error(
      `PostgreSQL cannot be reached: ${messageOf(error)}. Is it running, are host and port right?`,
    );
  } finally {
    await database.close();
  }
}

/** Whether the error comes from a server that answered. */
function isAnswer(error: unknown): boolean {
  return !isUnavailable(error) || (error instanceof TpeError && error.details.sqlstate !== undefined);
}

function databaseInWords(facts: DatabaseFacts, obstacles: readonly string[]): string {
  const who = `PostgreSQL accepted "${facts.user}" for the database "${facts.name}"`;
  if (obstacles.length > 0) {
    throw new Error(`${who}, but its tables cannot be made or changed there yet: ${obstacles.join(' ')}`);
  }
  if (facts.ours) return `${who}; its tables are there.`;
  return facts.tpedm
    ? `${who}; the tables of a TPEDM are there and will be adopted with their gateways.`
    : `${who}; the tables will be created.`;
}
