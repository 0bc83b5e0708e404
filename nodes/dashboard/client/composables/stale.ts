import { computed, inject, onBeforeUnmount, onMounted, ref, watch } from 'vue';
import type { AnswerOf } from '../../../api/procedures/index.js';
import { useIsFirst } from './first-widget.js';
import { useRpc } from './use-rpc.js';

/** What a page has lost, with since when, ms since the epoch. */
export interface Stale {
  what: 'server' | 'database' | 'broker';
  since: number;
}

/** The part of the dashboard's socket that is used here. */
interface Socket {
  connected: boolean;
  on(event: 'connect' | 'disconnect', listener: () => void): void;
  off(event: 'connect' | 'disconnect', listener: () => void): void;
}

/** Since when the page has heard nothing; null: it has. It stays while people go from page to page. */
const lostAt = ref<number | null>(null);
/** Marks the whole document, so that the style dims figures on all of it. */
const MARK = 'tpe-is-stale';
/** The same while there is no connection at all. */
const CUT_OFF = 'tpe-is-cut-off';

/** Whether the banner says that the database is away, so that nothing else on the page has to. */
export const isDatabaseTold = ref(false);

/** Whether there is no connection to the server, so that nothing that is shown can be taken as true now. */
export const isCutOff = computed(() => lostAt.value !== null);

/**
 * Since when what the page shows is old, and why; null while it is new. After a connection comes back, it is new when the server answers
 * again, since Node-RED may still be starting. Once on each page; call it in setup.
 */
export function useStale() {
  const socket = inject<Socket>('$socket')!;
  const isFirst = useIsFirst('stale');
  const health = useRpc().subscribe('fleet.health', () => (isFirst.value ? {} : null));

  const lost = () => {
    lostAt.value ??= Date.now();
  };
  onMounted(() => {
    socket.on('disconnect', lost);
    if (!socket.connected) lost();
  });
  onBeforeUnmount(() => socket.off('disconnect', lost));
  watch(
    () => health.answer,
    (answer) => {
      if (answer !== undefined && socket.connected) lostAt.value = null;
    },
  );

  const stale = computed(() => (isFirst.value ? staleOf(lostAt.value, health.answer) : null));
  watch(stale, mark);
  onBeforeUnmount(() => {
    if (stale.value !== null) mark(null);
  });
  return stale;
}

function mark(stale: Stale | null): void {
  const { classList } = document.documentElement;
  classList.toggle(MARK, stale !== null);
  classList.toggle(CUT_OFF, stale?.what === 'server');
  isDatabaseTold.value = stale?.what === 'database';
}

function staleOf(lostSince: number | null, health: AnswerOf<'fleet.health'> | undefined): Stale | null {
  if (lostSince !== null) return { what: 'server', since: lostSince };
  if (health?.databaseAwaySince) return { what: 'database', since: Date.parse(health.databaseAwaySince) };
  return health?.presenceAsOf ? { what: 'broker', since: Date.parse(health.presenceAsOf) } : null;
}
