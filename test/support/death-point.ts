import type { Database, Queryable, Row } from '../../nodes/manager/database/database.js';

type Ending = 'die' | 'pause';

/** A point in the statements of a process at which it ends as by a power cut. */
export interface DeathPoint {
  /** A regular expression over the text of a statement and the JSON of its parameters. */
  matches: string;
  /** Before it is sent, when it has been carried out (in a transaction: before its end), or when its transaction is committed. */
  when: 'before' | 'after' | 'committed';
  /** At which statement that matches; default: the first. */
  no?: number;
  /** Default: it dies. `pause`: it stands still until it gets SIGCONT, as a machine whose clock jumps. */
  how?: Ending;
}

/** A database that kills this process at a point. */
export interface DyingDatabase {
  database: Database;
  /** From now on this is the point, and statements count that come from now on. */
  dieAt(point: DeathPoint): void;
}

/** Creates it; without a point, it kills nobody. */
export function dyingDatabase(database: Database): DyingDatabase {
  let point: { pattern: RegExp; when: DeathPoint['when']; no: number; how: Ending } | null = null;
  let seen = 0;

  /** The point, if this statement is it. */
  function pointAt(sql: string, parameters: readonly unknown[]): typeof point {
    if (!point?.pattern.test(`${sql} ${JSON.stringify(parameters)}`)) return null;
    seen += 1;
    return seen === point.no ? point : null;
  }

  /** Carries out a statement. `onPoint` is called if the point is the commit of its transaction; null: it is one by itself. */
  async function carryOut<T>(
    sql: string,
    parameters: readonly unknown[],
    run: () => Promise<T>,
    onPoint: ((how: Ending) => void) | null,
  ): Promise<T> {
    const here = pointAt(sql, parameters);
    if (here?.when === 'before') end(here.how);
    const result = await run();
    if (here === null || here.when === 'before') return result;
    if (here.when === 'after' || onPoint === null) end(here.how);
    else onPoint(here.how);
    return result;
  }

  function within(transaction: Queryable, onPoint: (how: Ending) => void): Queryable {
    return {
      query: <R extends Row>(sql: string, parameters: readonly unknown[] = []) =>
        carryOut(sql, parameters, () => transaction.query<R>(sql, parameters), onPoint),
      execute: (script) => transaction.execute(script),
    };
  }

  const dying: Database = {
    ...database,
    query: <R extends Row>(sql: string, parameters: readonly unknown[] = []) =>
      carryOut(sql, parameters, () => database.query<R>(sql, parameters), null),
    queryKept: <R extends Row>(sql: string, parameters: readonly unknown[]) =>
      carryOut(sql, parameters, () => database.queryKept<R>(sql, parameters), null),
    queryBatch: <R extends Row>(items: number, sql: string, parameters: readonly unknown[]) =>
      carryOut(sql, parameters, () => database.queryBatch<R>(items, sql, parameters), null),
    async transaction<T>(work: (transaction: Queryable) => Promise<T>) {
      let here: Ending | null = null;
      const result = await database.transaction((transaction) => {
        here = null;
        return work(
          within(transaction, (how) => {
            here = how;
          }),
        );
      });
      if (here !== null) end(here);
      return result;
    },
  };

  return {
    database: dying,
    dieAt({ matches, when, no = 1, how = 'die' }) {
      point = { pattern: new RegExp(matches, 's'), when, no, how };
      seen = 0;
    },
  };
}

/** Nothing runs behind it: the signal takes the process at once. */
function end(how: Ending): void {
  process.kill(process.pid, how === 'die' ? 'SIGKILL' : 'SIGSTOP');
}
