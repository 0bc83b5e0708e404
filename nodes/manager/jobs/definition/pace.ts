import type { Rating, Risk } from '../../catalogue/risk.js';
import type { JobDefinition, JobPace, JobStep } from './definition.js';
import { longestSeconds } from './durations.js';
import { PACE_DEFAULTS } from './pace-defaults.js';
import { wrongJob } from './wrong-job.js';

/** How many gateways are begun in a minute, and how many of one site are under way at once, where the definition does not say. */
const BY_RISK: Record<Risk, Pick<JobPace, 'maxPerMinute' | 'perSite'>> = {
  read: { maxPerMinute: 1000, perSite: null },
  write: { maxPerMinute: 100, perSite: null },
  disruptive: { maxPerMinute: 10, perSite: 1 },
  destructive: { maxPerMinute: 1, perSite: 1 },
};
/** What one gateway may take beyond the longest time of all its steps, s. */
const SLACK_S = 600;
const DAY_S = 86_400;
/** The largest that the schema takes. */
const LONGEST_S = 7 * DAY_S;

/** The pace of a job with its defaults. `commandSeconds`: how long a command may take that does not say. Throws INVALID_INPUT. */
export function paceOf(
  { rollout = {}, timeouts = {}, retry = {} }: Pick<JobDefinition, 'rollout' | 'timeouts' | 'retry'>,
  steps: readonly JobStep[],
  { risk }: Rating,
  commandSeconds: number,
): JobPace {
  const installs = steps.some(({ kind }) => kind === 'install');
  const maxInProgress =
    rollout.maxInProgress ?? (installs ? PACE_DEFAULTS.installing : PACE_DEFAULTS.maxInProgress);
  if (rollout.perSite !== undefined && rollout.perSite > maxInProgress)
    throw wrongJob(
      'rollout.perSite',
      'per-site',
      `must be at most "maxInProgress", which is ${maxInProgress}`,
    );
  const longest = steps.reduce((sum, step) => sum + longestSeconds(step, commandSeconds), SLACK_S);
  return {
    ...BY_RISK[risk],
    ...(rollout.maxPerMinute !== undefined && { maxPerMinute: rollout.maxPerMinute }),
    ...(rollout.perSite !== undefined && { perSite: rollout.perSite }),
    maxInProgress,
    jitterSeconds: rollout.jitterSeconds ?? PACE_DEFAULTS.jitterSeconds,
    outsideWindows: rollout.outsideWindows ?? PACE_DEFAULTS.outsideWindows,
    inProgressSeconds: timeouts.inProgressSeconds ?? Math.min(longest, LONGEST_S),
    offlineSeconds: timeouts.offlineSeconds ?? PACE_DEFAULTS.offlineSeconds,
    retryFailed: retry.failed ?? PACE_DEFAULTS.retryFailed,
    retryTimedOut: retry.timedOut ?? PACE_DEFAULTS.retryTimedOut,
    backoffSeconds: retry.backoffSeconds ?? PACE_DEFAULTS.backoffSeconds,
  };
}
