import type { NodeMessage } from 'node-red';
import type { ImportOptions } from '../manager/catalogue/import/import-report.js';
import { readOperationsText } from '../manager/catalogue/import/operations-text.js';
import { readPrefix } from '../manager/catalogue/import/path-prefix.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { parseExactJson, UncarriedNumber } from '../manager/shared/exact-json.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { fileContentOf } from '../node-red/runtime/file-content.js';
import { requiredTextOf, switchOf, textOf } from '../node-red/runtime/message-values.js';

/** The actions for the users' own operations. Each puts its result into msg.payload, and rejects with a TpeError. */
export const CATALOGUE_ACTIONS = {
  /**
   * Imports the file in msg.payload. If msg.dryRun is true, only reports what the import would do. msg.prefix goes before each path, and
   * msg.encoding is the encoding of the bytes, which is detected if it is missing.
   */
  async import({ catalogue }: DeviceManager, msg: NodeMessage) {
    const options: ImportOptions = { dryRun: switchOf(msg.dryRun, 'dryRun') };
    if (msg.prefix !== undefined && msg.prefix !== null) options.prefix = readPrefix(msg.prefix);
    const { text, told } = await readOperationsText(
      (await fileContentOf(msg.payload, 'the object that it holds')).content,
      textOf((msg as { encoding?: unknown }).encoding, 'encoding'),
    );
    msg.payload = { ...(await catalogue.importOperations(text, options)), ...told };
  },
  async export({ catalogue }: DeviceManager, msg: NodeMessage) {
    msg.payload = await catalogue.exportOperations();
  },
  /** Saves the operation in msg.payload, an object or its JSON text. */
  async save({ catalogue }: DeviceManager, msg: NodeMessage) {
    msg.payload = await catalogue.saveOperation(
      typeof msg.payload === 'string' ? parsed(msg.payload) : msg.payload,
    );
  },
  /** Removes the operation with the id `operation`. */
  async remove({ catalogue }: DeviceManager, msg: NodeMessage, operation: unknown) {
    const id = requiredTextOf(operation, 'operation');
    await catalogue.removeOperation(id);
    msg.payload = { removed: id };
  },
};

function parsed(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof UncarriedNumber)
      throw new TpeError('INVALID_INPUT', `The payload cannot be taken: ${error.message}.`, {
        field: 'payload',
      });
    throw new TpeError('INVALID_INPUT', 'The payload is no JSON: an operation is an object.', {
      field: 'payload',
    });
  }
}
