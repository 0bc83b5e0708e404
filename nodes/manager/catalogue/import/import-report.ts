import type { ImportNote } from './import-note.js';

/** TPEDM's command.json, an OpenAPI document, or our own export. */
export type FileFormat = 'tpedm' | 'openapi' | 'operations';

/** Where an entry of an imported file stands, and what it is about. */
export interface FilePlace {
  /** JSON Pointer. */
  place: string;
  name: string;
  /** What would be called, where the entry says it. */
  method?: string;
  path?: string;
}

/** What became of a file of operations; `added`, `changed` and `same` are ids. */
export interface ImportReport {
  format: FileFormat;
  added: string[];
  changed: string[];
  /** The catalogue knew them already, where it had them from is all one. */
  same: string[];
  /** Left out. */
  refused: (FilePlace & { reason: string })[];
  /** All that are taken or there already: what is called over MQTT, and what of the description is not kept. */
  operations: ImportedOperation[];
  /** What stands before each path of an OpenAPI document, by its servers or as it was given; null for other files. */
  prefix: string | null;
  /** What of the file as a whole is not kept, or was decided. */
  notes: ImportNote[];
}

/** One of a file of operations, that was taken or is there already. */
export interface ImportedOperation {
  id: string;
  name: string;
  method: string;
  /** As it is called over MQTT: without `/api/v1`. */
  path: string;
  place: string;
  outcome: 'added' | 'changed' | 'same';
  notes: ImportNote[];
}

export interface ImportOptions {
  /** Only tells what would be. */
  dryRun?: boolean;
  /** What stands before each path of an OpenAPI document, in place of what its servers say; "" is nothing. */
  prefix?: string;
}
