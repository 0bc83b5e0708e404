/** A row as the driver gives it: int8 as number, json parsed, timestamptz as Date. */
export type Row = Record<string, unknown>;

/** What a statement can be run on: the database itself, or an open transaction. */
export interface Queryable {
  /**
   * Runs one statement with `$1` parameters. Arrays go in as PostgreSQL arrays.
   * Throws the driver's error; `isUnavailable` (unavailable.ts) tells those that mean "try again later".
   */
  query<R extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
}

/** PostgreSQL, in another process (pg) or in this one (PGlite). */
export interface Database extends Queryable {
  readonly kind: 'postgresql' | 'pglite';
  /** Runs `work` in one transaction: commits when it resolves, rolls back when it rejects. */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>;
  /** Runs a script of several statements without parameters (migrations). */
  execute(script: string): Promise<void>;
  close(): Promise<void>;
}
