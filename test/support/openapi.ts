import type { ImportNote } from '../../nodes/manager/catalogue/import/import-note.js';
import { readOperationsFile } from '../../nodes/manager/catalogue/import/operations-file.js';
import type { Operation } from '../../nodes/manager/catalogue/operation.js';
import { createOperationSet } from '../../nodes/manager/catalogue/operation-set.js';
import { resolveRequest } from '../../nodes/manager/catalogue/validation/resolve-request.js';

/** What became of an OpenAPI document. */
export interface ReadDocument {
  operations: Operation[];
  /** By the place: why an operation is left out. */
  refused: Map<string, string>;
  /** Codes of the notes of all operations. */
  codes: string[];
  notes: ImportNote[];
  /** Of the document as a whole. */
  documentNotes: ImportNote[];
  prefix: string | null;
}

/** Reads a document, given as text or as what it holds; `openapi` may be left out. */
export function readDocument(document: string | object, prefix?: string): ReadDocument {
  const text =
    typeof document === 'string'
      ? document
      : JSON.stringify({ openapi: '3.0.3', info: { title: 'Test', version: '1' }, ...document });
  const content = readOperationsFile(text, prefix);
  const notes = content.entries.flatMap((entry) => ('operation' in entry ? entry.notes : []));
  return {
    operations: content.entries.flatMap((entry) => ('operation' in entry ? [entry.operation] : [])),
    refused: new Map(
      content.entries.flatMap((entry): [string, string][] =>
        'reason' in entry ? [[entry.place, entry.reason]] : [],
      ),
    ),
    codes: notes.map(({ code }) => code),
    notes,
    documentNotes: content.notes,
    prefix: content.prefix,
  };
}

/** A document of one operation, `PUT /own`, with a body of this schema. */
export function withBody(schema: unknown, more: object = {}): object {
  const requestBody = { required: true, content: { 'application/json': { schema } } };
  return { paths: { '/own': { put: { requestBody } } }, ...more };
}

/** A document of one operation, `GET path`, with these parameters. */
export function withParameters(path: string, ...parameters: object[]): object {
  return { paths: { [path]: { get: { parameters } } } };
}

/** The faults of a request by the first operation of a document, and the path that it has. */
export function ask(
  { operations }: ReadDocument,
  params: object,
  requestBody?: unknown,
): { path: unknown; faults: string[] } {
  const { path, faults } = resolveRequest(createOperationSet(operations), {
    operation: operations[0]?.id,
    params,
    requestBody,
  });
  return { path, faults: faults.map(({ text }) => text) };
}
