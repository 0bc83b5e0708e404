/** The part of the editor's API that the forms use. */
declare const RED: {
  nodes: {
    registerType(type: string, definition: object): void;
    eachConfig(see: (node: { id: string; type: string; z?: string; d?: boolean }) => void): void;
    eachNode(see: (node: { id: string; type: string }) => void): void;
    node(id: string): { valid?: boolean } | null;
  };
  events: {
    on(event: 'deploy' | 'flows:loaded', listener: () => void): void;
    on(event: 'nodes:add', listener: (node: Record<string, unknown>) => void): void;
    emit(event: 'nodes:change', node: object): void;
  };
  i18n: { lang(): string };
  view: { redraw(): void };
  workspaces: { isLocked(id: unknown): boolean };
  settings: {
    tpeServerGiven?: unknown;
    tpeServerFlowNews?: unknown;
    /** Reads from the storage of this browser. */
    getLocal(key: string): string | null;
    setLocal(key: string, value: string): void;
  };
  actions: { invoke(action: string): void };
  utils: { validatePropertyExpression(expression: string, options: object): true | string };
  _(key: string, values?: Record<string, unknown>): string;
  clipboard: { copyText(text: string, near: JQuery, told: string): boolean };
  user: { hasPermission(permission: string): boolean };
  editor: {
    /** Runs the validators of the node and marks it if one fails. */
    validateNode(node: object): boolean;
    createEditor(options: { id: string; mode: string; value: string; stateId?: string }): {
      getValue(): string;
      setValue(text: string): void;
      resize(): void;
      destroy(): void;
      getSession(): { on(event: 'change', listener: () => void): void };
    };
  };
  tabs: {
    create(options: { id: string; onchange(tab: { id: string }): void }): {
      addTab(tab: { id: string; label: string }): void;
      activateTab(id: string): void;
      resize(): void;
    };
  };
  notify(
    text: string | JQuery,
    options: {
      type: string;
      modal: boolean;
      fixed: boolean;
      buttons: { text: string; class?: string; click(): void }[];
    },
  ): { close(): void };
};

/** The JSONata parser of the editor. */
declare function jsonata(expression: string): unknown;

interface JQuery {
  /** The control of the dashboard for the size of a widget. */
  elementSizer(options: { width: string; height: string; group: string }): JQuery;
}

declare module '*.css?inline' {
  const text: string;
  export default text;
}
