import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../nodes/manager/database/database.js';
import { giveIdentities } from '../../nodes/manager/database/migrations/015_account_identity.js';
import { dropMovedColumns } from '../../nodes/manager/database/migrations/036_presence_rows.js';
import { PACKAGE_ROOT } from './editor-files.js';

const MIGRATIONS = join(PACKAGE_ROOT, 'nodes/manager/database/migrations');

/** Brings an empty database to where it was before the migration of this number, such as `036`. */
export async function migrateBefore(database: Database, number: string): Promise<void> {
  await database.execute('create extension if not exists pg_trgm');
  await database.execute(
    'create table tpe_migration (number integer primary key, name text not null, applied_at timestamptz not null default now())',
  );
  await migrateOn(database, '000', number);
}

/** Goes on from the migration of the first number, which is done, too, to before that of the other. */
export async function migrateOn(database: Database, from: string, before: string): Promise<void> {
  const files = readdirSync(MIGRATIONS).filter(
    (file) => file.endsWith('.sql') && file >= from && file < before,
  );
  for (const file of files.toSorted()) {
    await database.execute(readFileSync(join(MIGRATIONS, file), 'utf8'));
    if (file.startsWith('015_')) await giveIdentities(database);
    if (file.startsWith('036_')) await dropMovedColumns(database);
    await database.query('insert into tpe_migration (number, name) values ($1, $2)', [
      Number(file.slice(0, 3)),
      file.slice(0, -'.sql'.length),
    ]);
  }
}
