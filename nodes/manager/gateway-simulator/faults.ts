/**
 * How an upgrade fails: the disk has no room for the package, the package is broken, the installation fails at its very end and
 * is rolled back, or the installation never ends.
 */
export const UPGRADE_FAULTS = ['disk_full', 'bad_package', 'rollback', 'hang'] as const;
export type UpgradeFault = (typeof UPGRADE_FAULTS)[number];

/** How a virtual gateway misbehaves. Faults that are left out do not happen. */
export interface GatewayFaults {
  /** Answers nothing. */
  silent?: boolean;
  /** Carries out requests, but its answers never arrive. */
  lostAnswers?: boolean;
  /** Delays each answer by this time, ms. */
  slowMs?: number;
  /** Answers with only half of the JSON. */
  brokenJson?: boolean;
  /** Answers twice. */
  duplicateAnswers?: boolean;
  /** Answers with another request id. */
  wrongRequestId?: boolean;
  /** Its clock is ahead by this time, ms; negative: behind. */
  clockOffsetMs?: number;
  /** Publishes its answers retained. */
  retainedAnswer?: boolean;
  /** Answers with a payload of this many bytes. */
  hugeAnswerBytes?: number;
  /** Answers every request with this error status. */
  errorStatus?: number;
  /** Its upgrades fail in this way. */
  upgrade?: UpgradeFault;
}
