import type { DeviceFilter } from '../../../manager/registry/device-filter.js';

/** The filter of gateways that the address of a page has as JSON; an empty one if it has none. The server checks it. */
export function filterIn(text = ''): DeviceFilter {
  try {
    const filter: unknown = JSON.parse(text);
    return typeof filter === 'object' && filter !== null && !Array.isArray(filter) ? filter : {};
  } catch {
    return {};
  }
}

/** Writes a filter for an address; conditions without a value are left out. */
export function filterFor(filter: DeviceFilter): string {
  return JSON.stringify(filter);
}
