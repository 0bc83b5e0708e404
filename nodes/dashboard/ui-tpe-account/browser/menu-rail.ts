import { type ComponentInternalInstance, nextTick, onMounted, onUnmounted, ref, watch } from 'vue';

/** The part of the dashboard's own layout that is used here: whether its menu is a rail of icons, and on a telephone whether it is open. */
interface Layout {
  rail: boolean;
  drawer: boolean;
}

/** Its menu styles by name. */
interface Dashboards {
  [id: string]: { navigationStyle?: string };
}

const STORED_AS = 'tpedm-menu';
/** From here on, px, there is room for the names of the pages beside what they show. */
const WIDE = 1440;
/** Below it, px, the dashboard takes a page for one of a telephone. */
const NARROW = 768;

/**
 * Keeps the menu as the person left it: a rail of icons, or with names; with names at first where there is room. A rail would take a fifth of
 * the width of a telephone, so there the menu comes and goes. All that only where the dashboard has a rail: another menu is somebody's choice.
 */
export function keepRail(
  own: ComponentInternalInstance,
  dashboards: () => Dashboards,
): { isRail(): boolean } {
  const layout = layoutAround(own);
  const isNarrow = ref(false);
  const media = globalThis.matchMedia(`(max-width: ${NARROW - 1}px)`);
  const look = () => {
    isNarrow.value = media.matches;
  };
  look();
  media.addEventListener('change', look);
  onUnmounted(() => media.removeEventListener('change', look));
  const hadRail = new WeakSet<object>();

  const apply = () => {
    for (const dashboard of Object.values(dashboards())) {
      if (dashboard.navigationStyle === 'icon') hadRail.add(dashboard);
      if (!hadRail.has(dashboard) || layout === null) continue;
      dashboard.navigationStyle = isNarrow.value ? 'temporary' : 'icon';
      layout.drawer = !isNarrow.value;
      layout.rail = !isNarrow.value && !isKeptOpen();
    }
  };
  watch([dashboards, isNarrow], apply, { immediate: true, flush: 'post' });
  // The dashboard makes its menu a rail once more while it begins.
  onMounted(async () => {
    await nextTick();
    apply();
    await nextTick();
    // The page that the server sends keeps the menu out of sight on a telephone until here, lest a rail is seen for a moment.
    requestAnimationFrame(() => document.documentElement.classList.remove('tpe-menu-unknown'));
  });
  // Only what a person does is kept: the dashboard changes it by itself, too.
  const keep = async (event: Event) => {
    const isIn = (part: string) => event.target instanceof Element && event.target.closest(part) !== null;
    // The dashboard closes its menu only where the page changes: not for who is there already.
    if (isNarrow.value && layout !== null && isIn('[data-nav]')) layout.drawer = false;
    const isMenuButton = isIn('.v-app-bar-nav-icon');
    if (!isMenuButton || layout === null || isNarrow.value) return;
    await nextTick();
    localStorage.setItem(STORED_AS, layout.rail ? 'rail' : 'names');
  };
  document.addEventListener('click', keep);
  onUnmounted(() => document.removeEventListener('click', keep));
  return { isRail: () => layout?.rail === true && !isNarrow.value };
}

function isKeptOpen(): boolean {
  const stored = localStorage.getItem(STORED_AS);
  return stored === null ? globalThis.innerWidth >= WIDE : stored === 'names';
}

/** The dashboard has all widgets within its layout, but gives them no way to it. */
function layoutAround(own: ComponentInternalInstance): Layout | null {
  for (let one = own.parent; one !== null; one = one.parent) {
    const data = one.data as Partial<Layout>;
    if (typeof data.rail === 'boolean' && typeof data.drawer === 'boolean') return data as Layout;
  }
  return null;
}
