import type { Queryable, Row } from '../database/database.js';

/** Since when presence is known, and what time it is by the clock of the database, which counts for all managers. */
export interface Watched {
  now: Date;
  /** Null: it is not known now. */
  presenceSince: Date | null;
}

export interface WatchOptions {
  database: Pick<Queryable, 'query'>;
  /** Whether presence is known now: the broker is reached, by this manager or another one, and what it lists is believed. */
  isPresenceKnown(): boolean;
}

/** After such a break, things have happened that nobody has seen. */
const BREAK_S = 60;

/**
 * Presence is known anew after each break of it: when nobody has looked for a minute, such as while Node-RED or the database was away, when the
 * broker was away, and when the broker has begun anew, since all gateways connect again then.
 */
const LOOK = `
  insert into tpe_alarm_watch as watch (is_only, looked_at, presence_since)
  values (true, now(), case when $1 then now() end)
  on conflict (is_only) do update set looked_at = now(), presence_since = case
    when not $1 then null
    when watch.presence_since is null or watch.presence_since > now()
      or watch.looked_at is null or watch.looked_at < now() - make_interval(secs => ${BREAK_S})
      or exists (select from tpe_broker_start start
        where to_timestamp(start.at / 1000.0) > watch.presence_since and not start.of_manager)
      then now()
    else watch.presence_since end
  returning now() as now, presence_since`;

interface WatchRow extends Row {
  now: Date;
  presence_since: Date | null;
}

/** Notes that somebody looks, and resolves with since when presence is known. To be called at each look. Rejects as the database does. */
export async function watchPresence({ database, isPresenceKnown }: WatchOptions): Promise<Watched> {
  const [row] = await database.query<WatchRow>(LOOK, [isPresenceKnown()]);
  return { now: row!.now, presenceSince: row!.presence_since };
}
