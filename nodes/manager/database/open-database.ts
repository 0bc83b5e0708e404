import type { DatabaseOptions } from '../database/options.js';
import type { Database } from './database.js';
import { openPglite } from './pglite/pglite.js';
import { openPostgresql } from './postgresql/postgresql.js';
import type { TellWaiting } from './watch-waiting.js';

/**
 * Opens the database that the options name; its schema comes by `migrate`. A PostgreSQL server need not answer yet; `tell` hears
 * what keeps a statement waiting there.
 * Rejects with INVALID_INPUT for options that cannot work, CONFLICT for a folder that is in use or damaged.
 */
export async function openDatabase(options: DatabaseOptions, tell?: TellWaiting): Promise<Database> {
  return options.kind === 'embedded' ? await openPglite(options.folder) : openPostgresql(options, tell);
}
