/** What is remembered of the package that is being installed, so that another manager can go on with it. */
export interface Work {
  /** When it was begun, ms since the epoch. */
  startedAt: number;
  api: 'tpe' | 'aig-302';
  /** Jobs that the gateway had before ours and that could be mistaken for it. */
  seen: string[];
  /** The commands that must not be given twice, by their request ids. */
  requests: { create?: string; reboot?: string };
  /** Commands of this kind that did not reach the gateway, for sure. */
  lost: string[];
  /** How often the job was asked for in vain. */
  tries: number;
  /** Of our job on the gateway; null before it is known. */
  jobId: string | null;
  /** When it was there, ms since the epoch. */
  madeAt: number | null;
  restartsByItself: boolean;
  /** The gateway's boot time before, as it tells it; null where it does not. */
  bootTime: string | null;
  /** When the job was done, ms since the epoch. */
  doneAt: number | null;
  /** It was seen to leave after that. */
  wasAway: boolean;
  /** What it answered to being told to give up: it will not be told again. */
  cancelAnswer: string | null;
  /** How many packages before this one were there already. */
  skipped: number;
}

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
