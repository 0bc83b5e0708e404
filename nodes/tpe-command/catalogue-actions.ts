import type { NodeMessage } from 'node-red';
import type { DeviceManager } from '../manager/device-manager.js';
import { TpeError } from '../manager/tpe-error.js';
import { isObject, requiredTextOf } from '../node-red/message-values.js';

type Action = (
  manager: DeviceManager,
  msg: NodeMessage,
  operation: () => Promise<unknown>,
) => Promise<unknown>;

/** What tpe-command does with the catalogue: each gives the payload. `operation` reads the field of this name. */
export const CATALOGUE_ACTIONS = {
  async describe({ catalogue }, _msg, operation) {
    const id = requiredTextOf(await operation(), 'operation');
    const found = catalogue.get(id);
    if (!found) throw new TpeError('NOT_FOUND', `The catalogue has no operation ${JSON.stringify(id)}.`);
    // A copy: what a flow does with it must not change the catalogue.
    return structuredClone(found);
  },
  import: ({ catalogue }, msg) =>
    catalogue.importOperations(fileText(msg.payload), { dryRun: isSet(msg.dryRun) }),
  export: async ({ catalogue }) => structuredClone(catalogue.exportOperations()),
  save: ({ catalogue }, msg) => catalogue.saveOperation(msg.payload),
  async remove({ catalogue }, _msg, operation) {
    const id = requiredTextOf(await operation(), 'operation');
    await catalogue.removeOperation(id);
    return { removed: id };
  },
} satisfies Record<string, Action>;

/** A file as a node has read it, or JSON that was parsed on the way. */
function fileText(payload: unknown): string {
  if (typeof payload === 'string') return payload;
  if (Buffer.isBuffer(payload)) return payload.toString('utf8');
  if (isObject(payload)) return JSON.stringify(payload);
  throw new TpeError('INVALID_INPUT', '"payload" must be the text of a file with operations.', {
    field: 'payload',
  });
}

function isSet(value: unknown): boolean {
  return value === true || value === 'true';
}
