import type { Database, Queryable } from '../../database/database.js';
import { badField } from '../../shared/invalid-input.js';
import { isStorable } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import { type Alarm, type AlarmAct, parseAlarmAct } from '../alarm.js';
import { alarmRefusal } from '../alarm-refusals.js';
import { ALARM_COLUMNS, type AlarmRow, isAlarmId, toAlarm } from './alarm-row.js';

const LOCK = `
  select alarm.id::text as id, alarm.cleared_at is not null as is_cleared from tpe_alarm alarm
  where alarm.id in (select id::bigint from unnest($1::text[]) as given (id)) order by alarm.id for update`;

/** What each act sets. */
const SETS: Record<AlarmAct['act'], string> = {
  acknowledge: "acknowledged_by = given.by, acknowledged_at = now(), note = coalesce(given.words, '')",
  assign: 'assigned_to = given.words',
  shelve: `shelved_by = given.by, shelved_until = now() + make_interval(secs => given.seconds),
    note = coalesce(given.words, '')`,
  unshelve: 'shelved_by = null, shelved_until = null',
};

const ACT = (act: AlarmAct['act']) => `
  update tpe_alarm alarm set ${SETS[act]}, updated_at = now()
  from (select $2::text as by, $3::text as words, $4::integer as seconds) as given
  where alarm.id in (select id::bigint from unnest($1::text[]) as chosen (id))
  returning ${ALARM_COLUMNS}`;

/** See Alarms. All of them are acted on, or none. */
export async function actOnAlarms(database: Database, given: AlarmAct, by: string): Promise<Alarm[]> {
  const act = parseAlarmAct(given);
  const ids = [...new Set(act.ids)];
  const words = wordsOf(act);
  if (words !== null && !isStorable(words))
    throw badField(act.act === 'assign' ? 'to' : 'note', 'text that the database can store');
  const rows = await database.transaction(async (transaction) => {
    await lockOpen(transaction, ids);
    return await transaction.query<AlarmRow>(ACT(act.act), [
      ids,
      by,
      words,
      act.act === 'shelve' ? act.seconds : null,
    ]);
  });
  const alarms = new Map(rows.map((row) => [row.id, toAlarm(row)]));
  return ids.map((id) => alarms.get(id)!);
}

function wordsOf(act: AlarmAct): string | null {
  if (act.act === 'assign') return act.to;
  return act.act === 'unshelve' ? null : (act.note ?? null);
}

async function lockOpen(transaction: Queryable, ids: readonly string[]): Promise<void> {
  const strange = ids.find((id) => !isAlarmId(id));
  if (strange !== undefined) throw unknownAlarm(strange);
  const found = await transaction.query<{ id: string; is_cleared: boolean }>(LOCK, [ids]);
  const known = new Map(found.map((row) => [row.id, row.is_cleared]));
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined) throw unknownAlarm(missing);
  const cleared = ids.find((id) => known.get(id));
  if (cleared !== undefined)
    throw new TpeError('CONFLICT', alarmRefusal('alarm-cleared', { id: cleared }), { id: cleared });
}

/** NOT_FOUND for an alarm. */
export function unknownAlarm(id: string): TpeError {
  return new TpeError('NOT_FOUND', alarmRefusal('alarm-unknown', { id: id.slice(0, 100) }));
}
