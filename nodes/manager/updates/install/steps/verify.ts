import type { Reason } from '../../../shared/reason.js';
import { isAtLeast } from '../../versions.js';
import { InstallationOutcome } from '../installation-outcome.js';
import { installationReason } from '../installation-reasons.js';
import type { InstallationRun } from '../installation-run.js';
import { installedVersion } from '../package-version.js';
import { ASK_PROFILE, profileOf, versionsOf } from '../upgrade-api/profile-of.js';
import { upgradesOf } from './precheck.js';

/** Reads the version back from the gateway, as the proof. Throws the outcome FAILED if it stays older than what was installed. */
export async function verify(run: InstallationRun): Promise<void> {
  const { timing } = run;
  await run.enter('verify');
  const software = run.software();
  const { after } = run.installation();
  const before = installedVersion(software, after);
  const until = Math.max(run.resumedAt, startOf(run)) + timing.settle;
  for (;;) {
    const profile = profileOf(await run.ask(ASK_PROFILE));
    if (profile !== null) {
      const versions = versionsOf(profile);
      const installed = installedVersion(software, versions);
      if (installed !== null && isAtLeast(installed, software.version)) {
        return await run.change({ after: versions });
      }
      if (Date.now() >= until) {
        await run.change({ after: versions });
        throw new InstallationOutcome('FAILED', null, await explainNotInstalled(run, before, installed));
      }
    }
    await run.pause(timing.restarting);
  }
}

function startOf(run: InstallationRun): number {
  return Date.parse(run.installation().steps.at(-1)!.startedAt);
}

async function explainNotInstalled(
  run: InstallationRun,
  before: string | null,
  installed: string | null,
): Promise<Reason> {
  const { version, category } = run.software();
  const layer = category === 'mil' ? installationReason('installation-firmware') : 'ThingsPro Edge';
  const words = await wordsOfGateway(run);
  if (installed === null) {
    return words === null
      ? installationReason('installation-new-version-untold', { layer })
      : installationReason('installation-new-version-untold-words', { layer, words });
  }
  const params = { layer, installed, version };
  if (words === null) {
    const code = installed === before ? 'installation-rolled-back' : 'installation-other-version';
    return installationReason(code, params);
  }
  const code = installed === before ? 'installation-rolled-back-words' : 'installation-other-version-words';
  return installationReason(code, { ...params, words });
}

async function wordsOfGateway(run: InstallationRun): Promise<Reason | null> {
  const upgrades = upgradesOf(run);
  const id = run.work.jobId!;
  const reply = await run.ask(upgrades.one(id));
  if (reply.kind !== 'answered') return null;
  const report = upgrades.readOne(id, reply.status, reply.payload);
  return report?.state === 'failed' ? report.detail : null;
}
