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
  'redundancy',
] as const satisfies (keyof GatewayRow)[];
export type Column = (typeof COLUMNS)[number];

const STORED_AS = 'tpedm-gateways-hidden';
const HIDDEN_AT_FIRST: readonly Column[] = ['biosVersion', 'redundancy'];
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
    (hidden) => localStorage.setItem(STORED_AS, JSON.stringify(shownBy(hidden))),
    { deep: true },
  );
  views.set(widgetId, view);
  return view;
}

/** Whether each column is shown, so that one that a later version adds is known to be new. */
function shownBy(hidden: readonly Column[]): Record<string, boolean> {
  return Object.fromEntries(COLUMNS.map((column) => [column, !hidden.includes(column)]));
}

function storedColumns(): Column[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? 'null');
    // Before there were redundancy sets, the hidden columns were stored by themselves.
    if (Array.isArray(stored)) return COLUMNS.filter((one) => one === 'redundancy' || stored.includes(one));
    if (typeof stored === 'object' && stored !== null) {
      const shown = stored as Partial<ReturnType<typeof shownBy>>;
      return COLUMNS.filter((one) => !(shown[one] ?? !HIDDEN_AT_FIRST.includes(one)));
    }
  } catch {
    // The stored text is broken, so the defaults apply.
  }
  return [...HIDDEN_AT_FIRST];
}
