import type { PackageUrlRule } from '../../catalogue/package-url.js';
import type { Reason } from '../../shared/reason.js';
import { redactText } from '../../shared/secret-text.js';
import type { SoftwarePackage } from '../software-package.js';
import { isAtLeast, isNewer, minorOf, readVersion } from '../versions.js';
import type { Candidate } from './candidate.js';
import { scanReason } from './scan-reasons.js';

/** The model and versions of a gateway, as it reports them. */
export interface Runs {
  modelName: string | null;
  firmwareVersion: string | null;
  tpeVersion: string | null;
}

export interface UpdatePlan {
  /** The next package to install; null if nothing is newer. */
  recommended: SoftwarePackage | null;
  /** All packages to install, in this order: firmware step by step, then TPE. */
  path: SoftwarePackage[];
  candidates: Candidate[];
}

/**
 * Finds which of the packages for its model a gateway should get. The firmware goes to the highest version that can be reached, in as few
 * steps as possible; an AIG package leads from exactly one minor version to the next. Then comes the newest TPE that fits that firmware.
 * For each package that is left out there is a reason.
 */
export function planUpdates(
  runs: Runs,
  mil: readonly SoftwarePackage[],
  tpe: readonly SoftwarePackage[],
  packageUrl: PackageUrlRule,
): UpdatePlan {
  const usable = (software: SoftwarePackage) => unusable(software, packageUrl) === null;
  const climb = climbFrom(runs.firmwareVersion, mil.filter(usable));
  const firmware = climb.at(-1)?.version ?? runs.firmwareVersion;
  const tpeThen = climb.reduce<string | null>((now, step) => tpeIn(step) ?? now, runs.tpeVersion);
  const newest = tpe
    .filter(usable)
    .filter((one) => isNewer(one.version, tpeThen) && isAtLeast(firmware, one.minFirmwareVersion))
    .reduce<SoftwarePackage | null>(
      (best, one) => (isNewer(one.version, best?.version ?? '0') ? one : best),
      null,
    );
  const path = newest === null ? climb : [...climb, newest];
  const candidates = [...mil, ...tpe].map((software) => {
    const step = path.indexOf(software);
    const { text, cause } =
      step >= 0 ? stepReason(step, path.length) : skipReason(software, runs, firmware, tpeThen, packageUrl);
    return { package: shown(software, packageUrl), fits: step >= 0, reason: text, cause };
  });
  return { recommended: path[0] ?? null, path, candidates };
}

/** Finds the fewest packages from a firmware version to the highest that can be reached. */
function climbFrom(start: string | null, mil: readonly SoftwarePackage[]): SoftwarePackage[] {
  if (readVersion(start) === null) return [];
  let best: SoftwarePackage[] = [];
  const seen = new Set([readVersion(start)]);
  let paths: SoftwarePackage[][] = [[]];
  while (paths.length > 0) {
    const longer: SoftwarePackage[][] = [];
    for (const path of paths) {
      const here = path.at(-1)?.version ?? start;
      for (const software of mil) {
        const there = readVersion(software.version);
        if (seen.has(there) || !leadsFrom(software, here)) continue;
        seen.add(there);
        const next = [...path, software];
        longer.push(next);
        if (isNewer(software.version, best.at(-1)?.version ?? start)) best = next;
      }
    }
    paths = longer;
  }
  return best;
}

function leadsFrom(software: SoftwarePackage, here: string | null): boolean {
  if (!isNewer(software.version, here) || !isAtLeast(here, software.minFirmwareVersion)) return false;
  const from = fromIn(software);
  return from === null || minorOf(from) === minorOf(here);
}

/** Returns `1.4` of `Upgrade_AIG-301_2.4.0-4020_IMG_1.4_to_1.5`, a package for this minor version alone; null for any other name. */
function fromIn({ packageName, yamlUrl }: SoftwarePackage): string | null {
  return /_IMG_v?(\d+(?:\.\d+)*)_to_/i.exec(`${packageName} ${yamlUrl}`)?.[1] ?? null;
}

/** Returns the TPE version that a firmware package brings along, which the name of a package for both contains; null if none. */
function tpeIn({ packageName, yamlUrl }: SoftwarePackage): string | null {
  return /_(\d+\.\d+\.\d+-\d{1,6})_IMG_/i.exec(`${packageName} ${yamlUrl}`)?.[1] ?? null;
}

function unusable({ version, yamlUrl }: SoftwarePackage, packageUrl: PackageUrlRule): Reason | null {
  if (readVersion(version) === null) return scanReason('package-version-unreadable', { version });
  const read = packageUrl(yamlUrl);
  return 'url' in read ? null : scanReason('package-url-unusable', { fault: read.fault });
}

/** Returns a package for people to see. If gateways cannot load it, nobody needs the login in its URL, so that is hidden. */
function shown(software: SoftwarePackage, packageUrl: PackageUrlRule): SoftwarePackage {
  if (unusable(software, packageUrl) === null) return software;
  return { ...software, yamlUrl: redactText(software.yamlUrl) };
}

function skipReason(
  software: SoftwarePackage,
  runs: Runs,
  firmware: string | null,
  tpe: string | null,
  packageUrl: PackageUrlRule,
): Reason {
  const fault = unusable(software, packageUrl);
  if (fault !== null) return fault;
  const { category, version, minFirmwareVersion } = software;
  const has = category === 'mil' ? runs.firmwareVersion : runs.tpeVersion;
  if (has === null) return scanReason('package-version-untold');
  if (readVersion(has) === null) return scanReason('package-gateway-version-unreadable', { version: has });
  if (!isNewer(version, has)) return scanReason('package-installed', { version: has });
  if (minFirmwareVersion !== null && !isAtLeast(firmware, minFirmwareVersion)) {
    return scanReason('package-needs-firmware', { version: minFirmwareVersion });
  }
  const from = fromIn(software);
  if (from !== null && category === 'mil') return scanReason('package-leads-from', { version: from });
  if (category === 'tpe' && tpe !== null && !isNewer(version, tpe)) {
    return scanReason('package-in-firmware', { version: tpe });
  }
  return scanReason('package-newer-recommended');
}

function stepReason(step: number, steps: number): Reason {
  return steps === 1
    ? scanReason('package-recommended')
    : scanReason('package-step', { step: step + 1, steps });
}
