import type { Database, Queryable } from '../database.js';
import { type Column, columnObstacles, narrowColumns, readColumns } from './column-obstacles.js';
import { namesMadeBy, type Script, takenNames } from './names.js';
import type { Obstacle } from './obstacle.js';
import { surveyServer } from './server-obstacles.js';
import { longIds, tableObstacles, wideningObstacle } from './table-obstacles.js';

/** What was found in a database, before anything of it is changed. */
export interface Findings {
  obstacles: Obstacle[];
  /** What works, and should not be so. */
  warnings: string[];
  /** Whom the server takes us for. */
  role: string;
  /** Of TPEDM's tables, as far as they are there. */
  columns: Column[];
}

/**
 * Looks at server, role, schema and tables, all at once: who has to put things right is told everything. `migrations`: those
 * that are going to be run. Rejects with UNAVAILABLE at a standby.
 */
export async function survey(
  database: Queryable,
  migrations: readonly Script[],
  kind: Database['kind'],
): Promise<Findings> {
  const server = await surveyServer(database, kind);
  const names = namesMadeBy(migrations);
  const columns = await readColumns(database);
  const found = [
    ...server.obstacles,
    ...(await takenNames(database, names)),
    ...(await tableObstacles(database, server.role)),
    ...columnObstacles(columns, names.columns),
  ];
  // Rows are not to be read while a table is another's, or hidden.
  if (found.length === 0) found.push(...(await longIds(database, columns)));
  for (const { column, type } of narrowColumns(columns)) {
    const obstacle = await wideningObstacle(database, column, type);
    if (obstacle !== null) found.push(obstacle);
  }
  return { obstacles: found, warnings: server.warnings, role: server.role, columns };
}
