import type { Queryable, Row } from '../../database/database.js';
import type { Targets } from '../../registry/targets.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Job, JobWithoutIds } from '../job.js';
import type { JobRow } from './job-row.js';

// The row of a job is read and told for each gateway that is decided, so it does not have its client ids: they are in a column of their own,
// which is read where they are needed.

/** A definition as the row of a job keeps it. */
export function withoutIds({ targets, ...rest }: Job['definition']): JobWithoutIds['definition'] {
  const { ids: _ids, ...kept } = targets;
  return { ...rest, targets: kept };
}

/** Whom a job is meant for. */
export async function readTargets(database: Queryable, id: string): Promise<Targets> {
  const sql = 'select job.targets from tpe_job job where job.id = $1::bigint';
  const [row] = await database.query<Row & { targets: Targets }>(sql, [id]);
  return row?.targets ?? { kind: 'list', clientids: [] };
}

/** The definition of a job as it was given. */
export async function readDefinition(
  database: Queryable,
  { id, definition }: JobRow,
): Promise<Job['definition']> {
  const { filter, all } = definition.targets;
  if (filter !== undefined || all !== undefined) return definition;
  const targets = await readTargets(database, id);
  // To parse very many of them has taken a while.
  await yieldToEventLoop();
  if (targets.kind !== 'list') return definition;
  return { ...definition, targets: { ...definition.targets, ids: [...targets.clientids] } };
}
