import type { Row } from '../../database/database.js';
import type { Cause } from '../../shared/reason.js';
import { alarmReason } from '../alarm-reasons.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { Condition, ConditionSource, LookContext, OpenAlarm, Standing } from '../condition.js';
import { toldReason } from './installations.js';
import { dueBefore, statement } from './statement.js';

/*
 * Alarms of jobs; their key is the id of the job. One is over when the job goes on, or when somebody has acknowledged it a day ago: then it is
 * not raised again for the same.
 */

interface JobRow extends Row {
  id: string;
  name: string;
  since: Date;
  reason: string | null;
  cause: Cause | null;
  bad: number;
  total: number;
}

interface JobKind {
  kind: 'job-failed' | 'job-paused';
  /** SQL: it is so of the job. */
  isSo: string;
  /** SQL of since when. */
  since: string;
  /** SQL of how many gateways it is of. */
  gateways: string;
  tell(row: JobRow): Pick<Condition, 'reason' | 'advice'>;
}

const DAYS_BACK = 7;

function jobSource({ kind, isSo, since, gateways, tell }: JobKind): ConditionSource {
  const columns = `job.id::text as id, job.name, ${since} as since, job.reason, job.cause, (${gateways}) as bad, job.total`;

  async function due({ database, now }: LookContext, rule: AlarmRule, limit: number): Promise<Condition[]> {
    const given = statement();
    const { add } = given;
    const ruleId = add(rule.id);
    const sql = `
      select ${columns} from tpe_job job
      where ${isSo} and ${since} > ${add(new Date(now.getTime() - DAYS_BACK * 86_400_000))}::timestamptz
        and ${since} <= ${dueBefore(now, rule, given)}
        and not exists (select from tpe_alarm told where told.clientid is null and told.key = job.id::text and told.rule = ${ruleId}
          and (told.cleared_at is null or told.since >= ${since} - interval '1 millisecond'))
      order by ${since}, job.id limit ${add(limit)}`;
    const rows = await database.query<JobRow>(sql, given.values);
    return rows.map((row) => ({
      ...{ clientid: null, key: row.id, site: null, since: row.since, gateways: row.bad },
      ...tell(row),
    }));
  }

  async function standings(
    { database, now }: LookContext,
    _rule: AlarmRule,
    open: readonly OpenAlarm[],
  ): Promise<Standing[]> {
    const { values, add } = statement();
    const sql = `
      select ${columns}, alarm.id::text as alarm from unnest(${add(open.map(({ id }) => id))}::bigint[]) as asked (id)
        join tpe_alarm alarm on alarm.id = asked.id
        join tpe_job job on job.id = alarm.key::bigint
      where ${isSo} and coalesce(alarm.acknowledged_at > ${add(new Date(now.getTime() - 86_400_000))}::timestamptz, true)`;
    const rows = await database.query<JobRow & { alarm: string }>(sql, values);
    const bad = new Map(rows.map((row) => [row.alarm, row]));
    return open.map(({ id }): Standing => {
      const row = bad.get(id);
      if (row === undefined) return { is: 'good' };
      return { is: 'bad', reason: tell(row).reason, gateways: row.bad };
    });
  }

  return { kind, due, standings };
}

/** Jobs that have ended and failed on some gateways. */
export const jobFailed = jobSource({
  kind: 'job-failed',
  isSo: "job.state = 'COMPLETED' and job.failed + job.timed_out + job.rejected + job.expired > 0",
  since: 'job.ended_at',
  gateways: 'job.failed + job.timed_out + job.rejected + job.expired',
  tell: ({ id, name, bad, total }) => ({
    reason: alarmReason('alarm-job-failed', { id, name, failed: bad, total }),
    advice: alarmReason('alarm-do-job-failed'),
  }),
});

/** Jobs that paused by themselves. */
export const jobPaused = jobSource({
  kind: 'job-paused',
  isSo: "job.state = 'PAUSED' and job.pause_reason <> 'requested'",
  since: 'job.updated_at',
  gateways: 'job.queued + job.in_progress',
  tell: ({ id, name, ...why }) => ({
    reason: alarmReason('alarm-job-paused', { id, name, why: toldReason(why) }),
    advice: alarmReason('alarm-do-job-paused'),
  }),
});
