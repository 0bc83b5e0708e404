import type { Queryable, Row } from '../../database/database.js';
import { filterOf, type Targets } from '../../registry/targets.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Job } from '../job.js';
import type { JobRow } from './job-row.js';

// The row of a job is read and told all the time, so it does not have its client ids if they are many. They are in a column of their own.

const MOST_IDS = 500;

/** A definition as the row of a job keeps it: without client ids if they are many. */
export function withoutManyIds(definition: Job['definition']): Job['definition'] {
  const { ids, ...rest } = definition.targets;
  return ids === undefined || ids.length <= MOST_IDS ? definition : { ...definition, targets: rest };
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
  const { ids, filter, all } = definition.targets;
  if (ids !== undefined || filter !== undefined || all !== undefined) return definition;
  const found = await readTargets(database, id);
  // To parse very many of them has taken a while.
  await yieldToEventLoop();
  const clientids = found.kind === 'list' ? found.clientids : (filterOf(found).clientids ?? []);
  return { ...definition, targets: { ...definition.targets, ids: [...clientids] } };
}
