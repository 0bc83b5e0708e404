import type { Database, Queryable, Row } from '../../nodes/manager/database/database.js';

/** A point in the statements of a process at which it ends as by a power cut. */
export interface DeathPoint {
  /** A regular expression over the text of a statement and the JSON of its parameters. */
  matches: string;
  /** Before it is sent, when it has been carried out (in a transaction: before its end), or when its transaction is committed. */
  when: 'before' | 'after' | 'committed';
  /** At which statement that matches; default: the first. */
  no?: number;
  /** Default: it dies. `pause`: it stands still until it gets SIGCONT, as a machine whose clock jumps. */
  how?: 'die' | 'pause';
}

/** A database that kills this process at a point. */
export function dyingDatabase(
  database: Database,
  { matches, when, no = 1, how = 'die' }: DeathPoint,
): Database {
  const pattern = new RegExp(matches, 's');
  let seen = 0;

  function isPoint(sql: string, parameters: readonly unknown[]): boolean {
    if (!pattern.test(`${sql} ${JSON.stringify(parameters)}`)) return false;
    seen += 1;
    return seen === no;
  }

  /** Carries out a statement. `onPoint` is called if the point is the commit of its transaction; null: it is one by itself. */
  async function carryOut<T>(
    sql: string,
    parameters: readonly unknown[],
    run: () => Promise<T>,
    onPoint: (() => void) | null,
  ): Promise<T> {
    const isHere = isPoint(sql, parameters);
    if (isHere && when === 'before') end(how);
    const result = await run();
    if (!isHere || when === 'before') return result;
    if (when === 'after' || onPoint === null) end(how);
    else onPoint();
    return result;
  }

  function within(transaction: Queryable, onPoint: () => void): Queryable {
    return {
      query: <R extends Row>(sql: string, parameters: readonly unknown[] = []) =>
        carryOut(sql, parameters, () => transaction.query<R>(sql, parameters), onPoint),
      execute: (script) => transaction.execute(script),
    };
  }

  return {
    ...database,
    query: <R extends Row>(sql: string, parameters: readonly unknown[] = []) =>
      carryOut(sql, parameters, () => database.query<R>(sql, parameters), null),
    queryKept: <R extends Row>(sql: string, parameters: readonly unknown[]) =>
      carryOut(sql, parameters, () => database.queryKept<R>(sql, parameters), null),
    queryBatch: <R extends Row>(items: number, sql: string, parameters: readonly unknown[]) =>
      carryOut(sql, parameters, () => database.queryBatch<R>(items, sql, parameters), null),
    async transaction<T>(work: (transaction: Queryable) => Promise<T>) {
      let wasHere = false;
      const result = await database.transaction((transaction) => {
        wasHere = false;
        return work(
          within(transaction, () => {
            wasHere = true;
          }),
        );
      });
      if (wasHere) end(how);
      return result;
    },
  };
}

/** Nothing runs behind it: the signal takes the process at once. */
function end(how: 'die' | 'pause'): void {
  process.kill(process.pid, how === 'die' ? 'SIGKILL' : 'SIGSTOP');
}
