import type { Alarm } from '../alarms/alarm.js';
import { alarmReason } from '../alarms/alarm-reasons.js';
import { refusalAdvice } from '../alarms/sources/logins.js';
import { offlineAdvice } from '../alarms/sources/offline-advice.js';
import type { Device } from '../registry/device.js';
import { type Reason, wordsOfOthers } from '../shared/reason.js';
import type { Restart } from './timeline.js';
import { timelineReason } from './timeline-reasons.js';

/** For so long a gateway may take to come back, ms; one that installs takes longest. */
export const BACK_WITHIN_MS = 15 * 60_000;

/** What is known of a gateway now. `alarms`: those that are open, the worst first. */
export interface Standing {
  device: Pick<
    Device,
    'enabled' | 'status' | 'since' | 'cause' | 'warningCause' | 'refusedLogin' | 'presenceAsOf'
  >;
  alarms: readonly Pick<Alarm, 'advice' | 'adviceCause'>[];
  because: Restart | null;
}

/** What to do about a gateway first; null: nothing. `now` is ms since the epoch. */
export function nextStepOf({ device, alarms, because }: Standing, now: number): Reason | null {
  if (device.presenceAsOf !== null) return alarmReason('alarm-do-broker');
  if (!device.enabled) return alarmReason('alarm-do-enable');
  if (device.status === 'offline') return whileOffline(device, because, now);
  if (device.status === 'never_seen' && device.refusedLogin === null)
    return alarmReason('alarm-do-never-seen');
  const [worst] = alarms;
  if (worst !== undefined && worst.advice !== '')
    return { ...wordsOfOthers(worst.advice), cause: worst.adviceCause };
  if (device.refusedLogin !== null) return refusalAdvice(device.refusedLogin);
  const code = device.warningCause?.code;
  if (code === 'link-unstable') return alarmReason('alarm-do-flapping');
  return code?.startsWith('client-id-shared') ? alarmReason('alarm-do-id-twice') : null;
}

function whileOffline(
  { since, cause, refusedLogin }: Standing['device'],
  because: Restart | null,
  now: number,
): Reason {
  const refused = refusedLogin && { reason: refusedLogin.reason, at: Date.parse(refusedLogin.at) };
  const from = since === null ? 0 : Date.parse(since);
  // Who restarts, and is refused then, has another trouble.
  const isRefused = refused !== null && refused.at >= from;
  if (because === null || isRefused) return offlineAdvice({ since: new Date(from), cause, refused });
  const { at: time } = because;
  return now - from <= BACK_WITHIN_MS
    ? timelineReason('gateway-restarting', { time })
    : timelineReason('gateway-not-back', { time });
}
