import {
  CHECKS,
  type CommandRecord,
  type CommandRequest,
  hasEnded,
  WHEN_GUARDED,
  WHEN_OFFLINE,
} from '../../manager/commands/command.js';
import { COMMAND_RECORD } from '../../manager/commands/command-record.js';
import { commandRisk, roleFor } from '../../manager/commands/preview.js';
import { TIMEOUT_BOUNDS_MS } from '../../manager/commands/time-bounds.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { choiceOf, millisecondsOf, textOf, waitMsOf } from '../../manager/shared/given-values.js';
import { badField } from '../../manager/shared/invalid-input.js';
import { pageById } from '../../manager/shared/page.js';
import { TpeError, type TpeErrorCode } from '../../manager/shared/tpe-error.js';
import { anything, digits, listOf, objectOf } from '../../manager/shared/value-schemas.js';
import { toldWell, WELL_RESULT } from '../../manager/well/told-well.js';
import { COMMAND_FILTER, commandQueryOf } from '../command-filter.js';
import { LISTED_COMMAND, listedCommand } from '../listed-command.js';
import { COMMAND, COMMAND_LISTED } from './examples.js';
import { filled } from './filled.js';
import { DEFAULT_PAGE, PAGE_OF_HISTORY } from './page-of-history.js';
import { defineRoute, objectIn, type RestData, unlessClosed } from './route.js';
import { wait } from './wait.js';

/** JSON Schema of a command: a TPE request, or an operation of the catalogue. */
export const COMMAND_REQUEST = {
  type: 'object',
  description: 'Either `path` and `method`, or `operation` and `params` by the catalogue.',
  properties: {
    operation: { type: 'string', description: 'The id of an operation of the catalogue.' },
    params: { type: 'object', description: 'The values of its parameters by name.' },
    path: { type: 'string', description: 'As TPE has it, without `/api/v1`: `/device/general`.' },
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], description: 'Left out: GET.' },
    requestBody: { type: ['object', 'array', 'null'] },
    headers: {
      type: ['object', 'array'],
      description:
        'Of a TPE request; `request-expired-time` (YYYY-MM-DD HH:MM:SS in UTC) is its deadline, others are left out.',
    },
    check: { enum: CHECKS, description: 'What becomes of a request that does not fit the catalogue.' },
  },
} as const;

/** The REST routes for commands. */
export const COMMAND_ROUTES = [
  defineRoute({
    method: 'POST',
    path: '/emqx/clients/{clientid}/message',
    operationId: 'sendCommand',
    tag: 'Commands',
    summary: 'Send a request to a gateway',
    description:
      'Without `wait` the answer is the request id; ask for the record then. With `wait=true` the answer is that of the gateway, else the record as it is after so many seconds: 202 while it has not ended.',
    role: 'operator',
    roleFor: ({ catalogue }, { body }) => roleFor(commandRisk(catalogue, whatIn(body))),
    action: 'command.send',
    errors: ['NOT_FOUND', 'OFFLINE', 'CONFLICT', 'GUARDED', 'STOPPED', 'TIMED_OUT', 'UNREADABLE'],
    mayGoOn: true,
    query: {
      type: 'object',
      properties: {
        wait,
        untilWell: {
          type: 'boolean',
          description:
            'With `wait=true`: after a disruptive command, also waits until the gateway is well again (online for a while, with what ran before; 30 min at most). The answer then has the record, and how that ended.',
        },
        timeout: {
          type: 'number',
          minimum: TIMEOUT_BOUNDS_MS.least / 1000,
          maximum: TIMEOUT_BOUNDS_MS.most / 1000,
          description: 'How long the gateway has for its answer, s.',
        },
        whenOffline: { enum: WHEN_OFFLINE, description: '`queue`: it waits until the gateway is online.' },
        whenGuarded: {
          enum: WHEN_GUARDED,
          description:
            '`queue`: it waits while others of its redundancy set, site, model or fleet are disturbed, or while it is stopped. Left out: it is refused, and the reason says by whom.',
        },
        queueFor: { type: 'number', description: 'For how long it waits so, s.' },
      },
      additionalProperties: false,
    },
    body: { kind: 'json', isRequired: true, schema: COMMAND_REQUEST },
    data: {
      anyOf: [
        { ...objectOf({ requestId: digits }), title: 'Without wait' },
        COMMAND_RECORD,
        {
          ...objectOf({ record: COMMAND_RECORD, well: WELL_RESULT }),
          title: 'With wait=true and untilWell=true',
        },
        { ...anything, title: 'With wait=true: what the gateway answered' },
      ],
    },
    examples: {
      body: { path: COMMAND.path, method: COMMAND.method },
      data: { requestId: COMMAND.requestId },
    },
    async answer(manager, { params: { clientid = '' }, query, body }, caller) {
      const request = {
        ...requestIn(body),
        // The caller's role was checked against this risk. If the catalogue has changed and the risk is higher now, the command is refused.
        rated: commandRisk(manager.catalogue, whatIn(body)),
        clientid,
        timeoutMs: millisecondsOf(query.timeout, 'timeout'),
        whenOffline: query.whenOffline,
        whenGuarded: query.whenGuarded,
        queueForMs: millisecondsOf(query.queueFor, 'queueFor'),
        requestedBy: caller.requestedBy,
      };
      const waitMs = waitMsOf(query.wait ?? false);
      if (query.untilWell === true) return await sentUntilWell(manager, request, waitMs);
      const record = await sent(manager, request, waitMs);
      if (hasEnded(record.state) && record.answer === null) throw faultOf(record);
      if (query.wait === undefined) return { data: { requestId: record.requestId } };
      if (waitMs === Number.POSITIVE_INFINITY && record.answer !== null) return answerOf(record.answer);
      return { status: hasEnded(record.state) ? 200 : 202, data: record };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/command',
    operationId: 'listCommands',
    tag: 'Commands',
    summary: 'List commands, newest first',
    description:
      'The history of all gateways, without bodies and answers; it has also what the device manager asks for itself, which `door=people` leaves out. All conditions must be met. `next` of an answer is the `cursor` of the next call.',
    role: 'viewer',
    isPaged: true,
    query: {
      type: 'object',
      properties: { ...filled(COMMAND_FILTER), ...PAGE_OF_HISTORY },
      additionalProperties: false,
    },
    data: listOf(LISTED_COMMAND),
    examples: { data: [COMMAND_LISTED] },
    async answer({ catalogue, commands }, { query: { cursor: before, limit = DEFAULT_PAGE, ...query } }) {
      const asked = { ...commandQueryOf(catalogue, query), limit, ...(before !== undefined && { before }) };
      const records = await commands.list(asked);
      const { items, next } = pageById(records, limit, ({ requestId }) => requestId);
      return { data: items.map((record) => listedCommand(record, catalogue)), next };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/command/{requestId}',
    operationId: 'getCommand',
    tag: 'Commands',
    summary: 'Read the record of a command',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    query: { type: 'object', properties: { wait }, additionalProperties: false },
    data: COMMAND_RECORD,
    examples: { data: COMMAND },
    async answer({ commands }, { params: { requestId = '' }, query }) {
      const waitMs = waitMsOf(query.wait ?? false);
      const record = await (waitMs === 0 ? commands.get(requestId) : commands.waitFor(requestId, waitMs));
      if (record !== null) return { data: record };
      throw new TpeError(
        'NOT_FOUND',
        `There is no command with the request id ${JSON.stringify(requestId)}.`,
      );
    },
  }),
];

/** If the manager closes during the wait, the command goes on. The record is returned then, so that the caller does not send it again. */
async function sent(
  { commands }: DeviceManager,
  request: CommandRequest,
  waitMs: number,
): Promise<CommandRecord> {
  const record = await commands.submit(request);
  if (waitMs === 0 || hasEnded(record.state)) return record;
  return (await unlessClosed(commands.waitFor(record.requestId, waitMs))) ?? record;
}

/** If the manager closes during the wait, the call ends with CLOSED: the record says what became of the command. */
async function sentUntilWell(
  { well }: DeviceManager,
  request: CommandRequest,
  waitMs: number,
): Promise<RestData> {
  if (waitMs !== Number.POSITIVE_INFINITY) throw badField('wait', 'true where "untilWell" is true');
  const sent = await well.sendUntilWell(request);
  if (sent.well === null && sent.record.answer === null) throw faultOf(sent.record);
  return { data: { record: sent.record, well: toldWell(sent.well) } };
}

/** The part of the body that decides the risk. An incomplete body gets through; `requestIn` refuses it. */
function whatIn(body: unknown): Partial<CommandRequest> {
  const { operation, params, path, method, requestBody } = objectIn(body);
  const id = textOf(operation, 'operation');
  if (id !== undefined) return { operation: id, params, requestBody };
  return { path: textOf(path, 'path'), method: textOf(method, 'method') ?? 'GET', requestBody };
}

function requestIn(body: unknown): Omit<CommandRequest, 'clientid'> {
  const { headers, check } = objectIn(body);
  const what = whatIn(body);
  if (what.operation === undefined && what.path === undefined) {
    throw new TpeError(
      'INVALID_INPUT',
      '"path" is missing: the body is {path, method, requestBody}, or {operation, params, requestBody} by the catalogue.',
      { field: 'path' },
    );
  }
  return { ...what, ...(headers !== undefined && { headers }), check: choiceOf(check, 'check', CHECKS) };
}

/** Returns the gateway's answer as the answer of the call. */
function answerOf({ payload, status }: NonNullable<CommandRecord['answer']>): RestData {
  return { status: status === 202 ? 202 : 200, data: payload };
}

function faultOf({ requestId, state, reason, cause, reasonCode }: CommandRecord): TpeError {
  const code = (reasonCode ?? 'ERROR') as TpeErrorCode;
  return new TpeError(code, { text: reason ?? state, cause }, { requestId, state });
}
