import type { ImportNote } from './import-note.js';

/** `tpedm`: TPEDM's command.json. `openapi`: an OpenAPI document. `operations`: our own export. */
export type FileFormat = 'tpedm' | 'openapi' | 'operations';

/** The place of an entry in an imported file, and what the entry is about. */
export interface FilePlace {
  /** JSON Pointer. */
  place: string;
  name: string;
  /** Method and path of the request, as far as the entry says them. */
  method?: string;
  path?: string;
}

/** The result of importing a file of operations; `added`, `changed` and `same` have ids. */
export interface ImportReport {
  format: FileFormat;
  added: string[];
  changed: string[];
  /** The operations that the catalogue had already, whether from the pack, from users or from dm_operation. */
  same: string[];
  /** The entries that were left out. */
  refused: (FilePlace & { reason: string })[];
  /** All operations that were not refused: their requests, and what of their descriptions is not kept. */
  operations: ImportedOperation[];
  /** The prefix of the paths of an OpenAPI document, from its servers or as given; null for other files. */
  prefix: string | null;
  /** Notes about the file as a whole: what is not kept, and what was decided. */
  notes: ImportNote[];
}

/** An operation of the file that was imported, or that the catalogue had already. */
export interface ImportedOperation {
  id: string;
  name: string;
  method: string;
  /** The path of the request over MQTT, without `/api/v1`. */
  path: string;
  place: string;
  outcome: 'added' | 'changed' | 'same';
  notes: ImportNote[];
}

export interface ImportOptions {
  /** True: only report what an import would do. */
  dryRun?: boolean;
  /** The prefix of the paths of an OpenAPI document, in place of that of its servers; "" is none. */
  prefix?: string;
}
