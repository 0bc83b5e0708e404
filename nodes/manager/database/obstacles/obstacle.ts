/** Something in a database that keeps the manager from using it, with the way out. */
export interface Obstacle {
  /** What is in the way, and where. */
  what: string;
  /** What to do, as SQL to run in this database where possible. */
  remedy: string;
  /** Who may do that; by default, the table's owner or a superuser. */
  as?: string;
  /**
   * What the obstacle blocks: the adoption of tables that are not ours yet, or any migration, which is the default. Otherwise it is a
   * warning, so that a database that works goes on working.
   */
  blocks?: 'adoption' | 'migration';
}

const OWNER = "the table's owner or a superuser";

/** Writes an obstacle in one line. */
export function translateReason({ what, remedy, as = OWNER }: Obstacle): string {
  return `${what}. Run: ${remedy} (as ${as}).`;
}
