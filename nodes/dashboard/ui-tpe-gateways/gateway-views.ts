import type { DeviceManager } from '../../manager/device-manager.js';
import type { Device } from '../../manager/registry/device.js';
import { conditionsIn, type DeviceFilter, hasCondition } from '../../manager/registry/device-filter.js';
import type { DeviceSort } from '../../manager/registry/device-query.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { pauseAfter, SHORTEST_PAUSE_MS } from '../server/throttle.js';
import type { GatewayRow, NodeMessage, PageRequest } from './wire.js';

/** One browser that looks at the table. */
export interface Viewer {
  readonly id: string;
  /** False once it is gone. */
  readonly connected: boolean;
  tell(message: NodeMessage): void;
}

/** What a change may have changed, beside the gateway's own row. */
export type Change =
  /** Status, since and reason. */
  | 'presence'
  /** What the gateway reports of itself, or what people write about it. */
  | 'fields'
  /** Gateways came or went. */
  | 'membership';

/** Keeps each viewer's page true. */
export interface GatewayViews {
  /** Reads a page for a viewer and keeps it informed from then on, in place of what it was shown before. */
  show(viewer: Viewer, request: PageRequest): void;
  leave(viewerId: string): void;
  /** A gateway changed; null: several did. */
  changed(clientid: string | null, change: Change): void;
  /** Reads every page again. */
  reload(): void;
  close(): void;
}

interface View {
  viewer: Viewer;
  request: PageRequest;
  shown: Set<string>;
  /** While its page is being read: the gateways that changed meanwhile, whose rows may have been read too early. */
  meanwhile: Set<string> | null;
  /** It has to be read once more behind that. */
  again: boolean;
}

const SORTED_BY_PRESENCE = new Set<DeviceSort | undefined>(['status', 'since']);
const SORTED_BY_FIELDS = new Set<DeviceSort | undefined>([
  'hostName',
  'modelName',
  'serialNumber',
  'site',
  'tpeVersion',
  'firmwareVersion',
  'biosVersion',
]);

/** `manager` is asked anew for each read, and rejects while there is none. */
export function createGatewayViews(manager: () => Promise<DeviceManager>): GatewayViews {
  const views = new Map<string, View>();
  const changes = new Set<Change>();
  const changedRows = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let isUpdating = false;
  let pauseMs = SHORTEST_PAUSE_MS;

  const schedule = () => {
    if (timer || isUpdating || views.size === 0) return;
    timer = setTimeout(() => {
      timer = null;
      void update();
    }, pauseMs);
  };

  const dropGone = () => {
    for (const [id, { viewer }] of views) {
      if (!viewer.connected) views.delete(id);
    }
  };

  const isCurrent = (view: View, request: PageRequest) =>
    views.get(view.viewer.id) === view && view.request === request;

  // One read at a time for each viewer: what it asks meanwhile replaces what it asked before.
  const load = async (view: View): Promise<void> => {
    if (view.meanwhile) {
      view.again = true;
      return;
    }
    const { request } = view;
    const meanwhile = new Set<string>();
    view.meanwhile = meanwhile;
    view.again = false;
    const message = await readPage(manager, request);
    view.meanwhile = null;
    if (isCurrent(view, request)) {
      if (message.type === 'page') view.shown = new Set(message.rows.map(({ clientid }) => clientid));
      view.viewer.tell(message);
      noteRows(view, meanwhile);
    }
    if (view.again && views.get(view.viewer.id) === view) await load(view);
  };

  const noteRow = (clientid: string) => {
    for (const view of views.values()) {
      view.meanwhile?.add(clientid);
      if (view.shown.has(clientid)) changedRows.add(clientid);
    }
  };

  const noteRows = (view: View, clientids: Iterable<string>) => {
    for (const clientid of clientids) {
      if (!view.shown.has(clientid)) continue;
      changedRows.add(clientid);
      schedule();
    }
  };

  const update = async () => {
    const started = performance.now();
    isUpdating = true;
    dropGone();
    const kinds = new Set(changes);
    const rows = [...changedRows];
    changes.clear();
    changedRows.clear();
    const all = [...views.values()];
    const outdated = all.filter((view) => isOutdated(view.request, kinds));
    const others = all.filter((view) => !outdated.includes(view) && !view.meanwhile);
    await Promise.all([...outdated.map(load), tellChanges(manager, others, rows, isCurrent)]);
    isUpdating = false;
    pauseMs = pauseAfter(performance.now() - started);
    if (changes.size > 0 || changedRows.size > 0) schedule();
  };

  return {
    show(viewer, request) {
      dropGone();
      const view = views.get(viewer.id) ?? {
        viewer,
        request,
        shown: new Set(),
        meanwhile: null,
        again: false,
      };
      view.request = request;
      views.set(viewer.id, view);
      void load(view);
    },
    leave(viewerId) {
      views.delete(viewerId);
    },
    changed(clientid, change) {
      if (views.size === 0) return;
      changes.add(change);
      if (clientid !== null) noteRow(clientid);
      schedule();
    },
    reload() {
      for (const view of views.values()) void load(view);
    },
    close() {
      if (timer) clearTimeout(timer);
      views.clear();
    },
  };
}

/** Whether other gateways may belong on the page now, or the same in another order. */
function isOutdated(request: PageRequest, changes: Set<Change>): boolean {
  const { status, sort } = request;
  if (changes.has('membership')) return true;
  if (changes.has('presence') && (status !== undefined || SORTED_BY_PRESENCE.has(sort))) return true;
  return changes.has('fields') && (hasCondition(countedBy(request)) || SORTED_BY_FIELDS.has(sort));
}

async function readPage(manager: () => Promise<DeviceManager>, request: PageRequest): Promise<NodeMessage> {
  const { type, reqId, ...query } = request;
  try {
    const { registry } = await manager();
    const [page, counts] = await Promise.all([registry.list(query), registry.counts(countedBy(request))]);
    return { type, reqId, rows: page.devices.map(rowOf), next: page.next, counts };
  } catch (error) {
    return { type: 'refused', reqId, message: messageOf(error) };
  }
}

/** Tells each view of those of its rows that changed, and how many gateways are in which state now. */
async function tellChanges(
  manager: () => Promise<DeviceManager>,
  views: View[],
  changed: string[],
  isCurrent: (view: View, request: PageRequest) => boolean,
): Promise<void> {
  if (views.length === 0) return;
  const asked = views.map((view) => ({ view, request: view.request }));
  try {
    const { registry } = await manager();
    const rows = new Map<string, GatewayRow>();
    if (changed.length > 0) {
      for await (const device of registry.each({ clientids: changed })) {
        rows.set(device.clientid, rowOf(device));
      }
    }
    const counts = new Map<string, Awaited<ReturnType<typeof registry.counts>>>();
    for (const { view, request } of asked) {
      const filter = countedBy(request);
      const key = JSON.stringify(filter);
      const known = counts.get(key) ?? (await registry.counts(filter));
      counts.set(key, known);
      if (!isCurrent(view, request)) continue;
      const own = [...rows.values()].filter(({ clientid }) => view.shown.has(clientid));
      view.viewer.tell({ type: 'changes', reqId: request.reqId, rows: own, counts: known });
    }
  } catch (error) {
    for (const { view, request } of asked) {
      view.viewer.tell({ type: 'refused', reqId: request.reqId, message: messageOf(error) });
    }
  }
}

/** The counts are a choice of status, so the status does not narrow them. */
function countedBy({ status: _status, ...request }: PageRequest): DeviceFilter {
  return conditionsIn(request);
}

function rowOf(device: Device): GatewayRow {
  return {
    clientid: device.clientid,
    status: device.status,
    since: device.since,
    reason: device.reason,
    warning: device.warning,
    source: device.source,
    enabled: device.enabled,
    hostName: device.hostName,
    modelName: device.modelName,
    serialNumber: device.serialNumber,
    tpeVersion: device.tpeVersion,
    firmwareVersion: device.firmwareVersion,
    biosVersion: device.biosVersion,
    site: device.site,
    tags: device.tags,
  };
}
