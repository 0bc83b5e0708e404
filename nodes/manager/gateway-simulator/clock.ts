import { deepMerge, isJson } from './merge.js';
import type { Json } from './resource-templates.js';
import { type ApiAnswer, apiError } from './wire.js';

/** The clock of one gateway, with the answers of `/device/time`. */
export interface GatewayClock {
  /** The present time by the gateway's clock, which may be wrong; ms since the epoch. */
  now(): number;
  /** Answers GET `/device/time`. */
  read(): ApiAnswer;
  /** Answers PATCH `/device/time`. An invalid body is an answer with status 400. */
  change(body: unknown): ApiAnswer;
}

const DEFAULTS = {
  type: 'time',
  lastUpdateTime: '-',
  timezone: 'Etc/UTC',
  ntp: { enable: false, source: 'timeserver', server: 'pool.ntp.org', gpsLongJump: true, interval: 86_400 },
};

/**
 * Creates the clock of a gateway. `offsetMs` returns by how much it is ahead, ms; negative: behind. A request that enables NTP
 * corrects the clock, and one that sets the time can correct it or put it wrong in another way.
 */
export function createClock(offsetMs: () => number): GatewayClock {
  let settings: Json = DEFAULTS;
  /** How far requests have moved the clock, in addition to the offset, ms. */
  let shiftMs = 0;
  const now = () => Date.now() + offsetMs() + shiftMs;
  const shown = (): ApiAnswer => ({
    status: 200,
    payload: { data: { ...settings, time: localTime(now(), String(settings.timezone)) } },
  });
  return {
    now,
    read: shown,
    change(body) {
      if (!isJson(body)) return apiError(400, 'invalid request body');
      const { time, ...rest } = body;
      const set = time === undefined ? null : Date.parse(String(time));
      if (Number.isNaN(set)) return apiError(400, 'invalid time');
      if (rest.timezone !== undefined && !isTimezone(rest.timezone)) return apiError(400, 'invalid timezone');
      settings = deepMerge(settings, rest) as Json;
      const isSynchronised = isJson(settings.ntp) && settings.ntp.enable === true;
      if (isSynchronised) shiftMs = -offsetMs();
      else if (set !== null) shiftMs = set - Date.now() - offsetMs();
      return shown();
    },
  };
}

function isTimezone(name: unknown): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: String(name) });
    return true;
  } catch {
    return false;
  }
}

/** The local time as a gateway writes it, for example `2026-03-26T16:27:48+08:00`. */
function localTime(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(at);
  const shift = Math.round((Date.parse(`${parts.replace(' ', 'T')}Z`) - at) / 60_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(Math.abs(shift) / 60);
  return `${parts.replace(' ', 'T')}${shift < 0 ? '-' : '+'}${two(hours)}:${two(Math.abs(shift) % 60)}`;
}
