import type { DeviceFilter, FilterKey } from '../../../manager/registry/device-filter.js';
import { PRESENCE_STATUSES } from '../../../manager/registry/presence-status.js';
import { type AddressPart, type AddressQuery, choice, isSame, textOrNull, texts } from './address-view.js';

// A filter of gateways in an address: /dashboard/gateways?status=offline&site=North%20plant&q=pump. The names are those of the filter's
// conditions, but for the search, which is q as searches are elsewhere. A condition that is added to the filter is added here, or this
// does not compile.

type Read<Value> = (query: AddressQuery, name: string) => Value | undefined;

const NAMES: Partial<Record<FilterKey, string>> = { search: 'q' };
const anyText: Read<string> = (query, name) => textOrNull().read(query, name)?.trim() || undefined;
const mark: Read<boolean> = (query, name) => {
  const given = choice(['true', 'false'], null).read(query, name);
  return given === null ? undefined : given === 'true';
};

const READ: { [Key in FilterKey]-?: Read<NonNullable<DeviceFilter[Key]>> } = {
  search: anyText,
  status: (query, name) => PRESENCE_STATUSES.find((one) => one === query[name]?.[0]),
  model: anyText,
  firmware: anyText,
  tpe: anyText,
  tag: anyText,
  site: anyText,
  redundancy: anyText,
  clientids(query, name) {
    const ids = texts().read(query, name);
    return ids.length > 0 ? ids : undefined;
  },
  hasUpdate: mark,
  enabled: mark,
};
const KEYS = Object.keys(READ) as FilterKey[];

/** The filter that an address has; an empty one if it has none. What is of no meaning is no condition. */
export function filterOfQuery(query: AddressQuery): DeviceFilter {
  const given = KEYS.map((key) => [key, READ[key](query, nameOf(key))] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as DeviceFilter;
}

/** Writes a filter for an address; conditions without a value are left out. */
export function queryOfFilter(filter: DeviceFilter): Record<string, string | string[]> {
  const given = KEYS.flatMap((key) => {
    const value = filter[key];
    if (value === undefined || (typeof value === 'string' && value.trim() === '')) return [];
    return [[nameOf(key), Array.isArray(value) ? value : String(value)]];
  });
  return Object.fromEntries(given);
}

/** A filter as a part of a page's view: `useAddressView({ filter: filterPart(), … })`. What is searched for is typed, and no step back. */
export function filterPart(): AddressPart<DeviceFilter> {
  return {
    names: () => KEYS.map(nameOf),
    read: (query) => filterOfQuery(query),
    write: (filter) =>
      Object.fromEntries(
        Object.entries(queryOfFilter(filter)).map(([name, value]) => [name, [value].flat()]),
      ),
    isStep: (before, after) => !isSame({ ...before, search: '' }, { ...after, search: '' }),
  };
}

function nameOf(key: FilterKey): string {
  return NAMES[key] ?? key;
}
