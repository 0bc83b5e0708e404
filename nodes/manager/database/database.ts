/** A row as the driver gives it: int8 as number, json parsed, timestamptz as Date, text[] as array. */
export type Row = Record<string, unknown>;

/** What a statement can be run on: the database itself, or an open transaction. */
export interface Queryable {
  /**
   * Runs one statement with `$1` parameters. Arrays go in as PostgreSQL arrays, JSON goes in as text.
   * Throws the driver's error; `isUnavailable` (unavailable.ts) tells those that mean "try again later". The database that the
   * rooms of the manager are given throws UNAVAILABLE instead of these (watch-availability.ts).
   */
  query<R extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
  /** Runs a script of several statements without parameters and without a limit of time (migrations). */
  execute(script: string): Promise<void>;
}

export interface NotificationListener {
  /** Called with the payload of each NOTIFY on the channel, our own too. */
  onNotification(payload: string): void;
  /** It hears from now on: at first, and after each loss, in which notifications may have been missed. */
  onListening(): void;
}

export interface Listening {
  close(): Promise<void>;
}

/** PostgreSQL, in another process (pg) or in this one (PGlite). */
export interface Database extends Queryable {
  readonly kind: 'postgresql' | 'pglite';
  /** LISTEN, for as long as the database is open; null where no other process can share the database (PGlite). */
  readonly listen: ((channel: string, listener: NotificationListener) => Listening) | null;
  /**
   * As `query`, for a statement that comes again and again with so many items in its arrays. Where they are few, its plan
   * is kept and made without looking at them: nothing for a statement whose plan depends on what its parameters are.
   */
  queryBatch<R extends Row = Row>(items: number, sql: string, parameters: readonly unknown[]): Promise<R[]>;
  /**
   * Runs `work` in one transaction: commits when it resolves, rolls back when it rejects. `work` uses only the
   * transaction that it is given and waits for nothing else: PGlite has one connection, which it holds meanwhile.
   */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>;
  /** Waits for what is under way; after that every call rejects with CLOSED. */
  close(): Promise<void>;
}
