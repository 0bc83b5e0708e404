import type { Database } from '../database/database.js';
import type { Schedule } from '../instances/schedule.js';

const FORGET_EVERY_MS = 60_000;

/**
 * Request ids grow with time, so the oldest records are found along their index; and where not even the first of them is
 * old, none is looked at.
 */
const FORGET = `
  delete from tpe_command where request_id in (
    select request_id from (
      select request_id, created_at, state from tpe_command order by request_id limit 5000) oldest
    where (select created_at from tpe_command order by request_id limit 1) < now() - interval '90 days'
      and created_at < now() - interval '90 days' and state not in ('QUEUED', 'SENT'))`;

/** Forgets commands of more than 90 days ago, some at a time; of several managers one does it. Called every now and then. */
export async function forgetCommands(database: Database, schedule: Schedule): Promise<void> {
  if (await schedule.claim('commands', FORGET_EVERY_MS)) await database.query(FORGET);
}
