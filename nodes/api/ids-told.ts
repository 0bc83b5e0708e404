import type { DeviceFilter } from '../manager/registry/device-filter.js';

/** So many ids are told in an audit entry; more would leave no room for the rest of its detail. */
const MOST_IDS_TOLD = 20;
const MAX_LENGTH = 200;

/** The first of many ids, as an audit entry tells them beside their number. They may still be anything. */
export function firstIds(ids: readonly unknown[]): string[] {
  return ids
    .slice(0, MOST_IDS_TOLD)
    .map((id) => (typeof id === 'object' ? 'no text' : String(id)).slice(0, MAX_LENGTH));
}

/** Ids under their name in an audit entry that tells no number of them otherwise: with `total` where they are too many to be told. */
export function idsTold(name: string, ids: readonly unknown[]): Record<string, unknown> {
  const told = firstIds(ids);
  return { [name]: told, ...(told.length < ids.length && { total: ids.length }) };
}

/** A filter as an audit entry tells it: it may name 100,000 gateways. */
export function filterTold(filter: DeviceFilter): Record<string, unknown> {
  const { clientids, ...others } = filter;
  return clientids === undefined ? others : { ...others, ...idsTold('clientids', clientids) };
}
