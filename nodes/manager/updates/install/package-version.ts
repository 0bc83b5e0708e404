import { compareVersions, validate } from 'compare-versions';
import type { SoftwarePackage } from '../software-package.js';
import type { GatewayVersions } from './installation.js';

/** What the gateway has of that which the package brings; null where it does not tell. */
export function installedVersion(software: SoftwarePackage, versions: GatewayVersions): string | null {
  return software.category === 'mil' ? versions.firmwareVersion : versions.tpeVersion;
}

/** True when a version is the wanted one or newer: `v1.5` is `1.5.0`, and of `2.3.0-3571` the build counts, too. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [one, other] = [numbers(version), numbers(wanted)];
  if (!validate(one) || !validate(other)) return version.trim() === wanted.trim();
  return compareVersions(one, other) >= 0;
}

function numbers(version: string): string {
  return version
    .trim()
    .replace(/^v/i, '')
    .replace('-', '.')
    .replace(/\.{2,}/g, '.');
}
