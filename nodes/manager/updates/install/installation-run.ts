import type { PackageUrl, PackageUrlRule } from '../../catalogue/package-url.js';
import type { Commands } from '../../commands/command.js';
import type { Reason } from '../../shared/reason.js';
import type { Work } from './checkpoint.js';
import type { GatewayStanding } from './gateway-standing.js';
import type { Installation } from './installation.js';
import { InstallationOutcome } from './installation-outcome.js';
import { installationReason } from './installation-reasons.js';
import type { OpenInstallation } from './installation-store.js';
import { createRunPause } from './run-pause.js';
import { createRunRecord, type RunRecord, type RunRecordOptions } from './run-record.js';
import { createRunRequests, type RunRequests } from './run-requests.js';
import type { InstallTiming } from './timing.js';

/** One installation run, as the steps use it. */
export interface InstallationRun extends Omit<RunRecord, 'noteCancel' | 'end'>, RunRequests {
  readonly clientid: string;
  readonly timing: InstallTiming;
  /** When this manager began the installation or continued it, ms since the epoch. */
  readonly resumedAt: number;
  /** The URL from which the gateway loads the package. Throws the outcome FAILED if the URL has been forbidden since it was recorded. */
  packageUrl(): PackageUrl;
  /** Waits `ms`, or less if something happens to the gateway or to this installation. Throws an outcome when its time is up. */
  pause(ms: number): Promise<void>;
}

/** One installation run, as its queue uses it. */
export interface InstallationRunHandle extends InstallationRun, Pick<RunRecord, 'end'> {
  /** Ends a pause early, since something happened. */
  wake(): void;
  /** Notes that the gateway was seen to disconnect. */
  left(): void;
  cancel(requestedBy: string): void;
}

export interface InstallationRunOptions extends RunRecordOptions {
  commands: Commands;
  standing: GatewayStanding;
  timing: InstallTiming;
  packageUrl: PackageUrlRule;
}

/** Creates the run of an installation, which begins or continues where its record stands. */
export function createInstallationRun(
  options: InstallationRunOptions,
  open: OpenInstallation,
): InstallationRunHandle {
  const { timing, signal } = options;
  const resumedAt = Date.now();
  const isResumed = open.installation.startedAt !== null;
  const { clientid, id, job } = open.installation;
  const { noteCancel, ...record } = createRunRecord(options, open, resumedAt);
  const { work, installation, save } = record;

  /** Returns when the time is up. A resumed run gets some time in any case, to see what became of the gateway meanwhile. */
  function deadline(): number {
    const least = isResumed ? resumedAt + timing.grace : 0;
    return Math.max(work.startedAt + installation().timeoutMs, least);
  }

  const outOfTime = () => new InstallationOutcome('TIMED_OUT', 'TIMED_OUT', timeIsUp(installation(), work));
  const { pause, wake } = createRunPause({ signal, deadline, outOfTime });
  const { commands, standing } = options;
  const requests = createRunRequests({
    clientid,
    id,
    job,
    commands,
    standing,
    timing,
    work,
    save,
    pause,
    signal,
  });

  return {
    clientid,
    timing,
    resumedAt,
    ...record,
    ...requests,
    packageUrl() {
      const read = options.packageUrl(record.software().yamlUrl);
      if ('url' in read) return read.url;
      throw new InstallationOutcome(
        'FAILED',
        'FORBIDDEN',
        installationReason('installation-url-forbidden', { fault: read.fault }),
      );
    },
    pause,
    wake,
    left() {
      if (work.doneAt !== null) work.wasAway = true;
      wake();
    },
    cancel(by) {
      noteCancel(by);
      wake();
    },
  };
}

function timeIsUp({ timeoutMs, step }: Installation, { jobId }: Work): Reason {
  const params = { seconds: Math.round(timeoutMs / 1000), step: step ?? 'precheck' };
  return jobId === null
    ? installationReason('installation-out-of-time', params)
    : installationReason('installation-out-of-time-job', { ...params, job: jobId });
}
