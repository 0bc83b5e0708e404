const GOOD = ['SUCCEEDED', 'ALREADY_INSTALLED', 'ALREADY_DONE', 'DONE', 'COMPLETED'];
const UNDER_WAY = ['QUEUED', 'SENT', 'IN_PROGRESS', 'CREATING', 'RUNNING'];
const NEUTRAL = ['DRAFT', 'CANCELED', 'STOPPED', 'EXPIRED', 'REMOVED', 'NOTHING_TO_DO'];
const HALF = ['PAUSED', 'CANCELING', 'PARTLY'];

/** How a state of a command, an installation or a job is shown. */
export type StateTone = 'good' | 'busy' | 'warning' | 'neutral' | 'bad';

/** The tone of a state. */
export function toneOf(state: string): StateTone {
  if (GOOD.includes(state)) return 'good';
  if (UNDER_WAY.includes(state)) return 'busy';
  if (HALF.includes(state)) return 'warning';
  return NEUTRAL.includes(state) ? 'neutral' : 'bad';
}
