import { type ComputedRef, computed, onBeforeUnmount, onMounted, shallowReactive } from 'vue';

/** What stands once on a page, with the widgets that would show it, in the order in which they came. */
const shown = new Map<string, symbol[]>();

/** Whether the component is the first of those that show `what`, so that it appears once on the page. Call it in setup. */
export function useIsFirst(what: string): ComputedRef<boolean> {
  const own = Symbol(what);
  const all = shown.get(what) ?? shallowReactive<symbol[]>([]);
  shown.set(what, all);
  onMounted(() => void all.push(own));
  onBeforeUnmount(() => void all.splice(all.indexOf(own), 1));
  return computed(() => all[0] === own);
}
