import type { Row } from '../../database/database.js';
import type { StoredRefusal } from '../../registry/refused-login.js';
import type { Cause, Reason } from '../../shared/reason.js';
import { alarmReason } from '../alarm-reasons.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { Condition, ConditionSource, LookContext, OpenAlarm, Standing } from '../condition.js';
import { toldReason } from './installations.js';
import { offlineAdvice } from './offline-advice.js';
import { offlineCandidates } from './offline-candidates.js';
import { dueOutages, outageStanding } from './outages.js';
import { dueBefore, statement } from './statement.js';

interface OfflineRow extends Row {
  clientid: string;
  site: string;
  since: Date;
  reason: string | null;
  cause: Cause | null;
  refused_login: StoredRefusal | null;
}

/** Gateways that are offline; see outages.ts for many at once. */
export const offline: ConditionSource = {
  kind: 'offline',
  async due(context, rule, limit) {
    if (context.presenceSince === null) return [];
    const single = await dueSingle(context, rule, limit);
    // An outage begins with a gateway that is due, so mostly there is nothing to look for.
    if (single.length === 0) return [];
    const outages = await dueOutages(context, rule);
    // What no outage covers is due at the next call.
    return outages.length > 0 ? outages.slice(0, Math.max(1, limit)) : single;
  },
  async standings(context, rule, open) {
    if (context.presenceSince === null) return open.map(() => ({ is: 'unknown' }));
    const single = await singleStandings(context, open);
    const standings: Standing[] = [];
    for (const alarm of open) {
      standings.push(
        alarm.clientid === null ? await outageStanding(context, rule, alarm) : single(alarm.clientid, alarm),
      );
    }
    return standings;
  },
};

async function dueSingle(context: LookContext, rule: AlarmRule, limit: number): Promise<Condition[]> {
  const given = statement();
  const sql = `select * from (${offlineCandidates(context, rule, given)}) candidate
    where since <= ${dueBefore(context.now, rule, given)} order by since, clientid limit ${given.add(Math.max(1, limit))}`;
  const rows = await context.database.query<OfflineRow>(sql, given.values);
  return rows.map((row) => ({
    ...{ clientid: row.clientid, key: '', site: row.site, since: row.since, gateways: 1 },
    reason: offlineReason(row),
    advice: offlineAdvice({ ...row, refused: row.refused_login }),
  }));
}

/** Reads how the gateways of these alarms are, and resolves with how each alarm stands. */
async function singleStandings({ database }: LookContext, open: readonly OpenAlarm[]) {
  const clientids = open.flatMap(({ clientid }) => (clientid === null ? [] : [clientid]));
  const sql = `
    select clientid, since, reason, cause from tpe_presence presence
    where clientid = any($1::text[]) and status = 'offline'
      and exists (select from mqtt_user where mqtt_user.clientid = presence.clientid and enabled)`;
  const rows = clientids.length === 0 ? [] : await database.query<OfflineRow>(sql, [clientids]);
  const away = new Map(rows.map((row) => [row.clientid, row]));
  return (clientid: string, { since }: OpenAlarm): Standing => {
    const row = away.get(clientid);
    if (row === undefined) return { is: 'good' };
    // It was online meanwhile, for less than the rule waits.
    if (row.since !== null && row.since.getTime() > since.getTime())
      return { is: 'bad', reason: offlineReason(row) };
    return { is: 'bad' };
  };
}

function offlineReason(row: Pick<OfflineRow, 'since' | 'reason' | 'cause'>): Reason {
  return alarmReason('alarm-offline', { since: row.since.toISOString(), why: toldReason(row) });
}
