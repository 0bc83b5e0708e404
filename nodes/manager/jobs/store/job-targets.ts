import type { Queryable, Row } from '../../database/database.js';
import type { Targets } from '../../registry/targets.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Job, JobBrief, JobWithoutIds } from '../job.js';
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

/** How many client ids are told with a job. */
const FIRST_NAMED = 10;

/** Counted where they are kept: they are neither sent nor parsed for it. */
const NAMED = `
  select jsonb_array_length(given.ids) as count, jsonb_path_query_array(given.ids, '$[0 to ${FIRST_NAMED - 1}]') as first
  from (select job.targets -> 'clientids' as ids from tpe_job job
    where job.id = $1::bigint and job.targets ->> 'kind' = 'list' offset 0) given`;

/** How many client ids a job was given, and the first of them; null for a filter or the whole fleet. */
export async function readNamed(database: Queryable, { id, definition }: JobRow): Promise<JobBrief['named']> {
  const { filter, all } = definition.targets;
  if (filter !== undefined || all !== undefined) return null;
  const [row] = await database.query<Row & { count: number; first: string[] }>(NAMED, [id]);
  return row ?? null;
}
