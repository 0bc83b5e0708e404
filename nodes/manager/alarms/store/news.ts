import type { Queryable } from '../../database/database.js';
import type { AlarmNews, AlarmTelling } from '../alarm.js';
import { ALARM_COLUMNS, type AlarmRow, toAlarm } from './alarm-row.js';

/** The key of the advisory lock under which news get their numbers; any number that no other part uses. */
const NEWS_LOCK = 7_430_044;
/** What nobody has told for so long is of no use to anybody. */
const TOO_OLD = "interval '24 hours'";

const LOCK = 'select pg_advisory_xact_lock($1)';
const NOTE = `
  insert into tpe_alarm_news (alarm, what)
  select news.alarm::bigint, news.what from unnest($1::text[], $2::text[]) with ordinality as news (alarm, what, place)
  order by news.place`;
const BEGIN = `
  update tpe_alarm_watch set told_no = coalesce((select max(no) from tpe_alarm_news), 0) where told_no is null`;
const NEXT = `
  select news.no::text as no, news.what, ${ALARM_COLUMNS}
  from tpe_alarm_watch watch join tpe_alarm_news news on news.no > watch.told_no join tpe_alarm alarm on alarm.id = news.alarm
  where news.at > now() - ${TOO_OLD}
  order by news.no limit $1`;
const TOLD = 'update tpe_alarm_watch set told_no = $1 where told_no is null or told_no < $1';

/**
 * Writes what is to be told to people. To be called last in a transaction: the lock lasts until its commit, so that who reads the news in
 * their order misses none.
 */
export async function noteNews(transaction: Queryable, news: readonly AlarmNews[]): Promise<void> {
  const told = news.filter(({ what }) => what !== 'changed');
  if (told.length === 0) return;
  await transaction.query(LOCK, [NEWS_LOCK]);
  await transaction.query(NOTE, [told.map(({ alarm }) => alarm.id), told.map(({ what }) => what)]);
}

/** Who tells first begins with what comes from now on. */
export async function beginTelling(database: Queryable): Promise<void> {
  await database.query(BEGIN);
}

/** The next news that nobody has told, in their order. */
export async function untold(database: Queryable, limit: number): Promise<AlarmTelling[]> {
  const rows = await database.query<AlarmRow & { no: string; what: AlarmTelling['what'] }>(NEXT, [limit]);
  return rows.map((row) => ({ id: row.no, what: row.what, alarm: toAlarm(row) }));
}

/** Notes that this, and all before it, was told. */
export async function noteTold(database: Queryable, id: string): Promise<void> {
  await database.query(TOLD, [id]);
}
