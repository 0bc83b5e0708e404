import type { Risk } from '../../catalogue/risk.js';
import type { JobPace } from './definition.js';

/** Whether a job is begun only while the windows of a site are open. */
export function heedsWindows({ risk, pace }: { risk: Risk; pace: Pick<JobPace, 'outsideWindows'> }): boolean {
  return risk !== 'read' && !pace.outsideWindows;
}
