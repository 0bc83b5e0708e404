import type { DatabaseOptions } from '../database/options.js';
import type { Database } from './database.js';
import { openPglite } from './pglite/pglite.js';
import { openPostgresql } from './postgresql/postgresql.js';
import type { TellWaiting } from './watch-waiting.js';

/**
 * Opens the database of these options; `migrate` makes its schema. A PostgreSQL server need not be reachable yet. `tell` is called with
 * what keeps a statement waiting there. Rejects with INVALID_INPUT for options that cannot work and CONFLICT for a folder that is in use or
 * damaged; an embedded database also rejects with UNAVAILABLE when the disk is full.
 */
export async function openDatabase(options: DatabaseOptions, tell?: TellWaiting): Promise<Database> {
  return options.kind === 'embedded' ? await openPglite(options.folder) : openPostgresql(options, tell);
}
