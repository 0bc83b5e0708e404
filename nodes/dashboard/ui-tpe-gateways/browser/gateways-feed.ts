import { inject, onBeforeUnmount, onMounted, reactive, readonly } from 'vue';
import type { DeviceCounts } from '../../../manager/registry/device.js';
import {
  type BrowserMessage,
  eventOf,
  type GatewayRow,
  type NodeMessage,
  type PageRequest,
} from '../wire.js';

/** What is used here of the dashboard's socket. */
interface Socket {
  emit(event: 'widget-change', widgetId: string, message: BrowserMessage): void;
  on<Arguments extends unknown[]>(event: string, listener: (...given: Arguments) => void): void;
  off<Arguments extends unknown[]>(event: string, listener: (...given: Arguments) => void): void;
}

/** Which page; the request without what the feed adds. */
export type Wanted = Omit<PageRequest, 'type' | 'reqId'>;

const RETRY_MS = 5000;
/** A page that takes no longer shows no sign of being loaded. */
const PATIENCE_MS = 300;

/**
 * The page of gateways that is wanted, kept true by the node: asked for anew after a lost connection and after a
 * deploy, and again and again while it is refused. Where the session has ended, the widget's own asking says so.
 */
export function useGatewaysFeed(widgetId: string, wanted: () => Wanted) {
  const socket = inject<Socket>('$socket')!;
  const event = eventOf(widgetId);
  const state = reactive({
    rows: [] as GatewayRow[],
    next: null as string | null,
    counts: null as DeviceCounts | null,
    /** For a person; null while all is well. */
    fault: null as string | null,
    /** Nothing was received yet. */
    isFirst: true,
    isSlow: false,
  });
  let reqId = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;

  const request = () => {
    clearTimeout(retry);
    clearTimeout(patience);
    patience = setTimeout(() => {
      state.isSlow = true;
    }, PATIENCE_MS);
    reqId += 1;
    socket.emit('widget-change', widgetId, { type: 'page', reqId, ...wanted() });
  };

  const settle = (fault: string | null) => {
    clearTimeout(retry);
    clearTimeout(patience);
    state.isSlow = false;
    state.fault = fault;
    if (fault !== null) retry = setTimeout(request, RETRY_MS);
  };

  const receive = (message: NodeMessage) => {
    if (message.reqId !== reqId) return;
    if (message.type === 'refused') return settle(message.message);
    state.counts = message.counts;
    if (message.type === 'changes') return replaceRows(state.rows, message.rows);
    state.rows = message.rows;
    state.next = message.next;
    state.isFirst = false;
    settle(null);
  };

  onMounted(() => {
    socket.on(event, receive);
    socket.on('connect', request);
    socket.on('ui-config', request);
    request();
  });

  onBeforeUnmount(() => {
    settle(null);
    socket.off(event, receive);
    socket.off('connect', request);
    socket.off('ui-config', request);
    socket.emit('widget-change', widgetId, { type: 'leave' });
  });

  return {
    state: readonly(state),
    request,
    select: (clientid: string) => socket.emit('widget-change', widgetId, { type: 'select', clientid }),
  };
}

function replaceRows(rows: GatewayRow[], changed: GatewayRow[]): void {
  for (const row of changed) {
    const index = rows.findIndex(({ clientid }) => clientid === row.clientid);
    if (index >= 0) rows[index] = row;
  }
}
