/** The timeouts and intervals of an installation, ms. */
export interface InstallTiming {
  /** The timeout of a request to the gateway. */
  answer: number;
  /** The timeout of the request for an upgrade. */
  create: number;
  /** The pause before a request without an answer is repeated. */
  retry: number;
  /** How long the first questions are asked of a gateway that does not answer, before it is given up. */
  patience: number;
  /**
   * So long after an upgrade was asked for without an answer, the gateway has either begun it or will never do: its request
   * has expired by then (a minute to answer, and one for a clock that is behind), with a reserve.
   */
  lost: number;
  /** How long a job may stay as it was made before it is told to start. */
  start: number;
  /** The interval of checks of a job that downloads. */
  loading: number;
  /** The interval of checks of a job that installs: at first, and at most. */
  installing: number;
  installingMost: number;
  /** How long a gateway that is connected may say nothing: it replaces the application that answers. */
  silence: number;
  /** How long a gateway that restarts by itself may take until it does. */
  selfRestart: number;
  /** How long a restart may take that we asked for. */
  restart: number;
  /** The interval of checks of a gateway that restarts. */
  restarting: number;
  /** How long the versions may be the old ones after a restart: services come up one after the other. */
  settle: number;
  /** Time to look at a gateway whose time ran out while no manager was there. */
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
