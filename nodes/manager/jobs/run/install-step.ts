import { askedByJob } from '../../commands/asked-by.js';
import type { Reason } from '../../shared/reason.js';
import { type Installation, isOver } from '../../updates/install/installation.js';
import type { SoftwarePackage } from '../../updates/software-package.js';
import type { JobInstall, JobStep } from '../definition/definition.js';
import type { AttemptResult } from '../execution.js';
import { ALREADY_DONE, isWaiting } from './command-outcome.js';
import { gatewayOf } from './filled-request.js';
import { installationOutcome } from './installation-outcome.js';
import { noTimeLeft } from './no-time-left.js';
import type { StepRun } from './run-options.js';
import { runReason } from './run-reasons.js';
import { partKey } from './sent-once.js';
import { withPatience } from './with-patience.js';

type InstallStep = Extract<JobStep, { kind: 'install' }>;

/** Carries out the installation of a step once, or waits for the one that it has begun before. */
export async function installStep(run: StepRun, step: InstallStep): Promise<AttemptResult> {
  const { install } = step;
  const { last, tries } = await beganBefore(run);
  if (last !== null) return installationOutcome(await whenOver(run, last));
  const found = await packagesFor(run, install);
  if ('fault' in found) return { state: 'FAILED', reason: found.fault, isUncertain: false, mayRepeat: true };
  if (found.path.length === 0) return ALREADY_DONE;
  // The repository may have taken all of it.
  const over = noTimeLeft(run, step);
  if (over !== null) return over;
  const { snapshot, allowCellular, timeoutSeconds } = install;
  const begun = await withPatience(run, () =>
    run.installations.start({
      clientid: run.work.clientid,
      packages: found.path,
      ...(snapshot !== undefined && { snapshot }),
      ...(allowCellular !== undefined && { allowCellular }),
      ...(timeoutSeconds !== undefined && { timeoutMs: timeoutSeconds * 1000 }),
      requestedBy: askedByJob(run.job),
      execution: partKey(run, 'install', tries + 1),
    }),
  );
  return installationOutcome(await whenOver(run, begun));
}

/** What a step has begun before: the installation that counts, open or over, null if none has reached the gateway; and the number of tries. */
export async function beganBefore(run: StepRun): Promise<{ last: Installation | null; tries: number }> {
  const all = await withPatience(run, () =>
    run.installations.ofExecution(run.work.clientid, partKey(run, 'install')),
  );
  const last = all.at(-1);
  const counts = last !== undefined && !(isOver(last.state) && isWaiting(installationOutcome(last)));
  return { last: counts ? last : null, tries: all.length };
}

async function whenOver(run: StepRun, installation: Installation): Promise<Installation> {
  if (isOver(installation.state)) return installation;
  const over = await withPatience(run, () => run.installations.waitFor(installation.id, Infinity));
  return over ?? installation;
}

type Found = { fault: Reason } | { path: readonly SoftwarePackage[] };

async function packagesFor(run: StepRun, { packages }: JobInstall): Promise<Found> {
  // An installation checks what it is given.
  if (packages !== undefined) return { path: packages as unknown as SoftwarePackage[] };
  const gateway = await gatewayOf(run);
  const { firmwareVersion, tpeVersion } = gateway;
  if (firmwareVersion === null && tpeVersion === null) return { fault: runReason('run-versions-untold') };
  return await withPatience(run, () => run.updates.plan(gateway));
}
