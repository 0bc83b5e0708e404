import type { SoftwarePackage } from '../software-package.js';
import type { GatewayVersions } from './installation.js';

/** What the gateway has of that which the package brings; null where it does not tell. */
export function installedVersion(software: SoftwarePackage, versions: GatewayVersions): string | null {
  return software.category === 'mil' ? versions.firmwareVersion : versions.tpeVersion;
}
