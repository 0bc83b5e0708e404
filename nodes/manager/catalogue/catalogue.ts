/** `read` changes nothing, `write` changes settings, `disruptive` interrupts service, `destructive` loses data. */
export type Risk = 'read' | 'write' | 'disruptive' | 'destructive';

/** One operation of the TPE REST API. */
export interface Operation {
  id: string;
  category: string;
  name: string;
  method: string;
  /** With placeholders: `/upgrades/{id}`. */
  path: string;
  pathParams: { name: string; type: string }[];
  /** What the query must say for this operation: `{mode: 'factory'}`. */
  query: Record<string, string>;
  /** A safe example; null where the operation takes no body. */
  bodyExample: unknown;
  responseExample: unknown;
  risk: Risk;
  /** Doing it twice is doing it once, so it may be retried. */
  idempotent: boolean;
  /** It may cut the gateway's own MQTT connection. */
  mayCutMqtt: boolean;
  /** It moves field equipment. */
  actuates: boolean;
  /** Null, or why it cannot be done over MQTT. */
  refusedBecause: string | null;
  models: string[];
  /** One of TPEDM's own 57. */
  tpedm: boolean;
}

/** A row of dm_category. */
export interface CategoryRow {
  id: number;
  name: string;
}
/** A row of dm_operation; `command` is JSON text in TPEDM's form. */
export interface OperationRow {
  id: number;
  categoryid: number;
  name: string;
  command: string;
}

export interface Catalogue {
  /** All operations, TPEDM's first. */
  operations(): readonly Operation[];
  /** The operation that a method and a concrete path (query allowed) belong to; null where the catalogue has none. */
  find(method: string, path: string): Operation | null;
  /** dm_category, by id. */
  categories(): Promise<CategoryRow[]>;
  /** dm_operation of one category, or all, by id. */
  operationRows(categoryid?: number): Promise<OperationRow[]>;
}
