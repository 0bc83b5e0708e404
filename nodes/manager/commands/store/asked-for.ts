import type { Database, Row } from '../../database/database.js';
import { createGroupCommit, type GroupCommit } from '../../database/group-commit.js';
import type { AskedFor } from '../command-store.js';
import { MAX_BATCH, MAX_WAITING } from './batch.js';

const ASKED_FOR = `
  select request_id::text as request_id, path, operation from tpe_command where request_id = any($1::bigint[])`;

/** Creates the look-ups of what commands asked for, many in one statement. The result is null for an unknown command. */
export function createLookUps(database: Database): GroupCommit<string, AskedFor | null> {
  return createGroupCommit<string, AskedFor | null>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    onWritten: () => undefined,
    async write(requestIds) {
      const rows = await database.queryBatch<AskedFor & Row & { request_id: string }>(
        requestIds.length,
        ASKED_FOR,
        [requestIds],
      );
      const found = new Map(rows.map(({ request_id, path, operation }) => [request_id, { path, operation }]));
      return requestIds.map((requestId) => found.get(requestId) ?? null);
    },
  });
}
