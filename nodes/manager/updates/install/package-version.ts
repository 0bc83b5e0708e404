import type { SoftwarePackage } from '../software-package.js';
import type { GatewayVersions } from './installation.js';

/** Returns the version that the gateway has of the package's category; null if it does not report one. */
export function installedVersion(software: SoftwarePackage, versions: GatewayVersions): string | null {
  return software.category === 'mil' ? versions.firmwareVersion : versions.tpeVersion;
}
