import { getCurrentInstance, reactive, watch } from 'vue';
import { type AddressParts, type AddressQuery, isSame, isStep, viewIn, withView } from './address-view.js';
import type { DashboardRouter, Query } from './use-pages.js';

/** Where the pages of a router are on their way to. While they are, what the address says is older than what is shown. */
const onTheWay = new WeakMap<DashboardRouter, AddressQuery>();

/**
 * Keeps what a page shows in its address, so that it survives a reload, is found by the browser's way back and forward, and can be passed
 * on. Returns the view, which the page reads and changes as it likes:
 *
 *     const view = useAddressView({ tab: choice(TABS, 'open'), q: text('', { isStep: false }), cursors: texts() });
 *
 * Several components of a page may keep a view each, under different names. What an address says of no meaning is as if it were not there.
 * A change in steps (a tab, a filter, a page) is one on the way back; typing is not. Call it in setup.
 */
export function useAddressView<View extends object>(parts: AddressParts<View>): View {
  const { $router } = getCurrentInstance()!.proxy as unknown as { $router: DashboardRouter };
  return keepInAddress($router, parts);
}

/** The same with the router at hand, as long as the effect scope around it lives. */
export function keepInAddress<View extends object>(router: DashboardRouter, parts: AddressParts<View>): View {
  const own = router.currentRoute.value.path;
  const view = reactive(viewIn(parts, listed(router.currentRoute.value.query))) as View;
  let known = copyOf(view);

  watch(
    () => copyOf(view),
    (now) => {
      if (isSame(now, known)) return;
      const isOneStep = isStep(parts, known, now);
      known = now;
      if (router.currentRoute.value.path !== own) return;
      const before = onTheWay.get(router) ?? listed(router.currentRoute.value.query);
      go(router, withView(parts, now, before), isOneStep);
    },
  );
  watch(router.currentRoute, ({ path, query }) => {
    // A component may still be there when its page is left.
    if (path !== own || onTheWay.has(router)) return;
    const read = viewIn(parts, listed(query));
    if (isSame(read, known)) return;
    known = read;
    for (const key of Object.keys(read) as (keyof View)[])
      if (!isSame(read[key], view[key])) view[key] = copyOf(read[key]);
  });
  return view;
}

/** Goes to another query of the page. What came before and is not there yet is contained in it. */
function go(router: DashboardRouter, query: AddressQuery, isOneStep: boolean): void {
  onTheWay.set(router, query);
  // As the router reads an address: one value is a text.
  const entries = Object.entries(query).map(([name, [first = '', ...others]]) => [
    name,
    others.length === 0 ? first : [first, ...others],
  ]);
  const to: { query: Query } = { query: Object.fromEntries(entries) };
  const arrived = () => {
    if (onTheWay.get(router) === query) onTheWay.delete(router);
  };
  void (isOneStep ? router.push(to) : router.replace(to)).then(arrived, arrived);
}

/** The query of the router in one form: it has null for a name without a value, and an array where a name stands several times. */
function listed(query: Query): AddressQuery {
  const entries = Object.entries(query).map(([name, value]) => [name, [value ?? ''].flat()] as const);
  return Object.fromEntries(
    entries.map(([name, values]) => [name, values.filter((one) => one !== null)]),
  ) as AddressQuery;
}

/** A copy, which also makes a watcher watch all of it. */
function copyOf<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
