/**
 * How an upgrade goes wrong: no room for the package, a package that is broken, an installation that fails at its very
 * end and is rolled back, one that never ends.
 */
export const UPGRADE_FAULTS = ['disk_full', 'bad_package', 'rollback', 'hang'] as const;
export type UpgradeFault = (typeof UPGRADE_FAULTS)[number];

/** How a virtual gateway misbehaves; what is left out is well. */
export interface GatewayFaults {
  /** Answers nothing. */
  silent?: boolean;
  /** Does what it is asked, but its answers never arrive. */
  lostAnswers?: boolean;
  /** Answers so much later, ms. */
  slowMs?: number;
  /** Answers with half of the JSON. */
  brokenJson?: boolean;
  /** Answers twice. */
  duplicateAnswers?: boolean;
  /** Answers with another request id. */
  wrongRequestId?: boolean;
  /** Its clock runs ahead by so much, ms; negative: behind. */
  clockOffsetMs?: number;
  /** Publishes its answers retained. */
  retainedAnswer?: boolean;
  /** Answers with so many bytes of payload. */
  hugeAnswerBytes?: number;
  /** Answers every request with this error status. */
  errorStatus?: number;
  /** Upgrades end so. */
  upgrade?: UpgradeFault;
}
