import type { Database, Queryable } from '../../database/database.js';
import { notFound } from '../../registry/get-device.js';
import { badField } from '../../shared/invalid-input.js';
import { isStorable } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import { type AlarmNews, type OwnAlarm, type OwnClear, parseOwnAlarm, parseOwnClear } from '../alarm.js';
import { alarmRefusal } from '../alarm-refusals.js';
import { ALARM_COLUMNS, type AlarmRow } from './alarm-row.js';
import { newsOf } from './create-alarm-store.js';
import { noteNews } from './news.js';

/** The most alarms of flows that are open at a time: a flow that makes a key of each message must not fill the list. */
const MAX_OPEN = 10_000;

const SITE = 'select site from clientid_profile where clientid = $1';
const OPEN = "select count(*)::integer as count from tpe_alarm where rule = 'own' and cleared_at is null";
const IS_OPEN = `
  select from tpe_alarm where rule = 'own' and coalesce(clientid, '') = coalesce($1::text, '') and key = $2 and cleared_at is null`;

const DIFFERS =
  '(alarm.severity, alarm.reason, alarm.advice) <> (excluded.severity, excluded.reason, excluded.advice)';
/** The time of the transaction tells what it has changed. */
const RAISE = `
  insert into tpe_alarm as alarm (rule, kind, clientid, key, site, severity, reason, advice, gateways, since)
  values ('own', 'own', $1, $2, nullif($3, ''), $4, $5, $6, case when $1::text is null then 0 else 1 end, now())
  on conflict (rule, coalesce(clientid, ''), key) where cleared_at is null do update
    set severity = excluded.severity, reason = excluded.reason, advice = excluded.advice,
      updated_at = case when ${DIFFERS} then now() else alarm.updated_at end
  returning ${ALARM_COLUMNS}, alarm.xmax = 0 as is_new, alarm.updated_at = now() as is_fresh`;

const CLEAR = `
  update tpe_alarm alarm set cleared_at = now(), cleared_by = $3, updated_at = now()
  where alarm.rule = 'own' and coalesce(alarm.clientid, '') = coalesce($1::text, '') and alarm.key = $2
    and alarm.cleared_at is null
  returning ${ALARM_COLUMNS}`;

/** Raises an alarm of a flow; see Alarms. `news` is null if it is open already and says the same. */
export async function raiseOwn(
  database: Database,
  given: OwnAlarm,
): Promise<{ row: AlarmRow; news: AlarmNews | null }> {
  const { key, text, clientid = null, severity = 'warning', advice = '' } = parseOwnAlarm(given);
  for (const [field, value] of Object.entries({ key, text, clientid, advice }))
    if (value !== null && !isStorable(value)) throw badField(field, 'text that the database can store');
  return await database.transaction(async (transaction) => {
    const site = clientid === null ? null : await siteOf(transaction, clientid);
    await refuseTooMany(transaction, clientid, key);
    const [row] = await transaction.query<AlarmRow & { is_new: boolean; is_fresh: boolean }>(RAISE, [
      ...[clientid, key, site, severity, text, advice],
    ]);
    const [news = null] = row!.is_fresh ? newsOf(row!.is_new ? 'raised' : 'changed', [row!]) : [];
    if (news !== null) await noteNews(transaction, [news]);
    return { row: row!, news };
  });
}

/** Clears an alarm of a flow; see Alarms. */
export async function clearOwn(database: Database, given: OwnClear, by: string): Promise<AlarmNews | null> {
  const { key, clientid = null } = parseOwnClear(given);
  if (!isStorable(key) || !isStorable(clientid ?? '')) return null;
  return await database.transaction(async (transaction) => {
    const news = newsOf('cleared', await transaction.query<AlarmRow>(CLEAR, [clientid, key, by]));
    await noteNews(transaction, news);
    return news[0] ?? null;
  });
}

async function siteOf(transaction: Queryable, clientid: string): Promise<string | null> {
  const [gateway] = await transaction.query<{ site: string | null }>(SITE, [clientid]);
  if (gateway === undefined) throw notFound(clientid);
  return gateway.site;
}

async function refuseTooMany(transaction: Queryable, clientid: string | null, key: string): Promise<void> {
  const [open] = await transaction.query<{ count: number }>(OPEN);
  if (open!.count < MAX_OPEN) return;
  if ((await transaction.query(IS_OPEN, [clientid, key])).length > 0) return;
  throw new TpeError('BUSY', alarmRefusal('alarms-too-many', { count: MAX_OPEN }));
}
