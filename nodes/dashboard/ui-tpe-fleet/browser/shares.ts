import type { DeviceFilter } from '../../../manager/registry/device-filter.js';

/** A part of the fleet: all gateways of a site, a model or a version. */
export interface Share {
  key: string;
  name: string;
  /** What tells it apart from others of this name. */
  note?: string;
  total: number;
  online: number;
  /** Finds its gateways; null where no filter does. */
  filter: DeviceFilter | null;
}

/** The parts that miss most gateways first; of those that miss as many, the larger ones. */
export function worstFirst(parts: readonly Share[]): Share[] {
  return parts.toSorted((a, b) => b.total - b.online - (a.total - a.online) || b.total - a.total);
}
