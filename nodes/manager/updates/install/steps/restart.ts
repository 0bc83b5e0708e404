import type { CommandRecord } from '../../../commands/command.js';
import type { DeviceProfile } from '../../../registry/registry.js';
import { isAtLeast } from '../../versions.js';
import { commandReasonOrState } from '../command-reason.js';
import { InstallationOutcome } from '../installation-outcome.js';
import { installationReason } from '../installation-reasons.js';
import type { InstallationRun } from '../installation-run.js';
import { installedVersion } from '../package-version.js';
import type { GatewayRequest } from '../upgrade-api/gateway-upgrades.js';
import { ASK_PROFILE, bootTimeOf, profileOf, versionsOf } from '../upgrade-api/profile-of.js';

const REBOOT: GatewayRequest = { method: 'PUT', path: '/system/reboot', requestBody: { now: true } };

/**
 * Waits until the gateway has restarted and answers again. One that made a snapshot, or is an AIG-302, restarts by itself; any other one is
 * told to, once, and again only if the command did not arrive.
 */
export async function restart(run: InstallationRun): Promise<void> {
  const { work, timing } = run;
  if (work.doneAt === null) {
    work.doneAt = Date.now();
    await run.enter('reboot');
  }
  for (;;) {
    const reply = await run.ask(ASK_PROFILE);
    if (reply.kind === 'offline') work.wasAway = true;
    const profile = profileOf(reply);
    if (work.wasAway || hasBooted(run, profile)) await run.enter('reconnect');
    if (profile !== null && (hasBooted(run, profile) || (await isEnough(run, profile)))) {
      return await run.enter('reconnect');
    }
    await run.pause(timing.restarting);
  }
}

function hasBooted({ work }: InstallationRun, profile: DeviceProfile | null): boolean {
  if (profile === null) return false;
  const bootTime = bootTimeOf(profile);
  return work.bootTime !== null && bootTime !== null ? bootTime !== work.bootTime : work.wasAway;
}

/** Whether a gateway that answers without having restarted is good enough. Tells it to restart when the time for that has come. */
async function isEnough(run: InstallationRun, profile: DeviceProfile): Promise<boolean> {
  const { work, timing } = run;
  const waited = Date.now() - work.doneAt!;
  if (work.restartsByItself && waited < timing.selfRestart) return false;
  if (work.restartsByItself && isNew(run, profile)) {
    await run.progress(100, installationReason('installation-restart-not-needed'));
    return true;
  }
  const command = await run.once('reboot', REBOOT);
  if (isLost(command, timing.lost)) {
    await run.forget('reboot');
    return false;
  }
  if (command.state === 'FAILED') {
    const reason = commandReasonOrState(command);
    await run.progress(0, installationReason('installation-restart-refused', { reason }));
  }
  // Counted from when it was told: the manager may have been away in between.
  if (command.sentAt === null || Date.now() - Date.parse(command.sentAt) < timing.restart) return false;
  if (isNew(run, profile)) return true;
  throw new InstallationOutcome('FAILED', 'TIMED_OUT', installationReason('installation-no-restart'));
}

/** Whether a command has had no answer for so long that it cannot have arrived. */
function isLost({ answer, sentAt }: CommandRecord, lostMs: number): boolean {
  return answer === null && Date.now() > (sentAt === null ? 0 : Date.parse(sentAt) + lostMs);
}

function isNew(run: InstallationRun, profile: DeviceProfile): boolean {
  const software = run.software();
  const installed = installedVersion(software, versionsOf(profile));
  return installed !== null && isAtLeast(installed, software.version);
}
