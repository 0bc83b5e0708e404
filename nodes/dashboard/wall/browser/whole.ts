import type { WallState } from '../../../api/wall-state.js';

/** How bad something is; each has a colour and a shape. */
export type Tone = 'good' | 'quiet' | 'warning' | 'critical' | 'unknown';

/** The one state of the whole, which the colour of the page says. */
export interface Whole {
  tone: Tone;
  headline: 'well' | 'quiet' | 'attention' | 'critical' | 'unknown' | 'empty';
}

type Told = Pick<WallState, 'counts' | 'alarms' | 'isBrokerThere' | 'presenceAsOf'>;

/** Sums up a state. What nobody has to act on, such as a gateway that is offline within its delay, alarms nobody. */
export function wholeOf({ counts, alarms, isBrokerThere, presenceAsOf }: Told): Whole {
  if (!isBrokerThere || presenceAsOf !== null)
    return { tone: alarms.critical > 0 ? 'critical' : 'unknown', headline: 'unknown' };
  if (alarms.critical > 0) return { tone: 'critical', headline: 'critical' };
  if (alarms.warning > 0) return { tone: 'warning', headline: 'attention' };
  if (counts.total === 0) return { tone: 'quiet', headline: 'empty' };
  if (counts.offline > 0 || alarms.info > 0) return { tone: 'quiet', headline: 'quiet' };
  return { tone: 'good', headline: 'well' };
}

/** How a site is: dark, or some are missing, or all are there that ever were. */
export function toneOfSite({ online, offline }: { online: number; offline: number }): Tone {
  if (offline === 0) return 'good';
  return online === 0 ? 'critical' : 'warning';
}
