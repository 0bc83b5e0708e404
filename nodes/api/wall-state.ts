import type { AlarmCounts } from '../manager/alarms/alarm.js';
import type { Severity } from '../manager/alarms/alarm-rule.js';
import type { DeviceManager } from '../manager/device-manager.js';
import type { DeviceCounts } from '../manager/registry/device.js';
import type { Cause, Reason } from '../manager/shared/reason.js';
import { type Line, linesOf } from './alarm-lines.js';
import type { Language } from './words/languages.js';
import { sayReason } from './words/say-reason.js';

/** What a screen shows, sites and lines the worst first. Times are ISO 8601 in UTC. */
export interface WallState {
  /** When it was read. */
  at: string;
  /** While the broker is away, the time until which presence was known; else null. */
  presenceAsOf: string | null;
  /** False while the broker cannot be reached. */
  isBrokerThere: boolean;
  counts: DeviceCounts;
  /** How many were online over the last day, oldest first. */
  overTime: { at: string; online: number }[];
  sites: WallSite[];
  /** How many more sites there are, as far as they are known. */
  otherSites: number;
  alarms: AlarmCounts;
  lines: WallLine[];
  /** The last connect or disconnect; null if there was none within 30 days. */
  lastChange: { clientid: string; at: string; online: boolean } | null;
}

export interface WallSite {
  /** Empty for the gateways without one. */
  site: string;
  total: number;
  online: number;
  offline: number;
}

/** One thing that is wrong. */
export interface WallLine {
  severity: Severity;
  /** How many alarms the line has; above 1 they are of gateways that come and go. */
  alarms: number;
  /** Empty for an alarm that is not of single gateways. */
  clientids: string[];
  site: string | null;
  /** What is so, and why. */
  text: string;
  cause: Cause | null;
  /** What to do first. */
  advice: string;
  adviceCause: Cause | null;
  since: string;
  /** Null: nobody. */
  acknowledgedBy: string | null;
}

const HOURS = 24;
/** A point for each quarter of an hour. */
const POINTS = 97;
const MOST_SITES = 60;
const MOST_LINES = 8;
/** So many alarms are put into lines: gateways that come and go share one. */
const MOST_ALARMS = 60;
const NAMED = 3;

/** Reads the state of the fleet. Rejects with UNAVAILABLE while the database is away. */
export async function readWall({ registry, history, alarms, health }: DeviceManager): Promise<WallState> {
  const at = new Date().toISOString();
  const [counts, { sites }, overTime, [last], open, worst] = await Promise.all([
    registry.counts(),
    registry.statistics(),
    history.overTime(HOURS, POINTS),
    history.events({ limit: 1 }),
    alarms.counts(),
    alarms.worst(MOST_ALARMS),
  ]);
  const { broker, presenceAsOf } = health();
  return {
    ...{ at, presenceAsOf, isBrokerThere: broker.connected, counts, overTime },
    sites: worstFirst(sites).slice(0, MOST_SITES),
    otherSites: Math.max(0, sites.length - MOST_SITES),
    alarms: open,
    lines: linesOf(worst).slice(0, MOST_LINES).map(wallLine),
    lastChange: last === undefined ? null : { clientid: last.clientid, at: last.at, online: last.online },
  };
}

/** Those with most gateways offline first; of those with as many, the larger ones. */
function worstFirst(sites: readonly WallSite[]): WallSite[] {
  return sites.toSorted((a, b) => b.offline - a.offline || b.total - a.total);
}

function wallLine({ severity, alarms }: Line): WallLine {
  const [{ site, text, cause, advice, adviceCause, acknowledgedBy }, ...others] = alarms;
  return {
    ...{ severity, text, cause, advice, adviceCause, acknowledgedBy },
    alarms: alarms.length,
    clientids: alarms.flatMap(({ clientid }) => clientid ?? []).slice(0, NAMED),
    site: others.length > 0 ? null : site,
    since: alarms.map((alarm) => alarm.since).sort()[0]!,
  };
}

/** The state in a language. Times in its texts stay as they are: a screen puts them into its own time zone. */
export function sayWall(state: WallState, language: Language): WallState {
  const said = (reason: Reason) => sayReason(language, reason, (time) => time);
  return {
    ...state,
    lines: state.lines.map((line) => ({
      ...line,
      text: said({ text: line.text, cause: line.cause }),
      advice: said({ text: line.advice, cause: line.adviceCause }),
    })),
  };
}
