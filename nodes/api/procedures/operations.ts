import { readOperationsText } from '../../manager/catalogue/import/operations-text.js';
import { defineProcedure } from '../procedure.js';
import { LARGEST_UPLOAD } from '../upload-sizes.js';
import { nothing } from './inputs.js';

/** What can be asked about the users' own operations, and done with them. */
export const OPERATION_PROCEDURES = {
  /** Adds those of a file to the users' own. */
  'operations.import': defineProcedure({
    role: 'administrator',
    isCostly: true,
    input: {
      type: 'object',
      properties: {
        /** The content of a file, or its bytes in Base64. */
        text: { type: 'string', maxLength: LARGEST_UPLOAD },
        isBase64: { type: 'boolean' },
        /** Left out: found. */
        encoding: { type: 'string', maxLength: 40 },
        /** Only tells what would be. */
        dryRun: { type: 'boolean' },
        /** What stands before each path of an OpenAPI document, in place of what it says itself. */
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

  /** All of them, as a file that can be imported elsewhere. */
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
