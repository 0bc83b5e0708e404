import type { FromSchema } from 'json-schema-to-ts';
import type { NodeAPI } from 'node-red';
import type { Operation } from '../../manager/catalogue/operation.js';
import { type OperationSet, TPE_OPERATIONS } from '../../manager/catalogue/operation-set.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { parser } from '../runtime/message-values.js';
import { findServer } from '../server/server-node.js';
import { postRoute } from './admin-routes.js';

const listSchema = {
  type: 'object',
  properties: { server: { type: 'string' } },
  required: ['server'],
} as const;
const oneSchema = {
  type: 'object',
  properties: { server: { type: 'string' }, id: { type: 'string' } },
  required: ['server', 'id'],
} as const;
const parseList = parser<FromSchema<typeof listSchema>>(listSchema, 'request');
const parseOne = parser<FromSchema<typeof oneSchema>>(oneSchema, 'request');

/** The routes by which the editor picks an operation. */
export function serveCatalogue(RED: NodeAPI): void {
  postRoute(RED, '/tpe/operations', 'tpe.read', async (body) => {
    const catalogue = await catalogueOf(RED, parseList(body).server);
    return { operations: catalogue.operations().map(inShort) };
  });

  postRoute(RED, '/tpe/operation', 'tpe.read', async (body) => {
    const { server, id } = parseOne(body);
    const operation = (await catalogueOf(RED, server)).get(id);
    if (operation === null)
      throw new TpeError('NOT_FOUND', `The catalogue has no operation ${JSON.stringify(id)}.`);
    return operation;
  });
}

/**
 * The catalogue of a tpe-server; what came with the pack where it is not deployed yet, or cannot be opened now: picking must
 * not wait for a database.
 */
export async function catalogueOf(RED: NodeAPI, server: string): Promise<OperationSet> {
  const node = findServer(RED, server);
  if (node === null || node.openOptions() === null) return TPE_OPERATIONS;
  return await node.getManager().then(
    (manager) => manager.catalogue,
    () => TPE_OPERATIONS,
  );
}

/** What a list needs: the schemas of all would be a megabyte. */
function inShort(operation: Operation) {
  const { id, category, name, method, path, risk, classes, refusedBecause, source } = operation;
  return { id, category, name, method, path, risk, classes, refusedBecause, source };
}
