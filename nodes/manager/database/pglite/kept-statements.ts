import type { Results } from '@electric-sql/pglite';
import type { Row } from '../database.js';
import { toParameter } from '../postgresql/array-literal.js';
import { FEW, PLANS_LAST_MS } from '../postgresql/prepared-statements.js';

/** More than there are kinds of batches. */
const MOST = 50;

export interface KeptStatements {
  /** Runs the statement by a plan that is kept; null if it is not one for that, and has to be run in the ordinary way. */
  run<R extends Row>(items: number, sql: string, parameters: readonly unknown[]): Promise<R[]> | null;
}

/**
 * Keeps the plans of statements that are run often, because most statements of few items take longer to plan than to run. PGlite has no
 * named statements but those of SQL.
 */
export function createKeptStatements(source: { exec(script: string): Promise<Results[]> }): KeptStatements {
  const names = new Map<string, string>();
  let plannedAt = performance.now();

  async function nameOf(sql: string): Promise<string> {
    const known = names.get(sql);
    if (known !== undefined) return known;
    const name = `tpe_kept_${names.size}`;
    await source.exec(`prepare ${name} as ${sql}`);
    names.set(sql, name);
    return name;
  }

  async function execute<R extends Row>(sql: string, values: readonly string[]): Promise<R[]> {
    const name = await nameOf(sql);
    const isOld = performance.now() - plannedAt > PLANS_LAST_MS;
    if (isOld) plannedAt = performance.now();
    // In one script, which is one transaction: where it fails, the setting is as before, too.
    const results = await source.exec(
      `${isOld ? 'discard plans; ' : ''}set plan_cache_mode = force_generic_plan; execute ${name}(${values.join(', ')}); reset plan_cache_mode`,
    );
    return results[isOld ? 2 : 1]!.rows as R[];
  }

  return {
    run(items, sql, parameters) {
      if (items > FEW || (names.size >= MOST && !names.has(sql))) return null;
      const values = parameters.map(toLiteral);
      return values.includes(null) ? null : execute(sql, values as string[]);
    },
  };
}

/** Null for what has no literal here. The settings of the session make sure that a backslash means itself. */
function toLiteral(value: unknown): string | null {
  const text = toParameter(value);
  if (text === null || text === undefined) return 'null';
  if (typeof text === 'number' || typeof text === 'boolean') return `'${text}'`;
  // A zero would end the script.
  if (typeof text !== 'string' || text.includes('\0')) return null;
  return `'${text.replaceAll("'", "''")}'`;
}
