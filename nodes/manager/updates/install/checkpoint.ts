/** What is stored about the package that is being installed, so that another manager can continue. */
export interface Work {
  /** When the package was begun, ms since the epoch. */
  startedAt: number;
  api: 'tpe' | 'aig-302';
  /** The ids of jobs that the gateway had before, and that could be mistaken for the one of this installation. */
  seen: string[];
  /** The request ids of the commands that must not be sent twice. */
  requests: { create?: string; reboot?: string };
  /** The request ids of such commands that certainly did not reach the gateway. */
  lost: string[];
  /** How often a request for the job was published and got lost. */
  tries: number;
  /** The id of the installation's job on the gateway; null while it is unknown. */
  jobId: string | null;
  /** When the id became known, ms since the epoch; null before. */
  madeAt: number | null;
  /** Whether the gateway restarts by itself after the upgrade. */
  restartsByItself: boolean;
  /** The gateway's boot time before the upgrade, as it reports it; null if it does not. */
  bootTime: string | null;
  /** When the gateway had finished the job, ms since the epoch; null before. */
  doneAt: number | null;
  /** Whether the gateway was seen to disconnect after that. */
  wasAway: boolean;
  /** What the gateway answered to the request to cancel; null while it was not told. It is told only once. */
  cancelAnswer: string | null;
  /** How many packages before this one were installed already. */
  skipped: number;
}

/** Creates the work of a package that begins at `startedAt`, ms since the epoch. */
export function newWork(startedAt: number, skipped: number): Work {
  return {
    startedAt,
    api: 'tpe',
    seen: [],
    requests: {},
    lost: [],
    tries: 0,
    jobId: null,
    madeAt: null,
    restartsByItself: false,
    bootTime: null,
    doneAt: null,
    wasAway: false,
    cancelAnswer: null,
    skipped,
  };
}
