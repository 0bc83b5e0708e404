import { hasStatus } from '../../registry/presence-status.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { LookContext } from '../condition.js';
import { hasNoneOpen, isWatched, type Statement } from './statement.js';

/** Gateways that go within this time go together, s. */
export const TOGETHER_S = 120;
/** The keys of alarms of many gateways: of a site, or of all. */
export const SITE_KEY = 'site:';
export const FLEET_KEY = 'fleet';
/**
 * Those that go within this time behind the begin of an outage of the fleet belong to it, s. It may last for days, because a part of the gateways
 * does not come back: who goes then has another reason.
 */
const FLEET_COVERS_S = 3600;

/** After all have connected again, this time at least passes until those that are not back count as offline, s. */
const SETTLED_S = 120;
/** Where a change comes from that was seen as it happened; a comparison only finds that something has changed at some time. */
const SEEN = "('webhook', 'mqtt', 'embedded broker')";

/** Whether presence has been known for so long that also what was found by a comparison is believed. */
export function isSettled({ now, presenceSince }: LookContext, rule: AlarmRule): boolean {
  if (presenceSince === null) return false;
  return now.getTime() - presenceSince.getTime() >= Math.max(2 * rule.delaySeconds, SETTLED_S) * 1000;
}

/**
 * SQL of the gateways that are offline and have no alarm yet, as `clientid`, `site`, `since`, `reason`, `cause` and `refused_login`. Left out are
 * those that an open alarm of their site or of the fleet covers, and those that somebody disturbs just now: they are told of when that is over.
 * `context.presenceSince` must be known.
 */
export function offlineCandidates(context: LookContext, rule: AlarmRule, given: Statement): string {
  const seen = isSettled(context, rule)
    ? ''
    : `and presence.since > ${given.add(context.presenceSince)}::timestamptz and presence.source in ${SEEN}`;
  return `
    select presence.clientid, device.site, presence.since, presence.reason, presence.cause, presence.refused_login
    from tpe_presence presence join clientid_profile device on device.clientid = presence.clientid
    where presence.${hasStatus('offline')} and presence.since is not null ${seen}
      and ${isWatched(rule, given)} and ${hasNoneOpen(rule, given)}
      and not exists (select from tpe_guard_hold hold where hold.clientid = presence.clientid and hold.stuck_since is null)
      and not exists (select from tpe_alarm outage where outage.rule = ${given.add(rule.id)} and coalesce(outage.clientid, '') = ''
        and outage.cleared_at is null and ${isCoveredBy('outage.key', 'outage.since')})`;
}

/** SQL: `presence` and `device` are covered by an outage with this key that began then. */
function isCoveredBy(key: string, since: string): string {
  return `presence.since >= ${since} and (${key} = '${SITE_KEY}' || device.site
    or ${key} like '${FLEET_KEY}%' and presence.since < ${since} + interval '${FLEET_COVERS_S} seconds')`;
}

/** SQL: the gateway is of the site, or of the fleet where that is null; and, for the fleet, went soon enough to belong to its outage. */
export function belongsTo(site: string | null, since: Date, { add }: Statement): string {
  const from = `presence.since >= ${add(since)}::timestamptz`;
  if (site !== null) return `${from} and device.site = ${add(site)}`;
  return `${from} and presence.since < ${add(new Date(since.getTime() + FLEET_COVERS_S * 1000))}::timestamptz`;
}
