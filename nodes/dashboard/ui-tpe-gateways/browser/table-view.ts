import { reactive } from 'vue';
import type { DeviceSort, PresenceStatus } from '../../../manager/registry/device.js';

/** What the person at the table chose to see. */
export interface TableView {
  search: string;
  status: PresenceStatus | undefined;
  sort: DeviceSort;
  descending: boolean;
  /** The cursors of the pages up to this one, none for the first: keyset paging only knows the next. */
  cursors: string[];
}

const views = new Map<string, TableView>();

/** The view of a widget. It outlives the component, which the dashboard makes anew after a deploy or a lost connection. */
export function tableView(widgetId: string): TableView {
  const known = views.get(widgetId);
  if (known) return known;
  const view = reactive<TableView>({
    search: '',
    status: undefined,
    sort: 'clientid',
    descending: false,
    cursors: [],
  });
  views.set(widgetId, view);
  return view;
}
