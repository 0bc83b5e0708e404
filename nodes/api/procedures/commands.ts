import type { Catalogue } from '../../manager/catalogue/catalogue.js';
import type { Operation } from '../../manager/catalogue/operation.js';
import { TPE_OPERATIONS } from '../../manager/catalogue/operation-set.js';
import { MAX_BODY_TEXT_LENGTH, withBodyOfText } from '../../manager/commands/body-text.js';
import { CHECKS, COMMAND_STATES, type CommandRecord } from '../../manager/commands/command.js';
import {
  askedFor,
  checkCommand,
  commandRisk,
  refuseUnconfirmed,
  roleFor,
} from '../../manager/commands/preview.js';
import { whyTooLarge } from '../../manager/shared/json-bounds.js';
import { pageById } from '../../manager/shared/page.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { confirmationOf } from '../confirmation.js';
import { defineCatalogueProcedure, defineProcedure } from '../procedure.js';
import { subject, withEachGateway } from './each-gateway.js';
import { clientid, clientids, id, nothing, pageOfNewest } from './inputs.js';

const request = {
  operation: { type: 'string', maxLength: 200 },
  params: { type: 'object' },
  path: { type: 'string', maxLength: 4000 },
  method: { type: 'string', maxLength: 10 },
  requestBody: {},
  /** The body as JSON text, where it has numbers that a browser's JSON would change. */
  requestBodyText: { type: 'string', maxLength: MAX_BODY_TEXT_LENGTH },
  headers: {},
  check: { enum: CHECKS },
} as const;

const whenOffline = { enum: ['fail', 'queue'] } as const;
const confirm = { type: 'string', maxLength: 200 } as const;

/** Less than a proxy in front of the server waits for an answer. */
const MAX_WAIT_MS = 25_000;
const BOUNDS = { depth: 40, values: 20_000, characters: 300_000 };

/** The result for one gateway: the record of the command, or why there is none. */
export interface Sent {
  clientid: string;
  requestId: string | null;
  fault: string | null;
}

/** An operation in a list; what is left out is said of few. */
export interface ShortOperation
  extends Pick<Operation, 'id' | 'category' | 'name' | 'method' | 'path' | 'risk'> {
  classes?: Operation['classes'];
  /** Why it cannot be done. */
  refusedBecause?: string;
  /** It is one of the users. */
  source?: 'own';
}

/** The procedures for the catalogue and for commands. */
export const COMMAND_PROCEDURES = {
  'commands.operations': defineCatalogueProcedure({
    role: 'viewer',
    input: nothing,
    handler: async ({ catalogue }) => catalogue.operations().map(inShort),
    invalidatedBy: (change) => change.kind === 'catalogue',
  }),

  'commands.operation': defineCatalogueProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { id: { type: 'string', maxLength: 200 } },
      required: ['id'],
      additionalProperties: false,
    },
    async handler({ catalogue }, input) {
      const operation = catalogue.get(input.id);
      if (operation !== null) return operation;
      throw new TpeError('NOT_FOUND', `The catalogue has no operation ${JSON.stringify(input.id)}.`);
    },
  }),

  /** The faults of a command that is being filled in, and the message that it would publish. */
  'commands.check': withBody(
    defineCatalogueProcedure({
      role: 'viewer',
      refuseTooLarge,
      input: {
        type: 'object',
        properties: {
          ...request,
          clientid: { type: 'string', maxLength: 200 },
          /** JSON Pointers of values that are not known yet: `/params/id`, `/requestBody/ip`. */
          skip: { type: 'array', items: { type: 'string', maxLength: 4000 }, maxItems: 1000 },
        },
        additionalProperties: false,
      },
      async handler({ catalogue, mqttSettings }, { skip, ...given }) {
        return {
          ...checkCommand(catalogue, mqttSettings(), given, skip),
          /** Without them an operation that is not found may be one of the users' own. */
          hasOwnOperations: catalogue !== TPE_OPERATIONS,
        };
      },
    }),
  ),

  /** The same command to each gateway; resolves when all are recorded, and not with their answers. */
  'commands.send': withBody(
    defineProcedure({
      role: 'operator',
      roleFor: ({ catalogue }, input) => roleFor(commandRisk(catalogue, input)),
      isCostly: true,
      refuseTooLarge,
      input: {
        type: 'object',
        properties: {
          ...request,
          clientids,
          whenOffline,
          /** The confirmation: the client id, or the number of gateways, where the risk requires it. */
          confirm,
        },
        required: ['clientids'],
        additionalProperties: false,
      },
      async handler({ catalogue, commands }, { clientids, confirm, ...given }, caller) {
        const gateways = [...new Set(clientids)];
        const rated = commandRisk(catalogue, given);
        refuseUnconfirmed(confirm, rated, confirmationOf(gateways));
        return await withEachGateway(gateways, async (clientid): Promise<Sent> => {
          try {
            const { requestId } = await commands.submit({
              ...given,
              clientid,
              rated,
              requestedBy: caller.requestedBy,
            });
            return { clientid, requestId, fault: null };
          } catch (error) {
            return { clientid, requestId: null, fault: messageOf(error) };
          }
        });
      },
      audit: (input, { catalogue }) => ({
        action: 'command.send',
        ...subject(input.clientids, askedFor(catalogue, input, commandRisk(catalogue, input))),
      }),
    }),
  ),

  /** A command to one gateway, as it is recorded; rejects with why there is no record. Resolves before its answer comes. */
  'commands.sendOne': withBody(
    defineProcedure({
      role: 'operator',
      roleFor: ({ catalogue }, input) => roleFor(commandRisk(catalogue, input)),
      refuseTooLarge,
      input: {
        type: 'object',
        properties: {
          ...request,
          clientid,
          whenOffline,
          /** The client id, where the risk asks for it. */
          confirm,
        },
        required: ['clientid'],
        additionalProperties: false,
      },
      async handler({ catalogue, commands }, { confirm, ...given }, caller) {
        const rated = commandRisk(catalogue, given);
        refuseUnconfirmed(confirm, rated, confirmationOf([given.clientid]));
        return await commands.submit({ ...given, rated, requestedBy: caller.requestedBy });
      },
      audit: (input, { catalogue }) => ({
        action: 'command.send',
        ...subject([input.clientid], askedFor(catalogue, input, commandRisk(catalogue, input))),
      }),
    }),
  ),

  /** The record of a command when it has ended, or so many ms later as it is then. NOT_FOUND. */
  'commands.wait': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { requestId: id, waitMs: { type: 'integer', minimum: 0, maximum: MAX_WAIT_MS } },
      required: ['requestId', 'waitMs'],
      additionalProperties: false,
    },
    async handler({ commands }, { requestId, waitMs }) {
      const record = await commands.waitFor(requestId, waitMs);
      if (record !== null) return record;
      throw new TpeError('NOT_FOUND', `There is no command ${JSON.stringify(requestId)}.`);
    },
  }),

  /** Newest first, without bodies and answers. */
  'commands.list': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: {
        clientid,
        state: { enum: COMMAND_STATES },
        ...pageOfNewest,
      },
      required: ['limit'],
      additionalProperties: false,
    },
    async handler({ catalogue, commands }, { cursor: before, ...query }) {
      const records = await commands.list({ ...query, ...(before !== undefined && { before }) });
      const rows = records.map((record) => rowOf(record, catalogue));
      return pageById(rows, query.limit, ({ requestId }) => requestId);
    },
    invalidatedBy: (change, input) =>
      change.kind === 'command' && (input.clientid === undefined || change.clientid === input.clientid),
  }),

  /** With body and answer; null: there is no such command. */
  'commands.one': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { requestId: id },
      required: ['requestId'],
      additionalProperties: false,
    },
    handler: ({ commands }, { requestId }) => commands.get(requestId),
    invalidatedBy: (change) => change.kind === 'command',
  }),

  /** Some by their ids, without bodies and answers; those that are unknown are left out. */
  'commands.some': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { requestIds: { type: 'array', items: id, maxItems: 100 } },
      required: ['requestIds'],
      additionalProperties: false,
    },
    async handler({ catalogue, commands }, { requestIds }) {
      const records = await Promise.all(requestIds.map((requestId) => commands.get(requestId)));
      return records.flatMap((record) => (record === null ? [] : rowOf(record, catalogue)));
    },
    invalidatedBy: (change) => change.kind === 'command',
  }),

  'commands.cancel': defineProcedure({
    role: 'operator',
    input: {
      type: 'object',
      properties: { requestId: id },
      required: ['requestId'],
      additionalProperties: false,
    },
    handler: async ({ catalogue, commands }, { requestId }, caller) =>
      rowOf(await commands.cancel(requestId, caller.requestedBy), catalogue),
    audit: ({ requestId }) => ({ action: 'command.cancel', detail: { requestId } }),
  }),
} as const;

/** All later checks, of rights and of confirmation too, see the body that this text holds. */
function withBody<One extends { parse(input: unknown): { requestBodyText?: string } }>(procedure: One): One {
  return { ...procedure, parse: (input: unknown) => withBodyOfText(procedure.parse(input)) };
}

/** Rejects a body that is far too large for a gateway before anything else is done. INVALID_INPUT. */
function refuseTooLarge({
  params,
  requestBody,
  headers,
}: {
  params?: unknown;
  requestBody?: unknown;
  headers?: unknown;
}): void {
  const tooLarge = whyTooLarge({ params, requestBody, headers }, BOUNDS);
  if (tooLarge !== null) throw new TpeError('INVALID_INPUT', `The command ${tooLarge}.`);
}

/** What a list needs: the schemas of all would be a megabyte. There are hundreds: what most do not have is left out. */
function inShort({
  id,
  category,
  name,
  method,
  path,
  risk,
  classes,
  refusedBecause,
  source,
}: Operation): ShortOperation {
  return {
    ...{ id, category, name, method, path, risk },
    ...(classes.length > 0 && { classes }),
    ...(refusedBecause !== null && { refusedBecause }),
    ...(source === 'own' && { source }),
  };
}

function rowOf(record: CommandRecord, catalogue: Pick<Catalogue, 'get'>) {
  const { requestBody: _body, answer, faults, ...row } = record;
  const name = catalogue.get(row.operation ?? '')?.name ?? `${row.method} ${row.path}`;
  return { ...row, name, answerStatus: answer?.status ?? null, warnings: faults.length };
}
