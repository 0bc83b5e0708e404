import { readOperationsText } from '../../manager/catalogue/import/operations-text.js';
import { defineProcedure } from '../procedure.js';
import { LARGEST_UPLOAD } from '../upload-sizes.js';
import { nothing } from './inputs.js';

/** The procedures for the users' own operations. */
export const OPERATION_PROCEDURES = {
  /** Adds the operations of a file to the users' own. */
  'operations.import': defineProcedure({
    role: 'administrator',
    isCostly: true,
    input: {
      type: 'object',
      properties: {
        /** The content of the file, or its bytes in Base64 if `isBase64` is true. */
        text: { type: 'string', maxLength: LARGEST_UPLOAD },
        isBase64: { type: 'boolean' },
        /** Detected if left out. */
        encoding: { type: 'string', maxLength: 40 },
        /** True to report what the import would do without writing anything. */
        dryRun: { type: 'boolean' },
        /** Text to put before each path of an OpenAPI document, instead of the prefix that the document itself gives. */
        prefix: { type: 'string', maxLength: 2000 },
      },
      required: ['text', 'dryRun'],
      additionalProperties: false,
    },
    async handler({ catalogue }, { text: given, isBase64, encoding, ...options }) {
      const content = isBase64 ? Buffer.from(given, 'base64') : given;
      const { text, told } = await readOperationsText(content, encoding);
      return { ...(await catalogue.importOperations(text, options)), ...told };
    },
    audit: ({ dryRun }) => (dryRun ? null : { action: 'operation.import' }),
  }),

  /** Returns all own operations as a file that another device manager can import. */
  'operations.export': defineProcedure({
    role: 'viewer',
    isCostly: true,
    input: nothing,
    handler: ({ catalogue }) => catalogue.exportOperations(),
  }),

  'operations.remove': defineProcedure({
    role: 'administrator',
    input: {
      type: 'object',
      properties: { id: { type: 'string', maxLength: 200 } },
      required: ['id'],
      additionalProperties: false,
    },
    async handler({ catalogue }, { id }) {
      await catalogue.removeOperation(id);
      return { removed: id };
    },
    audit: ({ id }) => ({ action: 'operation.remove', detail: { operation: id } }),
  }),
} as const;
