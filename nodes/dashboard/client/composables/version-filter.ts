import type { DeviceFilter } from '../../../manager/registry/device-filter.js';

/** What is known of the software of gateways that run the same. */
export interface SoftwareKnown {
  model: string | null;
  firmwareVersion: string | null;
  tpeVersion: string | null;
}

/** Finds the gateways with the same software; null where nothing is known of it, since no filter finds what is not known. */
export function versionFilter({ model, firmwareVersion, tpeVersion }: SoftwareKnown): DeviceFilter | null {
  const known = {
    ...(model !== null && { model }),
    ...(firmwareVersion !== null && { firmware: firmwareVersion }),
    ...(tpeVersion !== null && { tpe: tpeVersion }),
  };
  return Object.keys(known).length === 0 ? null : known;
}
