import type { StepName } from '../installation.js';
import { InstallationOutcome } from '../installation-outcome.js';
import { installationReason } from '../installation-reasons.js';
import type { InstallationRun } from '../installation-run.js';
import { create } from './create-job.js';
import { follow } from './follow.js';
import { precheck, stopIfCanceled } from './precheck.js';
import { restart } from './restart.js';
import { verify } from './verify.js';

/** What is done for a package after the precheck, with the steps that each stage shows. A stage can continue after a restart. */
const STAGES: readonly { steps: readonly StepName[]; perform(run: InstallationRun): Promise<unknown> }[] = [
  { steps: ['create'], perform: create },
  { steps: ['start', 'download', 'install'], perform: follow },
  { steps: ['reboot', 'reconnect'], perform: restart },
  { steps: ['verify'], perform: verify },
];

/** Carries out an installation from where it stands, and resolves with its outcome, good or bad. Rejects with CLOSED. */
export async function drive(run: InstallationRun): Promise<InstallationOutcome> {
  try {
    const count = run.installation().packages.length;
    for (let index = run.installation().package; index < count; index += 1) {
      const isLast = index === count - 1;
      const isInstalled = await onePackage(run);
      if (!isLast) stopIfCanceled(run);
      await run.nextPackage(!isInstalled);
    }
    return run.work.skipped === count
      ? new InstallationOutcome('ALREADY_INSTALLED', null, installationReason('installation-not-needed'))
      : new InstallationOutcome('SUCCEEDED', null, null);
  } catch (error) {
    if (error instanceof InstallationOutcome) return error;
    throw error;
  }
}

/** Installs one package. Resolves with false if the gateway had it already. */
async function onePackage(run: InstallationRun): Promise<boolean> {
  const { step } = run.installation();
  let from = STAGES.findIndex(({ steps }) => step !== null && steps.includes(step));
  if (from === -1) {
    if (!(await precheck(run))) return false;
    from = 0;
  }
  for (const { perform } of STAGES.slice(from)) await perform(run);
  return true;
}
