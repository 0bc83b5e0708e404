import { causeText } from '../../database/cause-text.js';
import type { Database, Queryable, Row } from '../../database/database.js';
import type { AlarmHappening, AlarmNews } from '../alarm.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { Condition, OpenAlarm } from '../condition.js';
import { ALARM_COLUMNS, type AlarmRow, IS_SHELVED, toAlarm } from './alarm-row.js';
import type { AlarmStore } from './alarm-store.js';
import { noteNews } from './news.js';

/** The most alarms that one call of `remind` tells of. */
export const REMINDED_AT_ONCE = 500;

const RAISE = `
  insert into tpe_alarm as alarm (rule, kind, severity, clientid, key, site, reason, cause, advice, advice_cause, gateways, since)
  select $1, $2, $3, given.clientid, given.key, nullif(given.site, ''), given.reason, given.cause::jsonb, given.advice,
    given.advice_cause::jsonb, given.gateways, given.since::timestamptz
  from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::integer[], $12::text[])
    as given (clientid, key, site, reason, cause, advice, advice_cause, gateways, since)
  on conflict (rule, coalesce(clientid, ''), key) where cleared_at is null do nothing
  returning ${ALARM_COLUMNS}`;

const OPEN_OF = `
  select alarm.id::text as id, alarm.clientid, alarm.key, alarm.since from tpe_alarm alarm
  where alarm.rule = $1 and alarm.cleared_at is null and alarm.id > $2::bigint order by alarm.id limit $3`;

const IS_LONG_ENOUGH = 'now() - coalesce(alarm.good_since, now()) >= make_interval(secs => $6::integer)';
const HAS_CHANGED = `(coalesce(was.new_reason, was.reason) <> was.reason or coalesce(was.new_gateways, was.gateways) <> was.gateways)`;

/** A row that stays as it is is not written. */
const STAND = `
  with was as (
    select alarm.id, alarm.reason, alarm.gateways, given.is_good, given.reason as new_reason, given.cause as new_cause,
      given.gateways as new_gateways
    from tpe_alarm alarm
      join unnest($1::text[], $2::boolean[], $3::text[], $4::text[], $5::integer[]) as given (id, is_good, reason, cause, gateways)
        on alarm.id = given.id::bigint
    where alarm.cleared_at is null order by alarm.id for update of alarm)
  update tpe_alarm alarm set
    good_since = case when was.is_good then coalesce(alarm.good_since, now()) end,
    cleared_at = case when was.is_good and ${IS_LONG_ENOUGH} then now() end,
    reason = coalesce(was.new_reason, alarm.reason),
    cause = case when was.new_reason is null then alarm.cause else was.new_cause::jsonb end,
    gateways = coalesce(was.new_gateways, alarm.gateways),
    updated_at = case when ${HAS_CHANGED} or was.is_good and ${IS_LONG_ENOUGH} then now() else alarm.updated_at end
  from was
  where alarm.id = was.id and case when was.is_good then alarm.good_since is null or ${IS_LONG_ENOUGH}
    else alarm.good_since is not null or ${HAS_CHANGED} end
  returning ${ALARM_COLUMNS}, ${HAS_CHANGED} as has_changed`;

/** A rule's filter, for an alarm of a gateway, and for one of a site. */
const FITS = `(
  case when alarm.clientid is null then alarm.site is null or coalesce(rule.filter ->> 'site', alarm.site) = alarm.site
  else coalesce(rule.filter ->> 'site', gateway.site) = gateway.site
    and (rule.filter ->> 'tag' is null or gateway.tags::text[] @> array[rule.filter ->> 'tag'])
    and starts_with(coalesce(gateway.model_name::text, ''), coalesce(rule.filter ->> 'model', '')) end)`;

const CLEAR_ORPHANS = `
  with orphan as (
    select alarm.id
    from tpe_alarm alarm left join tpe_alarm_rule rule on rule.id = alarm.rule
      left join clientid_profile gateway on gateway.clientid = alarm.clientid
    where alarm.cleared_at is null and (alarm.rule <> 'own' and (rule.id is null or not rule.enabled)
      or alarm.clientid is not null and gateway.clientid is null or rule.filter is not null and not ${FITS})
    order by alarm.id limit $1 for update of alarm)
  update tpe_alarm alarm set cleared_at = now(), updated_at = now() from orphan where alarm.id = orphan.id
  returning ${ALARM_COLUMNS}`;

/** One that was put aside is told of again when that is over, unless somebody cares for it. */
const END_SHELVES = `
  with over as (
    select id from tpe_alarm where cleared_at is null and shelved_until <= now() order by id limit $1 for update)
  update tpe_alarm alarm set shelved_by = null, shelved_until = null, updated_at = now(),
    reminded_at = case when alarm.acknowledged_at is null then now() else alarm.reminded_at end
  from over where alarm.id = over.id returning ${ALARM_COLUMNS}`;

const REMIND = `
  with due as (
    select alarm.id from tpe_alarm alarm join tpe_alarm_rule rule on rule.id = alarm.rule
    where alarm.cleared_at is null and alarm.acknowledged_at is null and not ${IS_SHELVED} and alarm.good_since is null
      and now() - coalesce(alarm.reminded_at, alarm.raised_at) >= make_interval(secs => rule.repeat_s)
    order by alarm.id limit $1 for update of alarm)
  update tpe_alarm alarm set reminded_at = now() from due where alarm.id = due.id returning ${ALARM_COLUMNS}`;

/** Opens what is written of alarms, on a migrated database. */
export function createAlarmStore(database: Database): AlarmStore {
  const change = (work: (transaction: Queryable) => Promise<AlarmNews[]>) =>
    database.transaction(async (transaction) => {
      const news = await work(transaction);
      await noteNews(transaction, news);
      return news;
    });

  return {
    async raise(rule, conditions) {
      if (conditions.length === 0) return [];
      return await change(async (transaction) => {
        const rows = await transaction.query<AlarmRow>(RAISE, [
          ...[rule.id, rule.kind, rule.severity],
          ...columnsOf(conditions),
        ]);
        return newsOf('raised', rows);
      });
    },
    openOf: (ruleId, after, limit) => database.query<OpenAlarm & Row>(OPEN_OF, [ruleId, after, limit]),
    async stand(rule: AlarmRule, standings) {
      if (standings.length === 0) return [];
      return await change(async (transaction) => {
        const rows = await transaction.query<AlarmRow & { has_changed: boolean }>(STAND, [
          standings.map(({ id }) => id),
          standings.map(({ isGood }) => isGood),
          standings.map(({ reason }) => reason?.text ?? null),
          standings.map(({ reason }) => causeText(reason)),
          standings.map(({ gateways }) => gateways ?? null),
          rule.clearSeconds,
        ]);
        return rows.flatMap((row) => {
          if (row.state === 'cleared') return newsOf('cleared', [row]);
          return row.has_changed ? newsOf('changed', [row]) : [];
        });
      });
    },
    clearOrphans: (limit) =>
      change(async (transaction) =>
        newsOf('cleared', await transaction.query<AlarmRow>(CLEAR_ORPHANS, [limit])),
      ),
    remind: () =>
      change(async (transaction) => {
        const over = await transaction.query<AlarmRow>(END_SHELVES, [REMINDED_AT_ONCE]);
        const due = await transaction.query<AlarmRow>(REMIND, [REMINDED_AT_ONCE]);
        const back = over.flatMap((row) =>
          newsOf(row.acknowledged_at === null ? 'reminder' : 'changed', [row]),
        );
        return [...back, ...newsOf('reminder', due)];
      }),
  };
}

/** The same of each row. */
export function newsOf(what: AlarmHappening, rows: readonly AlarmRow[]): AlarmNews[] {
  return rows.map((row) => ({ what, alarm: toAlarm(row) }));
}

function columnsOf(conditions: readonly Condition[]): unknown[][] {
  return [
    conditions.map(({ clientid }) => clientid),
    conditions.map(({ key }) => key),
    conditions.map(({ site }) => site),
    conditions.map(({ reason }) => reason.text),
    conditions.map(({ reason }) => causeText(reason)),
    conditions.map(({ advice }) => advice.text),
    conditions.map(({ advice }) => causeText(advice)),
    conditions.map(({ gateways }) => gateways),
    conditions.map(({ since }) => since.toISOString()),
  ];
}
