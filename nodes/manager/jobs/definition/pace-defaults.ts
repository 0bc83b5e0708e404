/** What the pace of a job is where its definition does not say, as far as that does not depend on its risk. Pages show it in blank fields. */
export const PACE_DEFAULTS = {
  maxInProgress: 50,
  /** In place of `maxInProgress` for a job that installs. */
  installing: 40,
  jitterSeconds: 0,
  outsideWindows: false,
  offlineSeconds: 14 * 86_400,
  retryFailed: 0,
  retryTimedOut: 0,
  backoffSeconds: 120,
} as const;
