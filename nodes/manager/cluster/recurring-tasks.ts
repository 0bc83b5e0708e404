import type { Queryable } from '../database/database.js';

/** Has recurring work done by one of several managers at a time, for all of them. */
export interface Schedule {
  /**
   * Does `work` if it is this manager's turn, that is, if no other manager has begun the task within `restMs`; else resolves with false.
   * Rejects as `work` does. The turn is then given back, so that another manager, which may have what this one lacks, can take it at once.
   * Long work calls `isOurs` to take the turn again; false means that another manager has it.
   */
  attempt(
    task: string,
    restMs: number,
    work: (isOurs: () => Promise<boolean>) => Promise<unknown>,
  ): Promise<boolean>;
}

/** A single statement, so that only one manager gets the turn. It holds no lock, so a dead manager blocks nobody. */
const CLAIM = `
  insert into tpe_schedule as schedule (task, instance, started_at) values ($1, $2, now())
  on conflict (task) do update set instance = excluded.instance, started_at = excluded.started_at
    where schedule.instance = excluded.instance
      or schedule.started_at < now() - make_interval(secs => $3::bigint / 1000.0)
      -- Of a clock that was wrong.
      or schedule.started_at > now() + interval '1 hour'
  returning schedule.task`;

/** Applies only if the manager still has the turn, since another one may have taken it meanwhile. */
const GIVE_BACK = "update tpe_schedule set started_at = '-infinity' where task = $1 and instance = $2";

/** Creates this manager's access to the schedule that all managers on a database share. The clock is that of the database. */
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
        // If the database is away, the turn is not given back, and other managers wait for `restMs`.
        await database.query(GIVE_BACK, [task, instance]).catch(() => undefined);
        throw error;
      }
    },
  };
}
