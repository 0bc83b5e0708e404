// A process of its own for tests that kill one: opens the embedded database in a folder, tells so, and goes on.
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import { messageOf } from '../../nodes/manager/shared/tpe-error.js';

/** What it tells its parent. */
export type HoldFolderMessage =
  | { type: 'open' }
  | { type: 'importing' }
  | { type: 'imported'; registered: number }
  | { type: 'failed'; reason: string };

/** What it does when it is told `import`. */
export const ROWS = 10_000;

async function main(folder: string): Promise<void> {
  const tell = (message: HoldFolderMessage) => process.send?.(message);
  try {
    const database = await openDatabase({ kind: 'embedded', folder });
    await migrate(database, { info: () => undefined });
    const registry = createRegistry(database);
    await registry.register({ clientid: 'acknowledged' });
    process.on('message', async () => {
      tell({ type: 'importing' });
      const rows = Array.from({ length: ROWS }, (_, index) => ({ clientid: `imported-${index}` }));
      const { registered } = await registry.import(JSON.stringify(rows), 'json');
      tell({ type: 'imported', registered });
    });
    tell({ type: 'open' });
  } catch (error) {
    tell({ type: 'failed', reason: messageOf(error) });
    process.disconnect?.();
  }
}

const folder = process.argv[2];
if (require.main === module && folder !== undefined) void main(folder);
