import type { Row } from '../../database/database.js';
import { hasStatus } from '../../registry/presence-status.js';
import type { Reason } from '../../shared/reason.js';
import { alarmReason } from '../alarm-reasons.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { Condition, LookContext, OpenAlarm, Standing } from '../condition.js';
import { belongsTo, FLEET_KEY, offlineCandidates, SITE_KEY, TOGETHER_S } from './offline-candidates.js';
import { dueBefore, isOfRule, isWatched, type Statement, statement } from './statement.js';

/*
 * Many gateways that go together are one alarm. An outage is looked for among those alone that have no alarm yet: it begins with one that has been
 * offline for the rule's delay, and takes in all that went within two minutes from then on.
 */

const LEAST = 3;
/** The part of the gateways that were online which must go together, and which must be back. */
const PART = 0.7;
/** So many without an outage of their site that go together are one of the fleet. */
const MANY_TOGETHER = 100;
/** So many sites that go together are an outage of the fleet. */
const MANY_SITES = 20;

/** The largest group that went together, of a site or (null) of all. */
interface Group {
  site: string | null;
  since: Date;
  /** How many went together, and how many have gone since it began. */
  together: number;
  later: number;
  /** How many are online. */
  online: number;
  /** How many sites those are of that went together; gateways without a site count as one. */
  sites: number;
}
type GroupRow = Group & Row;

/** Finds the outages that are due; at most one of the fleet, or some of sites. */
export async function dueOutages(context: LookContext, rule: AlarmRule): Promise<Condition[]> {
  const groups = await readGroups(context, rule);
  const fleet = groups.find(({ site }) => site === null);
  if (fleet === undefined) return [];
  const openKeys = await readOpenKeys(context, rule);
  const sites = groups.filter((group) => group.site !== null && isOutage(group));
  const isOfAll = (fleet.sites > 1 && isOutage(fleet)) || sites.length > MANY_SITES;
  if (isOfAll) return [fleetOutage(fleet, openKeys)];
  // A second one of a site whose alarm is open still would have the same key: its gateways get their own.
  const added = sites.filter(({ site }) => !openKeys.has(`${SITE_KEY}${site}`));
  if (added.length > 0) return added.map(siteOutage);
  return fleet.together > MANY_TOGETHER ? [fleetOutage(fleet, openKeys)] : [];
}

function isOutage({ together, later, online }: Group): boolean {
  return together >= LEAST && together >= PART * (online + later);
}

/** Counts, for each site and for all, those that went together; of several such times the one when most went. */
async function readGroups(context: LookContext, rule: AlarmRule): Promise<Group[]> {
  const given = statement();
  const sql = `
    with candidate as materialized (${offlineCandidates(context, rule, given)}),
    windowed as materialized (
      select site, since,
        count(*) over (partition by site order by since range between current row and interval '${TOGETHER_S} seconds' following)::integer as at_site,
        count(*) over (partition by site order by since range between current row and unbounded following)::integer as later_at_site,
        count(*) over (order by since range between current row and interval '${TOGETHER_S} seconds' following)::integer as at_all,
        count(*) over (order by since range between current row and unbounded following)::integer as later_at_all
      from candidate
    ), due as materialized (select * from windowed where since <= ${dueBefore(context.now, rule, given)}),
    of_site as materialized (
      select distinct on (site) site, since, at_site as together, later_at_site as later
      from due where site <> '' and at_site >= ${LEAST} order by site, at_site desc, since
    ), of_all as materialized (
      select since, at_all as together, later_at_all as later from due where at_all >= ${LEAST} order by at_all desc, since limit 1
    )
    select site, since, together, later, 1 as sites, ${onlineCount(rule, given, 'of_site.site')} as online from of_site
    union all
    select null, since, together, later, (select count(distinct site)::integer from candidate
        where candidate.since between of_all.since and of_all.since + interval '${TOGETHER_S} seconds'),
      ${onlineCount(rule, given, null)} as online
    from of_all`;
  return await context.database.query<GroupRow>(sql, given.values);
}

/**
 * SQL of how many are online at a site, or of all. One that is disabled is not online. The status is looked up for each gateway of the site alone,
 * since the planner would rather read that of all gateways, for each site.
 */
function onlineCount(rule: AlarmRule, given: Statement, site: string | null): string {
  const parts = isOfRule(rule, given);
  if (site === null && parts.length === 0)
    return `(select count(*)::integer from tpe_presence online where online.${hasStatus('online')})`;
  if (site !== null) parts.push(`device.site = ${site}`);
  return `(select count(*)::integer from clientid_profile device
    where ${parts.join(' and ')} and (select online.status from tpe_presence online where online.clientid = device.clientid) = 'online')`;
}

async function readOpenKeys({ database }: LookContext, rule: AlarmRule): Promise<Set<string>> {
  const rows = await database.query<{ key: string }>(
    "select key from tpe_alarm where rule = $1 and coalesce(clientid, '') = '' and cleared_at is null",
    [rule.id],
  );
  return new Set(rows.map(({ key }) => key));
}

function siteOutage({ site, since, together, later, online }: Group): Condition {
  return {
    ...{ clientid: null, key: `${SITE_KEY}${site}`, site, since, gateways: together },
    reason: outageReason(site, together, online + later, since),
    advice: alarmReason('alarm-do-site'),
  };
}

function fleetOutage({ since, together, later, online }: Group, openKeys: ReadonlySet<string>): Condition {
  const key = openKeys.has(FLEET_KEY) ? `${FLEET_KEY}:${since.toISOString()}` : FLEET_KEY;
  return {
    ...{ clientid: null, key, site: null, since, gateways: together },
    reason: outageReason(null, together, online + later, since),
    advice: alarmReason('alarm-do-fleet'),
  };
}

function outageReason(site: string | null, offline: number, total: number, since: Date): Reason {
  const params = { offline, total, since: since.toISOString() };
  if (site === null) return alarmReason('alarm-fleet-offline', params);
  return alarmReason('alarm-site-offline', { ...params, site });
}

/** Says how an open outage stands: good when 70 % of the gateways that went with it are back. */
export async function outageStanding(
  context: LookContext,
  rule: AlarmRule,
  open: OpenAlarm,
): Promise<Standing> {
  const site = open.key.startsWith(SITE_KEY) ? open.key.slice(SITE_KEY.length) : null;
  const [counts] = await readCounts(context, rule, open, site);
  const { gone, away, offline, online } = counts!;
  if (gone - away >= PART * gone) return { is: 'good' };
  return { is: 'bad', reason: outageReason(site, offline, online + offline, open.since), gateways: offline };
}

interface Counts {
  /** How many went together when it began, and how many of those are offline. */
  gone: number;
  away: number;
  /** How many are offline that it covers. */
  offline: number;
  online: number;
}

async function readCounts(context: LookContext, rule: AlarmRule, open: OpenAlarm, site: string | null) {
  const given = statement();
  const { add } = given;
  const end = new Date(open.since.getTime() + TOGETHER_S * 1000 + 1);
  const ofSite = site === null ? '' : `and device.site = ${add(site)}`;
  const sql = `
    with gone as (
      select distinct event.clientid from tpe_presence_event event
      where event.at >= ${add(open.since)}::timestamptz and event.at <= ${add(end)}::timestamptz and not event.online
    ), member as (
      select presence.status from gone join tpe_presence presence on presence.clientid = gone.clientid
        join clientid_profile device on device.clientid = gone.clientid
      where ${isWatched(rule, given)} ${ofSite}
    )
    select count(*)::integer as gone, count(*) filter (where status = 'offline')::integer as away,
      (select count(*)::integer from tpe_presence presence join clientid_profile device on device.clientid = presence.clientid
        where presence.${hasStatus('offline')} and ${belongsTo(site, open.since, given)} and ${isWatched(rule, given)}) as offline,
      ${onlineCount(rule, given, site === null ? null : add(site))} as online
    from member`;
  return await context.database.query<Counts & Row>(sql, given.values);
}
