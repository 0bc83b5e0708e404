import type { Queryable } from '../../database/database.js';
import { type Page, pageById } from '../../shared/page.js';
import { isStorable } from '../../shared/text.js';
import { type Alarm, type AlarmCounts, type AlarmQuery, type AlarmState, parseAlarmQuery } from '../alarm.js';
import { ALARM_COLUMNS, type AlarmRow, IS_SHELVED, isAlarmId, toAlarm } from './alarm-row.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** SQL of the alarms in a state. */
const IN_STATE: Record<AlarmState | 'open', string> = {
  open: 'alarm.cleared_at is null',
  active: `alarm.cleared_at is null and alarm.acknowledged_at is null and not ${IS_SHELVED}`,
  acknowledged: `alarm.cleared_at is null and alarm.acknowledged_at is not null and not ${IS_SHELVED}`,
  shelved: `alarm.cleared_at is null and ${IS_SHELVED}`,
  cleared: 'alarm.cleared_at is not null',
};

const LIST = (state: AlarmState | 'open') => `
  select ${ALARM_COLUMNS} from tpe_alarm alarm
  where ${IN_STATE[state]} and ($1::text is null or alarm.severity = $1) and ($2::text is null or alarm.kind = $2)
    and ($3::text is null or alarm.clientid = $3) and ($4::text is null or alarm.site = $4)
    and ($5::text is null or alarm.assigned_to = $5) and ($6::bigint is null or alarm.id < $6)
  order by alarm.id desc limit $7`;

const WORST = `
  select ${ALARM_COLUMNS} from tpe_alarm alarm
  where alarm.cleared_at is null and not ${IS_SHELVED}
  order by array_position(array['critical', 'warning', 'info'], alarm.severity), alarm.acknowledged_at is not null, alarm.id desc
  limit $1`;

const ONES = `
  select ${ALARM_COLUMNS} from tpe_alarm alarm
  where alarm.id in (select id::bigint from unnest($1::text[]) as given (id)) order by alarm.id`;

const COUNTS = `
  select ${['critical', 'warning', 'info']
    .map(
      (severity) =>
        `count(*) filter (where severity = '${severity}' and not ${IS_SHELVED})::integer as ${severity}`,
    )
    .join(', ')},
    count(*) filter (where acknowledged_at is null and not ${IS_SHELVED})::integer as unacknowledged,
    count(*) filter (where ${IS_SHELVED})::integer as shelved
  from tpe_alarm alarm where alarm.cleared_at is null`;

/** See Alarms. */
export async function listAlarms(database: Queryable, query: AlarmQuery): Promise<Page<Alarm>> {
  const { state = 'open', limit = DEFAULT_LIMIT, before = null, ...of } = parseAlarmQuery(query);
  const { severity = null, kind = null, clientid = null, site = null, assignedTo = null } = of;
  const values = [severity, kind, clientid, site, assignedTo];
  if (!values.every((value) => value === null || isStorable(value))) return { items: [], next: null };
  // A cursor that is no number of the database is behind all of them.
  const cursor = before === null || isAlarmId(before) ? before : null;
  const rows = await database.query<AlarmRow>(LIST(state), [...values, cursor, limit]);
  return pageById(rows.map(toAlarm), limit, ({ id }) => id);
}

/** See Alarms. */
export async function worstAlarms(database: Queryable, limit: number): Promise<Alarm[]> {
  const most = Math.min(MAX_LIMIT, Math.max(1, Math.floor(limit)));
  return (await database.query<AlarmRow>(WORST, [most])).map(toAlarm);
}

/** These alarms, as far as there are such, in the order of their ids. */
export async function readAlarms(database: Queryable, ids: readonly string[]): Promise<Alarm[]> {
  const known = ids.filter(isAlarmId);
  if (known.length === 0) return [];
  return (await database.query<AlarmRow>(ONES, [known])).map(toAlarm);
}

/** See Alarms. */
export async function countAlarms(database: Queryable): Promise<AlarmCounts> {
  const [counts] = await database.query<AlarmCounts>(COUNTS);
  return counts!;
}
