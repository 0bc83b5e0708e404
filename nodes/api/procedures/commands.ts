import type { Catalogue } from '../../manager/catalogue/catalogue.js';
import type { Operation } from '../../manager/catalogue/operation.js';
import { TPE_OPERATIONS } from '../../manager/catalogue/operation-set.js';
import { LONGEST_BODY_TEXT, withBodyOfText } from '../../manager/commands/body-text.js';
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
import { defineAsk, defineCatalogueAsk } from '../procedure.js';
import { subject, withEachGateway } from './each-gateway.js';
import { clientid, clientids, id, nothing, pageOfNewest } from './inputs.js';

const request = {
  operation: { type: 'string', maxLength: 200 },
  params: { type: 'object' },
  path: { type: 'string', maxLength: 4000 },
  method: { type: 'string', maxLength: 10 },
  requestBody: {},
  /** The body as JSON text, where it has numbers that a browser's JSON would change. */
  requestBodyText: { type: 'string', maxLength: LONGEST_BODY_TEXT },
  headers: {},
  check: { enum: CHECKS },
} as const;

const whenOffline = { enum: ['fail', 'queue'] } as const;
const confirm = { type: 'string', maxLength: 200 } as const;

/** Less than a proxy in front of the server waits for an answer. */
const LONGEST_WAIT_MS = 25_000;
const BOUNDS = { depth: 40, values: 20_000, characters: 300_000 };

/** What became of a command to one gateway: its record, or why there is none. */
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

/** What can be asked about the catalogue and about commands, and commands themselves. */
export const COMMAND_ASKS = {
  'commands.operations': defineCatalogueAsk({
    role: 'viewer',
    input: nothing,
    answer: async ({ catalogue }) => catalogue.operations().map(inShort),
    isTouchedBy: (change) => change.kind === 'catalogue',
  }),

  'commands.operation': defineCatalogueAsk({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { id: { type: 'string', maxLength: 200 } },
      required: ['id'],
      additionalProperties: false,
    },
    async answer({ catalogue }, input) {
      const operation = catalogue.get(input.id);
      if (operation !== null) return operation;
      throw new TpeError('NOT_FOUND', `The catalogue has no operation ${JSON.stringify(input.id)}.`);
    },
  }),

  /** What is wrong with a command as far as it is filled in, and what would be published. */
  'commands.check': withBody(
    defineCatalogueAsk({
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
      async answer({ catalogue, mqttSettings }, { skip, ...given }) {
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
    defineAsk({
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
          /** The client id, or the number of gateways, where the risk asks for it. */
          confirm,
        },
        required: ['clientids'],
        additionalProperties: false,
      },
      async answer({ catalogue, commands }, { clientids, confirm, ...given }, asker) {
        const gateways = [...new Set(clientids)];
        const rated = commandRisk(catalogue, given);
        refuseUnconfirmed(confirm, rated, confirmationOf(gateways));
        return await withEachGateway(gateways, async (clientid): Promise<Sent> => {
          try {
            const { requestId } = await commands.submit({
              ...given,
              clientid,
              rated,
              requestedBy: asker.requestedBy,
            });
            return { clientid, requestId, fault: null };
          } catch (error) {
            return { clientid, requestId: null, fault: messageOf(error) };
          }
        });
      },
      deed: (input, { catalogue }) => ({
        action: 'command.send',
        ...subject(input.clientids, askedFor(catalogue, input, commandRisk(catalogue, input))),
      }),
    }),
  ),

  /** A command to one gateway, as it is recorded; rejects with why there is no record. Resolves before its answer comes. */
  'commands.sendOne': withBody(
    defineAsk({
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
      async answer({ catalogue, commands }, { confirm, ...given }, asker) {
        const rated = commandRisk(catalogue, given);
        refuseUnconfirmed(confirm, rated, confirmationOf([given.clientid]));
        return await commands.submit({ ...given, rated, requestedBy: asker.requestedBy });
      },
      deed: (input, { catalogue }) => ({
        action: 'command.send',
        ...subject([input.clientid], askedFor(catalogue, input, commandRisk(catalogue, input))),
      }),
    }),
  ),

  /** The record of a command when it has ended, or so many ms later as it is then. NOT_FOUND. */
  'commands.wait': defineAsk({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { requestId: id, waitMs: { type: 'integer', minimum: 0, maximum: LONGEST_WAIT_MS } },
      required: ['requestId', 'waitMs'],
      additionalProperties: false,
    },
    async answer({ commands }, { requestId, waitMs }) {
      const record = await commands.waitFor(requestId, waitMs);
      if (record !== null) return record;
      throw new TpeError('NOT_FOUND', `There is no command ${JSON.stringify(requestId)}.`);
    },
  }),

  /** Newest first, without bodies and answers. */
  'commands.list': defineAsk({
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
    async answer({ catalogue, commands }, { cursor: before, ...query }) {
      const records = await commands.list({ ...query, ...(before !== undefined && { before }) });
      const rows = records.map((record) => rowOf(record, catalogue));
      return pageById(rows, query.limit, ({ requestId }) => requestId);
    },
    isTouchedBy: (change, input) =>
      change.kind === 'command' && (input.clientid === undefined || change.clientid === input.clientid),
  }),

  /** With body and answer; null: there is no such command. */
  'commands.one': defineAsk({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { requestId: id },
      required: ['requestId'],
      additionalProperties: false,
    },
    answer: ({ commands }, { requestId }) => commands.get(requestId),
    isTouchedBy: (change) => change.kind === 'command',
  }),

  /** Some by their ids, without bodies and answers; those that are unknown are left out. */
  'commands.some': defineAsk({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { requestIds: { type: 'array', items: id, maxItems: 100 } },
      required: ['requestIds'],
      additionalProperties: false,
    },
    async answer({ catalogue, commands }, { requestIds }) {
      const records = await Promise.all(requestIds.map((requestId) => commands.get(requestId)));
      return records.flatMap((record) => (record === null ? [] : rowOf(record, catalogue)));
    },
    isTouchedBy: (change) => change.kind === 'command',
  }),

  'commands.cancel': defineAsk({
    role: 'operator',
    input: {
      type: 'object',
      properties: { requestId: id },
      required: ['requestId'],
      additionalProperties: false,
    },
    answer: async ({ catalogue, commands }, { requestId }, asker) =>
      rowOf(await commands.cancel(requestId, asker.requestedBy), catalogue),
    deed: ({ requestId }) => ({ action: 'command.cancel', detail: { requestId } }),
  }),
} as const;

/** Everything behind it sees the body that its text says: rights and confirmation go by it, too. */
function withBody<One extends { parse(input: unknown): { requestBodyText?: string } }>(ask: One): One {
  return { ...ask, parse: (input: unknown) => withBodyOfText(ask.parse(input)) };
}

/** What is far too large for a gateway is not even begun with. INVALID_INPUT. */
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
