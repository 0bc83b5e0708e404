/** The fields of tpe-job with the numbers of its pace, and their places in the definition of a job. */
export const JOB_PACE = {
  maxPerMinute: ['rollout', 'maxPerMinute'],
  maxInProgress: ['rollout', 'maxInProgress'],
  perSite: ['rollout', 'perSite'],
  jitterSeconds: ['rollout', 'jitterSeconds'],
  offlineSeconds: ['timeouts', 'offlineSeconds'],
  inProgressSeconds: ['timeouts', 'inProgressSeconds'],
  retryFailed: ['retry', 'failed'],
  retryTimedOut: ['retry', 'timedOut'],
  backoffSeconds: ['retry', 'backoffSeconds'],
} as const;

export type PaceField = keyof typeof JOB_PACE;
export const PACE_FIELDS = Object.keys(JOB_PACE) as PaceField[];
