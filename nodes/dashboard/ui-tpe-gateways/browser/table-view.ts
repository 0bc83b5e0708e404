import { reactive, watch } from 'vue';
import type { GatewayRow } from '../../../api/procedures/gateways-page.js';
import type { DeviceFilter } from '../../../manager/registry/device-filter.js';
import type { DeviceSort } from '../../../manager/registry/device-query.js';

/** What the person chose to see in the table. */
export interface TableView {
  filter: DeviceFilter;
  sort: DeviceSort;
  descending: boolean;
  /** The cursors of the pages up to the current one, empty for the first. They are kept because keyset paging can only go forward. */
  cursors: string[];
  hidden: Column[];
}

/** The columns that the person can hide. */
export const COLUMNS = [
  'since',
  'hostName',
  'modelName',
  'serialNumber',
  'tpeVersion',
  'firmwareVersion',
  'biosVersion',
  'site',
  'tags',
] as const satisfies (keyof GatewayRow)[];
export type Column = (typeof COLUMNS)[number];

const STORED_AS = 'tpedm-gateways-hidden';
const HIDDEN_AT_FIRST: Column[] = ['biosVersion'];
const views = new Map<string, TableView>();

/**
 * Returns the view of a widget. It is kept outside the component because the dashboard recreates components after a deploy or a lost
 * connection.
 */
export function tableView(widgetId: string): TableView {
  const known = views.get(widgetId);
  if (known) return known;
  const view = reactive<TableView>({
    filter: {},
    sort: 'clientid',
    descending: false,
    cursors: [],
    hidden: storedColumns(),
  });
  watch(
    () => view.hidden,
    (hidden) => localStorage.setItem(STORED_AS, JSON.stringify(hidden)),
    { deep: true },
  );
  views.set(widgetId, view);
  return view;
}

function storedColumns(): Column[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? 'null');
    if (Array.isArray(stored)) return COLUMNS.filter((column) => stored.includes(column));
  } catch {
    // The stored text is broken, so the defaults apply.
  }
  return HIDDEN_AT_FIRST;
}
