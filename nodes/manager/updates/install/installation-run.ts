import type { PackageUrl, PackageUrlRule } from '../../catalogue/package-url.js';
import type { Commands } from '../../commands/command.js';
import type { Work } from './checkpoint.js';
import type { GatewayStanding } from './gateway-standing.js';
import type { Installation } from './installation.js';
import { InstallationOutcome } from './installation-outcome.js';
import type { OpenInstallation } from './installation-store.js';
import { createRunPause } from './run-pause.js';
import { createRunRecord, type RunRecord, type RunRecordOptions } from './run-record.js';
import { createRunRequests, type RunRequests } from './run-requests.js';
import type { InstallTiming } from './timing.js';

/** One installation on its way: what the steps are made with. */
export interface InstallationRun extends Omit<RunRecord, 'noteCancel' | 'end'>, RunRequests {
  readonly clientid: string;
  readonly timing: InstallTiming;
  /** When this manager began with it, or went on with it, ms since the epoch. */
  readonly resumedAt: number;
  /** From where the gateway is told to load it. Ended where it may not: it was recorded before that was refused. */
  packageUrl(): PackageUrl;
  /** Waits, or less where something happens to the gateway or to this installation. Ended when its time is up. */
  pause(ms: number): Promise<void>;
}

/** A run from outside. */
export interface InstallationRunHandle extends InstallationRun, Pick<RunRecord, 'end'> {
  /** Something happened: whoever pauses looks. */
  wake(): void;
  /** The gateway was seen to leave. */
  left(): void;
  cancel(requestedBy: string): void;
}

export interface InstallationRunOptions extends RunRecordOptions {
  commands: Commands;
  standing: GatewayStanding;
  timing: InstallTiming;
  packageUrl: PackageUrlRule;
}

/** Goes on with an installation where it is. */
export function createInstallationRun(
  options: InstallationRunOptions,
  open: OpenInstallation,
): InstallationRunHandle {
  const { timing, signal } = options;
  const resumedAt = Date.now();
  const isResumed = open.installation.startedAt !== null;
  const { clientid, id } = open.installation;
  const { noteCancel, ...record } = createRunRecord(options, open, resumedAt);
  const { work, installation, save } = record;

  /** What became of the gateway while no manager was there is looked at in any case. */
  function deadline(): number {
    const least = isResumed ? resumedAt + timing.grace : 0;
    return Math.max(work.startedAt + installation().timeoutMs, least);
  }

  const outOfTime = () => new InstallationOutcome('TIMED_OUT', 'TIMED_OUT', timeIsUp(installation(), work));
  const { pause, wake } = createRunPause({ signal, deadline, outOfTime });
  const { commands, standing } = options;
  const requests = createRunRequests({ clientid, id, commands, standing, timing, work, save, pause, signal });

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
        `Packages are not loaded from this URL: ${read.fault}.`,
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

function timeIsUp({ timeoutMs, step }: Installation, { jobId }: Work): string {
  const time = `${Math.round(timeoutMs / 1000)} s for a package were over in the step "${step ?? 'precheck'}"`;
  if (jobId === null) return `The ${time}.`;
  return `The ${time}. The upgrade may still run on the gateway: look at it there (job ${jobId}).`;
}
