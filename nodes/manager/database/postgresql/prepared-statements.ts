import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Row } from '../database.js';
import { toParameter } from './array-literal.js';

/** How long a plan is kept, ms: it is made for the size that the tables have at that time. */
export const PLANS_LAST_MS = 10_000;
/** Up to so many items, a plan is kept: PostgreSQL plans for ten where it does not know the number. */
export const FEW = 50;

const names = new Map<string, string>();
const plannedAt = new WeakMap<pg.PoolClient, number>();

/**
 * Runs a statement by a plan that each connection keeps, whatever the parameters are, because most statements of few items take longer to
 * plan than to run.
 */
export async function queryByKeptPlan<R extends Row>(
  client: pg.PoolClient,
  sql: string,
  parameters: readonly unknown[],
): Promise<R[]> {
  await prepare(client);
  const { rows } = await client.query<R>({
    name: nameOf(sql),
    text: sql,
    values: parameters.map(toParameter),
  });
  return rows;
}

async function prepare(client: pg.PoolClient): Promise<void> {
  const before = plannedAt.get(client);
  if (before !== undefined && Date.now() - before < PLANS_LAST_MS) return;
  await client.query(before === undefined ? 'set plan_cache_mode = force_generic_plan' : 'discard plans');
  plannedAt.set(client, Date.now());
}

function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = `tpedm_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`;
  names.set(sql, name);
  return name;
}
