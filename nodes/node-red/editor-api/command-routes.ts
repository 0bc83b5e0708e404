import type { FromSchema } from 'json-schema-to-ts';
import type { NodeAPI } from 'node-red';
import { recorded } from '../../manager/audit/audited.js';
import { TPE_OPERATIONS } from '../../manager/catalogue/operation-set.js';
import { LONGEST_BODY_TEXT, withBodyOfText } from '../../manager/commands/body-text.js';
import { CHECKS } from '../../manager/commands/command.js';
import { askedFor, checkCommand, commandRisk, refuseUnconfirmed } from '../../manager/commands/preview.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { DEFAULT_TOPICS, makeTopics } from '../../manager/protocol/topics.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { parser } from '../runtime/message-values.js';
import { findServer } from '../server/server-node.js';
import { postRoute } from './admin-routes.js';
import { catalogueOf } from './catalogue-routes.js';

const request = {
  server: { type: 'string' },
  clientid: { type: 'string' },
  operation: { type: 'string' },
  params: { type: 'object' },
  path: { type: 'string' },
  method: { type: 'string' },
  requestBody: {},
  requestBodyText: { type: 'string', maxLength: LONGEST_BODY_TEXT },
  headers: {},
  check: { enum: CHECKS },
} as const;
const checkSchema = {
  type: 'object',
  properties: { ...request, skip: { type: 'array', items: { type: 'string' } } },
  required: ['server'],
} as const;
const trySchema = {
  type: 'object',
  properties: { ...request, confirm: { type: 'string' } },
  required: ['server', 'clientid'],
} as const;
const recordSchema = {
  type: 'object',
  properties: {
    server: { type: 'string' },
    requestId: { type: 'string' },
    waitMs: { type: 'integer', minimum: 0, maximum: 25_000 },
  },
  required: ['server', 'requestId', 'waitMs'],
} as const;
const parseCheck = parser<FromSchema<typeof checkSchema>>(checkSchema, 'request');
const parseTry = parser<FromSchema<typeof trySchema>>(trySchema, 'request');
const parseRecord = parser<FromSchema<typeof recordSchema>>(recordSchema, 'request');

/** The routes by which the editor checks a command as it is filled in, shows it, and tries it. */
export function serveCommands(RED: NodeAPI): void {
  postRoute(RED, '/tpe/check', 'tpe.read', async (body) => {
    const { server, skip, ...given } = withBodyOfText(parseCheck(body));
    const catalogue = await catalogueOf(RED, server);
    return {
      ...checkCommand(catalogue, topicsOf(RED, server), given, skip),
      // Without them an operation that is not found may be one of the users' own.
      hasOwnOperations: catalogue !== TPE_OPERATIONS,
    };
  });

  postRoute(RED, '/tpe/try', 'tpe.write', async (body, asker) => {
    const { server, confirm, ...given } = withBodyOfText(parseTry(body));
    const { catalogue, commands, audit } = await runningManager(RED, server);
    // Who may write here is an administrator, so that no class is beyond their role.
    const rating = commandRisk(catalogue, given);
    refuseUnconfirmed(confirm, rating, given.clientid);
    const deed = {
      action: 'command.send',
      clientid: given.clientid,
      detail: askedFor(catalogue, given, rating),
    };
    return await recorded(audit, asker, deed, () =>
      commands.submit({ ...given, requestedBy: `editor: ${asker.who}` }),
    );
  });

  postRoute(RED, '/tpe/command', 'tpe.read', async (body) => {
    const { server, requestId, waitMs } = parseRecord(body);
    const record = await (await runningManager(RED, server)).commands.waitFor(requestId, waitMs);
    if (record === null) throw new TpeError('NOT_FOUND', `There is no command ${JSON.stringify(requestId)}.`);
    return record;
  });
}

/** The manager of a tpe-server that is deployed. */
export async function runningManager(RED: NodeAPI, server: string): Promise<DeviceManager> {
  const node = findServer(RED, server);
  if (node !== null) return await node.getManager();
  throw new TpeError('CONFLICT', 'This TPE server is not deployed yet: deploy first.');
}

function topicsOf(RED: NodeAPI, server: string) {
  return makeTopics({ ...DEFAULT_TOPICS, ...findServer(RED, server)?.openOptions()?.topics });
}
