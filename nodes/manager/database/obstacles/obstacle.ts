/** Something about a database that keeps the manager from using it, and the way out. */
export interface Obstacle {
  /** What is so, where. */
  what: string;
  /** What to do, as SQL where it can be: to be run in this database. */
  remedy: string;
  /** Who may do that; default: the owner of the table or a superuser. */
  as?: string;
  /**
   * What cannot go on: to adopt tables that are not ours yet, or (the default) any migration. In a database that is ours
   * already it is a warning else, since what works should go on.
   */
  blocks?: 'adoption' | 'migration';
}

const OWNER = "the table's owner or a superuser";

/** An obstacle in one line. */
export function translateReason({ what, remedy, as = OWNER }: Obstacle): string {
  return `${what}. Run: ${remedy} (as ${as}).`;
}
