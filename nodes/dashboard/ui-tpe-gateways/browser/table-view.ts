import type { DeviceFilter } from '../../../manager/registry/device-filter.js';
import { DEVICE_SORTS, type DeviceSort } from '../../../manager/registry/sort-names.js';
import { choice, flag, whole } from '../../client/composables/address-view.js';
import { filterPart } from '../../client/composables/filter-in-address.js';
import { useAddressView } from '../../client/composables/use-address-view.js';

/** What the table shows. It stands in the address of the page, so that it survives a reload, is found by Back, and can be passed on. */
export interface TableView {
  filter: DeviceFilter;
  sort: DeviceSort;
  descending: boolean;
  /** The number of the page, from 1. */
  page: number;
}

/** Who needs a person comes first, until another order is chosen. */
export const FIRST_SORT: DeviceSort = 'status';

/** The view of the table on this page. Call it in setup. */
export function useTableView(): TableView {
  return useAddressView<TableView>({
    filter: filterPart(),
    sort: choice(DEVICE_SORTS, FIRST_SORT),
    descending: flag(),
    page: whole(),
  });
}

/** The conditions of a view that are given. */
export function conditionsOf(view: TableView): DeviceFilter {
  const given = Object.entries(view.filter).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given);
}
