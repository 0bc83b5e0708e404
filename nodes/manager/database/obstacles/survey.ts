import type { Database, Queryable } from '../database.js';
import { type Column, columnObstacles, narrowColumns, readColumns } from './column-obstacles.js';
import { namesMadeBy, type Script, takenNames } from './names.js';
import type { Obstacle } from './obstacle.js';
import { surveyServer } from './server-obstacles.js';
import { longIds, tableObstacles, wideningObstacle } from './table-obstacles.js';

/** What was found in a database before anything is changed. */
export interface Findings {
  obstacles: Obstacle[];
  /** What works but should not be as it is. */
  warnings: string[];
  /** The role whose rights we have. */
  role: string;
  /** Columns of TPEDM's tables, as far as these exist. */
  columns: Column[];
}

/**
 * Looks at server, role, schema and tables at once, so that the administrator learns of all obstacles together. `migrations` are those that
 * will run. Rejects with UNAVAILABLE for a standby.
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
  // Rows cannot be read while a table belongs to another role or is hidden.
  if (found.length === 0) found.push(...(await longIds(database, columns)));
  for (const { column, type } of narrowColumns(columns)) {
    const obstacle = await wideningObstacle(database, column, type);
    if (obstacle !== null) found.push(obstacle);
  }
  return { obstacles: found, warnings: server.warnings, role: server.role, columns };
}
