/** The intervals of alarms, ms. */
export interface AlarmTiming {
  /** Between two looks while an alarm is open or something happens. */
  busyMs: number;
  /** Between two looks while all is well. */
  restMs: number;
  /** For how long what happens is gathered before a look, where the last one is long ago. */
  gatherMs: number;
  /** After so long without a look, another manager takes over. */
  turnMs: number;
  /** How often it is looked whether there is something to tell that nobody told this manager of. */
  tellMs: number;
  /** After so long without telling, another manager takes over. */
  tellTurnMs: number;
  /** How long one telling may take; then it counts as failed, and is repeated. */
  tellWithinMs: number;
}

/** The intervals for real gateways. */
export const ALARM_TIMING: AlarmTiming = {
  busyMs: 5000,
  restMs: 15_000,
  gatherMs: 250,
  turnMs: 30_000,
  tellMs: 5000,
  tellTurnMs: 15_000,
  tellWithinMs: 10_000,
};
