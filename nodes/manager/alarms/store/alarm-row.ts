import type { Row } from '../../database/database.js';
import type { Cause } from '../../shared/reason.js';
import type { Alarm } from '../alarm.js';

/** SQL: somebody has put the open alarm aside for now. */
export const IS_SHELVED = '(alarm.shelved_until is not null and alarm.shelved_until > now())';

/** The columns of an Alarm, of tpe_alarm under the alias `alarm`. */
export const ALARM_COLUMNS = `
  alarm.id::text as id, alarm.rule, alarm.kind, alarm.severity,
  case when alarm.cleared_at is not null then 'cleared' when ${IS_SHELVED} then 'shelved'
    when alarm.acknowledged_at is not null then 'acknowledged' else 'active' end as state,
  alarm.clientid, alarm.key, alarm.site, alarm.reason, alarm.cause, alarm.advice, alarm.advice_cause, alarm.gateways,
  alarm.since, alarm.raised_at, alarm.cleared_at, alarm.cleared_by, alarm.acknowledged_by, alarm.acknowledged_at,
  alarm.assigned_to, alarm.shelved_by, alarm.shelved_until, alarm.note, alarm.updated_at`;

export interface AlarmRow extends Row {
  id: string;
  rule: string;
  kind: Alarm['kind'];
  severity: Alarm['severity'];
  state: Alarm['state'];
  clientid: string | null;
  key: string;
  site: string | null;
  reason: string;
  cause: Cause | null;
  advice: string;
  advice_cause: Cause | null;
  gateways: number;
  since: Date;
  raised_at: Date;
  cleared_at: Date | null;
  cleared_by: string | null;
  acknowledged_by: string | null;
  acknowledged_at: Date | null;
  assigned_to: string | null;
  shelved_by: string | null;
  shelved_until: Date | null;
  note: string;
  updated_at: Date;
}

export function toAlarm(row: AlarmRow): Alarm {
  return {
    id: row.id,
    rule: row.rule,
    kind: row.kind,
    severity: row.severity,
    state: row.state,
    clientid: row.clientid,
    key: row.key,
    site: row.site,
    text: row.reason,
    cause: row.cause,
    advice: row.advice,
    adviceCause: row.advice_cause,
    gateways: row.gateways,
    since: row.since.toISOString(),
    raisedAt: row.raised_at.toISOString(),
    clearedAt: row.cleared_at?.toISOString() ?? null,
    clearedBy: row.cleared_by,
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    assignedTo: row.assigned_to,
    shelvedBy: row.shelved_by,
    shelvedUntil: row.shelved_until?.toISOString() ?? null,
    note: row.note,
    updatedAt: row.updated_at.toISOString(),
  };
}

/** Whether a text can be the id of an alarm; a longer number is none that the database can hold. */
export function isAlarmId(id: string): boolean {
  return /^[0-9]{1,18}$/.test(id);
}
