import type { Database } from '../../nodes/manager/database/database.js';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { postgres } from '../support/postgres.js';

/** A new database of this name on the bench's PostgreSQL, with the schema in it; whoever asks closes it. */
export async function newDatabase(
  name: string,
): Promise<{ options: { kind: 'postgresql'; url: string }; database: Database }> {
  const server = await postgres();
  await server.admin(`create database ${name}`);
  const options = { kind: 'postgresql', url: server.url(name) } as const;
  const database = await openDatabase(options);
  await migrate(database, { info: () => undefined });
  return { options, database };
}
