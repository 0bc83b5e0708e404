import type { Queryable } from '../database/database.js';

/** Work that one of several managers does for all. */
export interface Schedule {
  /**
   * True when this manager is to do the task now: no other one has begun it within `restMs`. In one statement, so that
   * of several that ask at once one gets it; and nothing is held, so that nobody waits for one that has died.
   */
  claim(task: string, restMs: number): Promise<boolean>;
}

const CLAIM = `
  insert into tpe_schedule as schedule (task, instance, started_at) values ($1, $2, now())
  on conflict (task) do update set instance = excluded.instance, started_at = excluded.started_at
    where schedule.instance = excluded.instance
      or schedule.started_at < now() - make_interval(secs => $3::bigint / 1000.0)
      -- Of a clock that was wrong.
      or schedule.started_at > now() + interval '1 hour'
  returning schedule.task`;

/** The schedule that all managers on a database share. The clock is the database's. */
export function createSchedule(database: Queryable, instance: string): Schedule {
  return {
    async claim(task, restMs) {
      return (await database.query(CLAIM, [task, instance, restMs])).length > 0;
    },
  };
}
