import type { FromSchema } from 'json-schema-to-ts';
import type { NodeAPI } from 'node-red';
import { DEFAULT_TOPICS, makeTopics } from '../../manager/broker/topics.js';
import type { Operation, Risk } from '../../manager/catalogue/catalogue.js';
import type { Fault } from '../../manager/catalogue/fault.js';
import { checkRequest } from '../../manager/catalogue/request-rules.js';
import { resolveRequest } from '../../manager/catalogue/resolve-request.js';
import { CHECKS } from '../../manager/commands/command.js';
import { wireRequest } from '../../manager/commands/wire-request.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { messageOf, TpeError } from '../../manager/tpe-error.js';
import { postRoute } from '../admin-routes.js';
import { parser } from '../message-values.js';
import { findServer } from '../server-node.js';
import { catalogueOf } from './catalogue-routes.js';

const request = {
  server: { type: 'string' },
  clientid: { type: 'string' },
  operation: { type: 'string' },
  params: { type: 'object' },
  path: { type: 'string' },
  method: { type: 'string' },
  requestBody: {},
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

/** Shown in the preview in place of the ones to come. */
const EXAMPLE_REQUEST_ID = '1';
const DEFAULT_TIMEOUT_MS = 60_000;
const NO_GATEWAY = '{clientid}';

/** The routes by which the editor checks a command as it is filled in, shows it, and tries it. */
export function serveCommands(RED: NodeAPI): void {
  postRoute(RED, '/tpe/check', 'tpe.read', async (body) => {
    const { server, clientid, skip = [], ...given } = parseCheck(body);
    const catalogue = await catalogueOf(RED, server);
    const resolved = resolveRequest(catalogue, given, skip);
    const faults = [...resolved.faults];
    const checked = attempt(() => checkRequest(resolved, catalogue), faults);
    return {
      faults,
      risk: riskOf(resolved.operation, String(resolved.method ?? 'GET')),
      message: checked && {
        topic: topicsOf(RED, server).inputTopic(clientid || NO_GATEWAY),
        payload: JSON.parse(wireRequest(checked, EXAMPLE_REQUEST_ID, Date.now(), DEFAULT_TIMEOUT_MS)),
      },
    };
  });

  postRoute(RED, '/tpe/try', 'tpe.write', async (body, user) => {
    const { server, confirm, ...given } = parseTry(body);
    const manager = await runningManager(RED, server);
    const { operation, method } = resolveRequest(manager.catalogue, given);
    askFor(confirm, riskOf(operation, String(method ?? 'GET')), given.clientid);
    return await manager.commands.submit({ ...given, requestedBy: `editor: ${user ?? 'nobody logged in'}` });
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

/** What the catalogue does not know may do anything, unless it only reads. */
function riskOf(operation: Operation | null, method: string): Risk {
  return operation?.risk ?? (method.trim().toUpperCase() === 'GET' ? 'read' : 'write');
}

/** Who would lose something has to write whose. */
function askFor(confirm: string | undefined, risk: Risk, clientid: string): void {
  if (risk !== 'disruptive' && risk !== 'destructive') return;
  if (confirm === clientid) return;
  throw new TpeError('CONFLICT', `This command is ${risk}: confirm it with the client id of the gateway.`, {
    risk,
  });
}

function attempt<Result>(work: () => Result, faults: Fault[]): Result | null {
  try {
    return work();
  } catch (error) {
    // A path that cannot be made has been told already.
    if (faults.length === 0) faults.push({ in: 'path', path: '', rule: 'rules', text: messageOf(error) });
    return null;
  }
}
