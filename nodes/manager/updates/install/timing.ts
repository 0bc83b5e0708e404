/** The timeouts and intervals of an installation, ms. */
export interface InstallTiming {
  /** The timeout of a request to the gateway. */
  answer: number;
  /** The timeout of the request for an upgrade. */
  create: number;
  /** The pause before a request without an answer is repeated. */
  retry: number;
  /** How long each question of the precheck is repeated to a gateway that does not answer. */
  patience: number;
  /**
   * How long after an unanswered request for an upgrade it is certain that the gateway has begun it or never will. By then the request has
   * expired: a minute to answer, a minute for a clock that is behind, and a reserve.
   */
  lost: number;
  /** How long a new job may stay in the state `created` before it is told to start. */
  start: number;
  /** The interval of checks of a job that downloads. */
  loading: number;
  /** The interval of checks of a job that installs: at first, and at most. */
  installing: number;
  installingMost: number;
  /** How long a connected gateway may stay silent, since the upgrade replaces the application that answers. */
  silence: number;
  /** How long to wait for a gateway to restart by itself. */
  selfRestart: number;
  /** How long a restart that the manager asked for may take. */
  restart: number;
  /** The interval of checks of a gateway that restarts. */
  restarting: number;
  /** How long the gateway may report the old versions after a restart, since its services start one after the other. */
  settle: number;
  /** The time that a resumed installation has at least, to look at a gateway whose time ran out while no manager ran. */
  grace: number;
  /** The minimum interval between two events of one installation, unless a step begins or it ends. */
  tell: number;
}

const MINUTE = 60_000;

/** The values for real gateways. */
export const DEFAULT_TIMING: InstallTiming = {
  answer: 30_000,
  create: MINUTE,
  retry: 5000,
  patience: 5 * MINUTE,
  lost: 2.5 * MINUTE,
  start: 5000,
  loading: 5000,
  installing: 15_000,
  installingMost: 30_000,
  silence: 20 * MINUTE,
  selfRestart: 10 * MINUTE,
  restart: 15 * MINUTE,
  restarting: 10_000,
  settle: 5 * MINUTE,
  grace: 5 * MINUTE,
  tell: 500,
};
