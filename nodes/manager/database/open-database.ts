import type { DatabaseOptions } from '../device-manager.js';
import type { Database } from './database.js';
import { openPglite } from './pglite.js';
import { openPostgresql } from './postgresql.js';

/**
 * Opens the database that the options name; its schema comes by `migrate`. A PostgreSQL server need not answer yet.
 * Rejects with INVALID_INPUT for options that cannot work, CONFLICT for a folder that is in use or damaged.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.kind === 'embedded' ? await openPglite(options.folder) : openPostgresql(options);
}
