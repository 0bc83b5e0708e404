import type { NodeMessage } from 'node-red';
import type { ImportOptions } from '../manager/catalogue/import-report.js';
import { readPrefix } from '../manager/catalogue/path-prefix.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { parseJson } from '../manager/json-bounds.js';
import { jsonParts } from '../manager/json-text.js';
import { TpeError } from '../manager/tpe-error.js';
import { isObject, requiredTextOf } from '../node-red/message-values.js';

/** Changes of the users' own operations; each answers in the message's payload. */
export const CATALOGUE_ACTIONS = {
  /** msg.payload: the content of a file; msg.dryRun: only tell what would be; msg.prefix: what stands before each path. */
  async import({ catalogue }: DeviceManager, msg: NodeMessage) {
    const options: ImportOptions = { dryRun: switchOf(msg.dryRun, 'dryRun') };
    if (msg.prefix !== undefined && msg.prefix !== null) options.prefix = readPrefix(msg.prefix);
    msg.payload = await catalogue.importOperations(await fileTextOf(msg.payload), options);
  },
  async export({ catalogue }: DeviceManager, msg: NodeMessage) {
    msg.payload = await catalogue.exportOperations();
  },
  /** msg.payload: an operation, or its JSON. */
  async save({ catalogue }: DeviceManager, msg: NodeMessage) {
    msg.payload = await catalogue.saveOperation(
      typeof msg.payload === 'string' ? parsed(msg.payload) : msg.payload,
    );
  },
  /** msg.operation: the id. */
  async remove({ catalogue }: DeviceManager, msg: NodeMessage, operation: unknown) {
    const id = requiredTextOf(operation, 'operation');
    await catalogue.removeOperation(id);
    msg.payload = { removed: id };
  },
};

/** Text, a Buffer, or what a parser has made of a JSON file. */
async function fileTextOf(payload: unknown): Promise<string> {
  if (typeof payload === 'string') return payload;
  if (Buffer.isBuffer(payload)) return payload.toString('utf8');
  if (isObject(payload) || Array.isArray(payload)) return await jsonOf(payload);
  throw new TpeError(
    'INVALID_INPUT',
    'An import takes the content of a file as payload: text, a Buffer, or the object that it holds.',
    { field: 'payload' },
  );
}

async function jsonOf(payload: object): Promise<string> {
  const parts: string[] = [];
  for await (const part of jsonParts(payload)) parts.push(part);
  return parts.join('');
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new TpeError('INVALID_INPUT', 'The payload is no JSON: an operation is an object.', {
      field: 'payload',
    });
  }
}

/** A text as of a query counts as well. */
function switchOf(value: unknown, name: string): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new TpeError('INVALID_INPUT', `"${name}" must be true or false.`, { field: name });
}
