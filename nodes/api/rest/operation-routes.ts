import { CATEGORY_ROW, OPERATION_ROW } from '../../manager/catalogue/catalogue.js';
import { OPERATION_IMPORT } from '../../manager/catalogue/import/import-report-schema.js';
import { readPrefix } from '../../manager/catalogue/import/path-prefix.js';
import { OPERATION, OPERATIONS_FILE } from '../../manager/catalogue/operation-schemas.js';
import { decodeSurely } from '../../manager/shared/files/decode-text.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { listOf, objectOf, text } from '../../manager/shared/value-schemas.js';
import { callReason } from '../call-reasons.js';
import { OPERATION_LISTED, OPERATIONS, OPERATIONS_IMPORTED, OWN_OPERATION } from './examples.js';
import { fileIn } from './file-body.js';
import { defineRoute } from './route.js';

/** The REST routes for the catalogue. */
export const OPERATION_ROUTES = [
  defineRoute({
    method: 'GET',
    path: '/operation/category',
    operationId: 'listCategories',
    tag: 'Operations',
    summary: 'List the categories of the catalogue',
    role: 'viewer',
    data: listOf(CATEGORY_ROW),
    examples: { data: [{ id: 1, name: 'Device Configuration' }] },
    answer: async ({ catalogue }) => ({ data: await catalogue.categories() }),
  }),

  defineRoute({
    method: 'GET',
    path: '/operation',
    operationId: 'listOperations',
    tag: 'Operations',
    summary: 'List operations, of one category or all',
    role: 'viewer',
    query: {
      type: 'object',
      properties: { categoryid: { type: 'integer', minimum: 0, description: 'Left out: all.' } },
      additionalProperties: false,
    },
    data: listOf(OPERATION_ROW),
    examples: { data: [OPERATION_LISTED] },
    answer: async ({ catalogue }, { query: { categoryid } }) => ({
      data: await catalogue.operationRows(categoryid),
    }),
  }),

  defineRoute({
    method: 'GET',
    path: '/operation/export',
    operationId: 'exportOperations',
    tag: 'Operations',
    summary: 'Export your own operations',
    role: 'viewer',
    isCostly: true,
    data: OPERATIONS_FILE,
    examples: { data: OPERATIONS },
    answer: async ({ catalogue }) => ({ data: await catalogue.exportOperations() }),
  }),

  defineRoute({
    method: 'POST',
    path: '/operation/import',
    operationId: 'importOperations',
    tag: 'Operations',
    summary: 'Add the operations of a file to your own',
    description:
      "The body is the file itself, in any encoding: TPEDM's command.json, an OpenAPI 3 document (JSON or YAML), or an export.",
    role: 'administrator',
    isCostly: true,
    action: 'operation.import',
    query: {
      type: 'object',
      properties: {
        dryRun: { type: 'boolean', description: 'Only tell what would be; nothing is written.' },
        prefix: {
          type: 'string',
          description:
            'What stands before each path of an OpenAPI document, in place of what its servers say.',
        },
        encoding: { type: 'string', maxLength: 40, description: 'Of its bytes; left out: found.' },
      },
      additionalProperties: false,
    },
    body: { kind: 'file', types: ['application/json', 'application/yaml', 'application/octet-stream'] },
    data: {
      ...OPERATION_IMPORT,
      properties: {
        ...OPERATION_IMPORT.properties,
        encoding: {
          ...text,
          description: 'What its bytes were read as; left out: UTF-8, or it cannot be told.',
        },
      },
    },
    examples: { data: OPERATIONS_IMPORTED },
    async answer({ catalogue }, { query: { dryRun = false, prefix, encoding: named }, body }) {
      const { text, encoding } = await decodeSurely(fileIn(body), named);
      const report = await catalogue.importOperations(text, {
        dryRun,
        ...(prefix !== undefined && { prefix: readPrefix(prefix) }),
      });
      return { data: { ...report, ...(encoding !== null && encoding !== 'utf-8' && { encoding }) } };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/operation/{id}',
    operationId: 'getOperation',
    tag: 'Operations',
    summary: 'Read an operation with its schemas',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    data: OPERATION,
    examples: { data: OWN_OPERATION },
    async answer({ catalogue }, { params: { id = '' } }) {
      const operation = catalogue.get(id);
      if (operation !== null) return { data: operation };
      throw new TpeError('NOT_FOUND', callReason('operation-unknown', { operation: id }));
    },
  }),

  defineRoute({
    method: 'DELETE',
    path: '/operation/{id}',
    operationId: 'removeOperation',
    tag: 'Operations',
    summary: 'Remove one of your own operations',
    role: 'administrator',
    action: 'operation.remove',
    errors: ['NOT_FOUND'],
    data: objectOf({ removed: text }),
    examples: { data: { removed: OWN_OPERATION.id } },
    async answer({ catalogue }, { params: { id = '' } }) {
      await catalogue.removeOperation(id);
      return { data: { removed: id } };
    },
  }),
];
