import type { Queryable } from '../database/database.js';

/** Work that one of several managers does for all. */
export interface Schedule {
  /**
   * Does `work` when it is this manager's turn: no other one has begun the task within `restMs`. Resolves with false where it
   * is not. What `work` rejects with is passed on, and the turn is given back, so that another manager, which may have what
   * this one lacks, can take it at once. `isOurs` takes the turn anew, for work that goes on for long.
   */
  attempt(
    task: string,
    restMs: number,
    work: (isOurs: () => Promise<boolean>) => Promise<unknown>,
  ): Promise<boolean>;
}

/** One statement, so that only one of several managers gets the turn; no lock is held, so a dead manager blocks nobody. */
const CLAIM = `
  insert into tpe_schedule as schedule (task, instance, started_at) values ($1, $2, now())
  on conflict (task) do update set instance = excluded.instance, started_at = excluded.started_at
    where schedule.instance = excluded.instance
      or schedule.started_at < now() - make_interval(secs => $3::bigint / 1000.0)
      -- Of a clock that was wrong.
      or schedule.started_at > now() + interval '1 hour'
  returning schedule.task`;

/** Another manager may have taken it meanwhile. */
const GIVE_BACK = "update tpe_schedule set started_at = '-infinity' where task = $1 and instance = $2";

/** The schedule that all managers on a database share. The clock is the database's. */
export function createSchedule(database: Queryable, instance: string): Schedule {
  const claim = async (task: string, restMs: number) =>
    (await database.query(CLAIM, [task, instance, restMs])).length > 0;

  return {
    async attempt(task, restMs, work) {
      if (!(await claim(task, restMs))) return false;
      try {
        await work(() => claim(task, restMs));
        return true;
      } catch (error) {
        // A database that is away keeps the turn, for as long as others rest.
        await database.query(GIVE_BACK, [task, instance]).catch(() => undefined);
        throw error;
      }
    },
  };
}
