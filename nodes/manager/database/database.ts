/** A row in the types that the drivers give: int8 is a number, json is parsed, timestamptz is a Date, and text[] an array. */
export type Row = Record<string, unknown>;

/** Runs statements: the database itself, or an open transaction. */
export interface Queryable {
  /**
   * Runs one statement with `$1` parameters, and resolves with its rows. Pass a JavaScript array for a PostgreSQL array, and text for JSON.
   * Rejects with the driver's error; `isUnavailable` (unavailable.ts) finds those that mean "try again later". The database that the rooms
   * of the manager are given rejects with UNAVAILABLE instead of these (watch-availability.ts).
   */
  query<R extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
  /** Runs a script of several statements, without parameters and without a time limit. For migrations. */
  execute(script: string): Promise<void>;
}

export interface NotificationListener {
  /** Called with the payload of each NOTIFY on the channel, including our own. */
  onNotification(payload: string): void;
  /**
   * Called each time that listening begins: at first, and after each loss of the connection, in which notifications may have been missed.
   */
  onListening(): void;
}

export interface Listening {
  close(): Promise<void>;
}

/** PostgreSQL, in another process (by pg) or in this one (PGlite). */
export interface Database extends Queryable {
  readonly kind: 'postgresql' | 'pglite';
  /** Listens to a channel (LISTEN) until it is closed; null for PGlite, which no other process can share. */
  readonly listen: ((channel: string, listener: NotificationListener) => Listening) | null;
  /**
   * As `query`, for a statement that is run often and whose best plan is the same for all parameters: PostgreSQL makes one plan, without
   * knowing them, and keeps it. On the one connection of PGlite, it goes before statements and transactions of others that wait.
   */
  queryKept<R extends Row = Row>(sql: string, parameters: readonly unknown[]): Promise<R[]>;
  /**
   * As `query`, for a statement that is run often, with so many items in its array parameters. For few items it is as
   * `queryKept`; a plan for few would take very long for many. With PGlite, it goes before others that wait, too.
   */
  queryBatch<R extends Row = Row>(items: number, sql: string, parameters: readonly unknown[]): Promise<R[]>;
  /**
   * Runs `work` in one transaction: commits when it resolves, rolls back when it rejects. `work` must use only the transaction that it gets
   * and wait for nothing else, because the one connection of PGlite is taken until then.
   */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>;
  /** Waits for the statements under way, then closes. After that, every call rejects with CLOSED. */
  close(): Promise<void>;
}
