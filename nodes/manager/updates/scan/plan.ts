import type { PackageUrlRule } from '../../catalogue/package-url.js';
import { redactText } from '../../shared/secret-text.js';
import type { SoftwarePackage } from '../software-package.js';
import { isAtLeast, isNewer, minorOf, readVersion } from '../versions.js';
import type { Candidate } from './candidate.js';

/** What a gateway is and runs, as it says itself. */
export interface Runs {
  modelName: string | null;
  firmwareVersion: string | null;
  tpeVersion: string | null;
}

export interface UpdatePlan {
  /** The next one to install; null where nothing is newer. */
  recommended: SoftwarePackage | null;
  /** All to install, in this order: firmware step by step, then TPE. */
  path: SoftwarePackage[];
  candidates: Candidate[];
}

/**
 * Finds what a gateway should get of the packages for its model. The firmware climbs to the highest version that can be
 * reached, in as few steps as possible; AIG packages lead from exactly one minor version to the next. Then comes the newest
 * TPE that fits that firmware. Each package that is left out has its reason.
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
    return {
      package: shown(software, packageUrl),
      fits: step >= 0,
      reason:
        step >= 0 ? stepWords(step, path.length) : skipReason(software, runs, firmware, tpeThen, packageUrl),
    };
  });
  return { recommended: path[0] ?? null, path, candidates };
}

/** The fewest packages from a firmware version to the highest that can be reached. */
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

/** `1.4` of `Upgrade_AIG-301_2.4.0-4020_IMG_1.4_to_1.5`: such a package is for this minor version alone. */
function fromIn({ packageName, yamlUrl }: SoftwarePackage): string | null {
  return /_IMG_v?(\d+(?:\.\d+)*)_to_/i.exec(`${packageName} ${yamlUrl}`)?.[1] ?? null;
}

/** The TPE that a firmware package brings along: one package for both is named so. */
function tpeIn({ packageName, yamlUrl }: SoftwarePackage): string | null {
  return /_(\d+\.\d+\.\d+-\d{1,6})_IMG_/i.exec(`${packageName} ${yamlUrl}`)?.[1] ?? null;
}

function unusable({ version, yamlUrl }: SoftwarePackage, packageUrl: PackageUrlRule): string | null {
  if (readVersion(version) === null) return `its version "${version}" cannot be read`;
  const read = packageUrl(yamlUrl);
  return 'url' in read ? null : `its URL cannot be used: ${read.fault}`;
}

/** What gateways will not load need not be told with a login that it has in it. */
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
): string {
  const fault = unusable(software, packageUrl);
  if (fault !== null) return fault;
  const { category, version, minFirmwareVersion } = software;
  const has = category === 'mil' ? runs.firmwareVersion : runs.tpeVersion;
  if (readVersion(has) === null) {
    return has === null
      ? 'the gateway has not told its version'
      : `the gateway's version "${has}" cannot be read`;
  }
  if (!isNewer(version, has)) return `the gateway has ${has} already`;
  if (!isAtLeast(firmware, minFirmwareVersion)) return `it needs firmware ${minFirmwareVersion} first`;
  const from = fromIn(software);
  if (from !== null && category === 'mil') return `it leads from firmware ${from} alone`;
  if (category === 'tpe' && !isNewer(version, tpe)) return `the firmware brings ${tpe} along`;
  return 'a newer one is recommended';
}

function stepWords(step: number, steps: number): string {
  return steps === 1 ? 'recommended' : `step ${step + 1} of ${steps}`;
}
