import { getCurrentInstance, type ShallowRef } from 'vue';
import type { AddressQuery } from './address-view.js';

/** The pages, groups and widgets in the dashboard's store, by id. */
export interface UiState {
  pages: Record<
    string,
    { id: string; name: string; icon?: string; visible?: unknown; route?: { name: string } }
  >;
  groups: Record<string, { page: string }>;
  widgets: Record<string, { type: string; props: { group?: string } }>;
}

/** The part of the dashboard's router that is used here. */
export interface DashboardRouter {
  push(to: { name: string; query?: Query } | { query: Query }): Promise<unknown>;
  replace(to: { query: Query }): Promise<unknown>;
  getRoutes(): { meta: { title?: unknown } }[];
  currentRoute: ShallowRef<{ path: string; query: Query; meta: { title?: unknown } }>;
}

/** A query as the router has it. */
export type Query = Record<string, string | null | (string | null)[] | undefined>;

/** The part of the dashboard's store and router that is used here. */
interface Dashboard {
  $store: { state: { ui: UiState } };
  $router: DashboardRouter;
  $route: { query: Query };
}

/** The query of a link: the values of each name. */
export type PageQuery = Record<string, string | string[]>;

/** Finds and opens pages of the dashboard. */
export interface Pages {
  /** Opens the page with the first widget of a type. Returns false if there is no such page. */
  goTo(widgetType: string, query?: PageQuery): boolean;
  /** Where a link to that page leads, for the component PageLink; null if there is no such page. */
  linkTo(widgetType: string, query?: PageQuery): { name: string; query: PageQuery } | null;
  /** Whether a page has a widget of the type. */
  has(widgetType: string): boolean;
  /** A value from the query of the page's address; undefined if it is missing. */
  query(name: string): string | undefined;
  /** All of that query. */
  wholeQuery(): AddressQuery;
}

/** Finds pages of the dashboard by their widgets, because people may name the pages as they like. Call it in setup. */
export function usePages(): Pages {
  const dashboard = getCurrentInstance()!.proxy as unknown as Dashboard;
  const pageOf = (widgetType: string) => {
    const { pages, groups, widgets } = dashboard.$store.state.ui;
    for (const { type, props } of Object.values(widgets)) {
      const page = type === widgetType ? pages[groups[props.group ?? '']?.page ?? ''] : undefined;
      if (page) return page;
    }
    return undefined;
  };
  const query = (name: string) => {
    const value = dashboard.$route.query[name];
    return typeof value === 'string' ? value : undefined;
  };
  const linkTo = (widgetType: string, query: PageQuery = {}) => {
    const name = pageOf(widgetType)?.route?.name;
    return name === undefined ? null : { name, query };
  };
  return {
    has: (widgetType) => pageOf(widgetType) !== undefined,
    goTo(widgetType, query) {
      const to = linkTo(widgetType, query);
      if (to === null) return false;
      void dashboard.$router.push(to);
      return true;
    },
    linkTo,
    query,
    wholeQuery: () => listed(dashboard.$route.query),
  };
}

/** The query of the router in one form: it has null for a name without a value, and an array where a name stands several times. */
export function listed(query: Query): AddressQuery {
  const entries = Object.entries(query).map(([name, value]) => [name, [value ?? ''].flat()] as const);
  return Object.fromEntries(
    entries.map(([name, values]) => [name, values.filter((one) => one !== null)]),
  ) as AddressQuery;
}
