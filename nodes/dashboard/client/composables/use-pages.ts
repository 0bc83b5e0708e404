import { getCurrentInstance, type ShallowRef } from 'vue';

/** The pages, groups and widgets in the dashboard's store, by id. */
export interface UiState {
  pages: Record<string, { id: string; name: string; visible?: unknown; route?: { name: string } }>;
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

/** Finds and opens pages of the dashboard. */
export interface Pages {
  /** Opens the page with the first widget of a type. Returns false if there is no such page. */
  goTo(widgetType: string, query?: Record<string, string>): boolean;
  /** Whether a page has a widget of the type. */
  has(widgetType: string): boolean;
  /** Gives this page another query, without a step of its own on the way back. */
  narrow(query: Record<string, string>): void;
  /** A value from the query of the page's address; undefined if it is missing. */
  query(name: string): string | undefined;
  /** The same, once: it is no longer in the address then, so that what a person changes after it is not undone when the page is made anew. */
  take(name: string): string | undefined;
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
  return {
    has: (widgetType) => pageOf(widgetType) !== undefined,
    goTo(widgetType, query = {}) {
      const page = pageOf(widgetType);
      if (!page?.route) return false;
      void dashboard.$router.push({ name: page.route.name, query });
      return true;
    },
    narrow(query) {
      void dashboard.$router.replace({ query });
    },
    query,
    take(name) {
      const value = query(name);
      if (value === undefined) return undefined;
      const { [name]: _taken, ...others } = dashboard.$route.query;
      void dashboard.$router.replace({ query: others });
      return value;
    },
  };
}
