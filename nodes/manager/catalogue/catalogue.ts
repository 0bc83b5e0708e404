import type { OperationSet } from './operation-set.js';

/** `read` changes nothing, `write` changes settings, `disruptive` interrupts service, `destructive` loses data. */
export type Risk = 'read' | 'write' | 'disruptive' | 'destructive';

/**
 * JSON Schema draft-07, with words for a person beside it: `title`, `unit` of a number ("s", "bytes"), `enumTitles` in the
 * order of `enum`, and `patternTitle` for what a pattern wants. `format: "password"` marks what is not shown.
 */
export type JsonSchema = { [keyword: string]: unknown };

/** A value of a path's placeholder, or of the query. */
export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  /** Of the value; an array becomes a comma-separated text. */
  schema: JsonSchema;
}

/** One operation of the TPE REST API. */
export interface Operation {
  id: string;
  category: string;
  name: string;
  method: string;
  /** With placeholders: `/upgrades/{id}`. */
  path: string;
  /** Each placeholder of the path, then what the query may say. */
  parameters: Parameter[];
  /** What the query must say for this operation: `{mode: 'factory'}`. */
  query: Record<string, string>;
  /** Null where the operation takes no body, or where nothing is known of it. */
  bodySchema: JsonSchema | null;
  /** A safe example; null where the operation takes no body. */
  bodyExample: unknown;
  /** Of the payload of an answer with a status of 2xx; null where it is not known. */
  answerSchema: JsonSchema | null;
  answerExample: unknown;
  risk: Risk;
  /** Doing it twice is doing it once, so it may be retried. */
  idempotent: boolean;
  /** It may cut the gateway's own MQTT connection. */
  mayCutMqtt: boolean;
  /** It moves field equipment. */
  actuates: boolean;
  /** Null, or why it cannot be done over MQTT. */
  refusedBecause: string | null;
  /** For which it is documented; empty: not known. */
  models: string[];
  /** One of TPEDM's own 57. */
  tpedm: boolean;
  /** `tpe`: it came with the pack. `own`: it was added by the users of this database. */
  source: 'tpe' | 'own';
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

export type ImportFormat = 'tpedm' | 'openapi' | 'operations';

/** What an import has done, or would do. */
export interface ImportReport {
  /** As what the file was read. */
  format: ImportFormat;
  /** Ids of operations that are new. */
  added: string[];
  /** Ids of own operations that were there, otherwise. */
  changed: string[];
  /** Ids of operations that were there as they are, those of the pack among them. */
  same: string[];
  /** What was left out: its place in the file (JSON Pointer), its name, and why. */
  refused: { place: string; name: string; reason: string }[];
}

/** Own operations in a file. */
export interface OperationsFile {
  format: 'tpe-operations';
  version: 1;
  operations: Omit<Operation, 'refusedBecause' | 'tpedm' | 'source'>[];
}

/** All operations: TPEDM's first, then the others of TPE, then the users' own. */
export interface Catalogue extends OperationSet {
  /** dm_category, by id. */
  categories(): Promise<CategoryRow[]>;
  /** dm_operation of one category, or all, by id. */
  operationRows(categoryid?: number): Promise<OperationRow[]>;
  /**
   * Takes own operations from the text of a file: TPEDM's command.json, an OpenAPI 3 document (JSON or YAML), or what
   * exportOperations gave. An entry that cannot be taken is reported and stops no other. With `dryRun` nothing is written.
   * INVALID_INPUT where the file as a whole cannot be read.
   */
  importOperations(text: string, options?: { dryRun?: boolean }): Promise<ImportReport>;
  /** Adds an own operation, or replaces the one with its id. INVALID_INPUT with every fault, FORBIDDEN, CONFLICT. */
  saveOperation(operation: unknown): Promise<Operation>;
  /** Removes an own operation. NOT_FOUND; CONFLICT for one of the pack. */
  removeOperation(id: string): Promise<void>;
  /** The own operations, for importOperations. */
  exportOperations(): OperationsFile;
  /** Reads the own operations again: another instance has changed them. */
  reload(): Promise<void>;
}
