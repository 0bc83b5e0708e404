import type { Reason } from '../../../shared/reason.js';
import { redact } from '../../../shared/redact.js';
import type { TpeErrorCode } from '../../../shared/tpe-error.js';
import type { SoftwarePackage } from '../../software-package.js';
import { isAtLeast } from '../../versions.js';
import { InstallationOutcome } from '../installation-outcome.js';
import { installationReason } from '../installation-reasons.js';
import type { InstallationRun } from '../installation-run.js';
import { installedVersion } from '../package-version.js';
import { AIG_302_UPGRADES, isAig302 } from '../upgrade-api/aig-302-upgrades.js';
import { roomFault } from '../upgrade-api/disk-room.js';
import type { GatewayRequest, GatewayUpgrades, Reply } from '../upgrade-api/gateway-upgrades.js';
import { ASK_PROFILE, bootTimeOf, profileOf, versionsOf } from '../upgrade-api/profile-of.js';
import { TPE_UPGRADES } from '../upgrade-api/tpe-upgrades.js';
import { isCellular, settingsIn, type UpgradeSettings } from '../upgrade-api/upgrade-settings.js';

type Answered = Extract<Reply, { kind: 'answered' }>;

/**
 * Checks whether the package can be installed, without changing anything. Resolves with true if it can, and with false if the gateway has
 * it already. Throws an InstallationOutcome if it cannot: REJECTED for the first package, FAILED for a later one.
 */
export async function precheck(run: InstallationRun): Promise<boolean> {
  await run.enter('precheck');
  const profile = profileOf(await insist(run, ASK_PROFILE));
  if (profile === null) throw refusal(run, 'UNAVAILABLE', installationReason('installation-profile-untold'));
  const versions = versionsOf(profile);
  const isFirst = run.installation().package === 0;
  await run.change({ after: versions, ...(isFirst ? { before: versions } : {}) });

  const software = run.software();
  const installed = installedVersion(software, versions);
  if (installed === null) {
    const { category } = software;
    throw refusal(run, 'UNAVAILABLE', installationReason('installation-version-untold', { category }));
  }
  if (isAtLeast(installed, software.version)) {
    await run.progress(100, installationReason('installation-has-version', { version: installed }));
    return false;
  }
  refuseOldFirmware(run, versions.firmwareVersion);

  const is302 = isAig302(profile.raw);
  const settings = is302 ? {} : settingsIn(await insist(run, { method: 'GET', path: '/system/upgrade' }));
  const room = roomFault(settings.disks ?? profile.raw.disk, settings.targetDiskName ?? null, software.size);
  if (room !== null) throw refusal(run, 'CONFLICT', room);
  await refuseCellular(run, settings);
  const snapshot = snapshotOf(run, settings);

  const upgrades = is302 ? AIG_302_UPGRADES : TPE_UPGRADES;
  const seen = await refuseOthers(run, upgrades);
  Object.assign(run.work, {
    api: is302 ? 'aig-302' : 'tpe',
    seen,
    restartsByItself: is302 || snapshot,
    bootTime: bootTimeOf(profile),
  });
  return true;
}

/** Returns the requests for upgrades of this kind of gateway, which the precheck has found out. */
export function upgradesOf({ work }: InstallationRun): GatewayUpgrades {
  return work.api === 'aig-302' ? AIG_302_UPGRADES : TPE_UPGRADES;
}

/** Whether an upgrade may load this package, by its URL; true without one. Secrets are left out, since answers are redacted. */
export function isOfPackage({ yamlUrl }: SoftwarePackage, url: string | null): boolean {
  return url === null || redact(url) === redact(yamlUrl);
}

/** Throws the outcome CANCELED if somebody asked to cancel. To be called only while no upgrade is under way on the gateway. */
export function stopIfCanceled(run: InstallationRun): void {
  const by = run.cancelRequestedBy();
  if (by === null) return;
  throw new InstallationOutcome(
    'CANCELED',
    null,
    installationReason('installation-canceled-by', { who: by }),
  );
}

/** Asks until there is an answer or the patience is over, since a gateway may be away for a while. */
async function insist(run: InstallationRun, request: GatewayRequest): Promise<Answered> {
  const until = Date.now() + run.timing.patience;
  for (;;) {
    stopIfCanceled(run);
    const reply = await run.ask(request);
    if (reply.kind === 'answered') return reply;
    if (Date.now() >= until) {
      const code = reply.kind === 'offline' ? 'OFFLINE' : 'TIMED_OUT';
      const params = { path: request.path, reason: reply.reason };
      throw refusal(run, code, installationReason('installation-no-answer', params));
    }
    await run.pause(run.timing.retry);
  }
}

function refuseOldFirmware(run: InstallationRun, firmwareVersion: string | null): void {
  const { minFirmwareVersion, displayName, packageName } = run.software();
  if (minFirmwareVersion === null) return;
  if (firmwareVersion !== null && isAtLeast(firmwareVersion, minFirmwareVersion)) return;
  const params = { package: displayName ?? packageName, version: minFirmwareVersion };
  const reason =
    firmwareVersion === null
      ? installationReason('installation-needs-firmware-untold', params)
      : installationReason('installation-needs-firmware', { ...params, firmware: firmwareVersion });
  throw refusal(run, 'CONFLICT', reason);
}

async function refuseCellular(run: InstallationRun, settings: UpgradeSettings): Promise<void> {
  const isAllowedThere = settings.allowOverCellular !== false;
  const isAllowedHere = run.installation().allowCellular;
  if (isAllowedThere && isAllowedHere) return;
  const wan = await insist(run, { method: 'GET', path: '/device/network/wan' });
  if (isCellular(wan) !== true) return;
  const code = isAllowedHere ? 'installation-cellular-setting' : 'installation-cellular';
  throw refusal(run, 'CONFLICT', installationReason(code));
}

/** Returns whether the gateway will make a snapshot, and so restart by itself. Throws if it should but cannot. */
function snapshotOf(run: InstallationRun, settings: UpgradeSettings): boolean {
  const asked = run.installation().snapshot;
  if (asked === true && settings.isSnapshotSupported === false) {
    throw refusal(run, 'CONFLICT', installationReason('installation-no-snapshot'));
  }
  return asked ?? (settings.enableSnapshot === true && settings.isSnapshotSupported !== false);
}

/** Throws if an upgrade is under way on the gateway. Else resolves with the ids of those that could be mistaken for the coming one. */
async function refuseOthers(run: InstallationRun, upgrades: GatewayUpgrades): Promise<string[]> {
  const reply = await insist(run, upgrades.list);
  const listed = upgrades.readList(reply.status, reply.payload);
  if (listed === null) {
    const words = reply.error ?? installationReason('installation-answer-unclear');
    throw refusal(run, 'UNAVAILABLE', installationReason('installation-upgrades-untold', { words }));
  }
  const active = listed.find(({ isActive }) => isActive);
  if (active !== undefined) {
    throw refusal(run, 'CONFLICT', installationReason('installation-other-upgrade', { job: active.id }));
  }
  return listed.filter(({ url }) => isOfPackage(run.software(), url)).map(({ id }) => id);
}

function refusal(run: InstallationRun, code: TpeErrorCode, reason: Reason): InstallationOutcome {
  const nothingDone = run.installation().package === 0;
  return new InstallationOutcome(nothingDone ? 'REJECTED' : 'FAILED', code, reason);
}
