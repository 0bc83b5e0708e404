import { fieldLabels } from '../../manager/catalogue/field-labels.js';
import type { Operation } from '../../manager/catalogue/operation.js';
import { type OperationSet, TPE_OPERATIONS } from '../../manager/catalogue/operation-set.js';
import { formReadsOf, MOST_READ } from '../../manager/catalogue/present-values.js';
import { highest, type Rating } from '../../manager/catalogue/risk.js';
import type { GivenOperation } from '../../manager/catalogue/validation/resolve-request.js';
import { FAULT_CODES } from '../../manager/catalogue/validation/told-faults.js';
import { MAX_BODY_TEXT_LENGTH, withBodyOfText } from '../../manager/commands/body-text.js';
import { CHECKS, type CommandRecord, WHEN_GUARDED } from '../../manager/commands/command.js';
import { commandReason } from '../../manager/commands/command-reasons.js';
import { LAST_ANSWERED } from '../../manager/commands/last-answered.js';
import {
  askedFor,
  checkCommand,
  commandRisk,
  refuseUnconfirmed,
  roleFor,
} from '../../manager/commands/preview.js';
import { whyTooLarge } from '../../manager/shared/json-bounds.js';
import { pageById } from '../../manager/shared/page.js';
import type { Reason } from '../../manager/shared/reason.js';
import { asTpeError, TpeError } from '../../manager/shared/tpe-error.js';
import { callReason } from '../call-reasons.js';
import { COMMAND_FILTER, commandQueryOf } from '../command-filter.js';
import { confirmationOf } from '../confirmation.js';
import { listedCommand } from '../listed-command.js';
import { defineCatalogueProcedure, defineProcedure } from '../procedure.js';
import { LANGUAGES } from '../words/languages.js';
import { type OperationWords, operationWords } from '../words/operation-words.js';
import { translationsOf } from '../words/say-reason.js';
import { subject, withEachGateway } from './each-gateway.js';
import { clientid, clientids, id, MOST_GATEWAYS, nothing, pageOfNewest } from './inputs.js';

const request = {
  operation: { type: 'string', maxLength: 200 },
  params: { type: 'object' },
  path: { type: 'string', maxLength: 4000 },
  method: { type: 'string', maxLength: 10 },
  requestBody: {},
  /** The body as JSON text, because a browser's JSON would change some numbers in it. */
  requestBodyText: { type: 'string', maxLength: MAX_BODY_TEXT_LENGTH },
  headers: {},
  check: { enum: CHECKS },
} as const;

const whenOffline = { enum: ['fail', 'queue'] } as const;
const whenGuarded = { enum: WHEN_GUARDED } as const;
const confirm = { type: 'string', maxLength: 200 } as const;

/** The bodies of single gateways, which keep values of their own: each takes the place of the common body. */
const bodies = {
  type: 'array',
  maxItems: MOST_READ,
  items: {
    type: 'object',
    properties: {
      clientid: { type: 'string', maxLength: 200 },
      requestBody: {},
      requestBodyText: { type: 'string', maxLength: MAX_BODY_TEXT_LENGTH },
    },
    required: ['clientid'],
    additionalProperties: false,
  },
} as const;

/** Shorter than the time for which a proxy in front of the server waits for an answer. */
const MAX_WAIT_MS = 25_000;
const BOUNDS = { depth: 40, values: 20_000, characters: 300_000 };

/** The result for one gateway: the request id of the command, or the fault that prevented it. */
export interface Sent {
  clientid: string;
  requestId: string | null;
  fault: Reason | null;
}

/** An operation in a list. Optional properties apply to few operations. */
export interface ShortOperation
  extends Pick<Operation, 'id' | 'category' | 'name' | 'method' | 'path' | 'risk'> {
  classes?: Operation['classes'];
  /** Why the operation cannot be sent. */
  refusedBecause?: string;
  /** Set for the users' own operations. */
  source?: 'own';
}

/** A part of the words of the catalogue in one language, by the English ones. */
export interface CatalogueWords extends Partial<OperationWords> {
  /** English labels of fields by their names, for what has no titles. */
  labels?: Readonly<Record<string, string>>;
  /** What is wrong with values, by the codes of the reasons. */
  reasons?: Readonly<Record<string, string>>;
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
      if (operation !== null) return { ...operation, reads: formReadsOf(operation, catalogue) };
      throw new TpeError('NOT_FOUND', callReason('operation-unknown', { operation: input.id }));
    },
  }),

  /** The words of the catalogue in a language other than English: tasks of operations and categories, or the labels of fields. */
  'commands.words': defineCatalogueProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { language: { enum: LANGUAGES }, part: { enum: ['tasks', 'fields', 'faults'] } },
      required: ['language', 'part'],
      additionalProperties: false,
    },
    async handler(_known, { language, part }): Promise<CatalogueWords> {
      const { categories, tasks, fields } = operationWords(language);
      if (part === 'faults') return { fields, reasons: translationsOf(language, FAULT_CODES) };
      return part === 'tasks' ? { categories, tasks } : { fields, labels: fieldLabels() };
    },
  }),

  /** Returns the faults of a command that a person is filling in, and the message that it would publish. */
  'commands.check': withBody(
    defineCatalogueProcedure({
      role: 'viewer',
      refuseTooLarge,
      input: {
        type: 'object',
        properties: {
          ...request,
          clientid: { type: 'string', maxLength: 200 },
          /** JSON Pointers of values that are not known yet, for example `/params/id` or `/requestBody/ip`. */
          skip: { type: 'array', items: { type: 'string', maxLength: 4000 }, maxItems: 1000 },
        },
        additionalProperties: false,
      },
      async handler({ catalogue, mqttSettings }, { skip, ...given }) {
        return {
          ...checkCommand(catalogue, mqttSettings(), given, skip),
          /** If false, an operation that was not found may still be one of the users' own. */
          hasOwnOperations: catalogue !== TPE_OPERATIONS,
        };
      },
    }),
  ),

  /** Sends the same command to each gateway. Resolves when all commands are recorded, without waiting for answers. */
  'commands.send': withBody(
    defineProcedure({
      role: 'operator',
      roleFor: ({ catalogue }, input) => roleFor(riskOfAll(catalogue, input)),
      isCostly: true,
      refuseTooLarge,
      input: {
        type: 'object',
        properties: {
          ...request,
          clientids,
          bodies,
          whenOffline,
          /** Left out: one command is refused, several wait for their turn. */
          whenGuarded,
          /** The client id, or the number of gateways. Needed if the risk requires a confirmation. */
          confirm,
        },
        required: ['clientids'],
        additionalProperties: false,
      },
      async handler({ catalogue, commands }, { clientids, confirm, bodies, ...given }, caller) {
        const gateways = [...new Set(clientids)];
        const rated = riskOfAll(catalogue, { ...given, bodies });
        const own = new Map((bodies ?? []).map((one) => [one.clientid, one.requestBody]));
        refuseUnconfirmed(confirm, rated, confirmationOf(gateways));
        const whenGuarded = given.whenGuarded ?? (gateways.length > 1 ? 'queue' : 'fail');
        return await withEachGateway(gateways, async (clientid): Promise<Sent> => {
          try {
            const { requestId } = await commands.submit({
              ...given,
              ...(own.has(clientid) && { requestBody: own.get(clientid) }),
              whenGuarded,
              clientid,
              rated,
              requestedBy: caller.requestedBy,
            });
            return { clientid, requestId, fault: null };
          } catch (error) {
            return { clientid, requestId: null, fault: asTpeError(error).reason };
          }
        });
      },
      audit: (input, { catalogue }) => ({
        action: 'command.send',
        ...subject(input.clientids, askedFor(catalogue, input, riskOfAll(catalogue, input))),
      }),
      auditDone: ([first, ...others]) => (first?.requestId && others.length === 0 ? madeCommand(first) : {}),
    }),
  ),

  /** Sends a command to one gateway. Resolves with its record without waiting for the answer; rejects if no record was made. */
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
          whenGuarded,
          /** The client id. Needed if the risk requires a confirmation. */
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
      auditDone: madeCommand,
    }),
  ),

  /** Resolves with the record once the command has ended, or with its current record after `waitMs`, ms. Rejects with NOT_FOUND. */
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
      throw new TpeError('NOT_FOUND', commandReason('command-unknown', { requestId }));
    },
  }),

  /** Lists commands, newest first, without their bodies and answers. */
  'commands.list': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: {
        ...COMMAND_FILTER,
        ...pageOfNewest,
      },
      required: ['limit'],
      additionalProperties: false,
    },
    async handler({ catalogue, commands }, { cursor: before, ...query }) {
      const asked = { ...commandQueryOf(catalogue, query), ...(before !== undefined && { before }) };
      const records = await commands.list(asked);
      const rows = records.map((record) => listedCommand(record, catalogue));
      return pageById(rows, query.limit, ({ requestId }) => requestId);
    },
    invalidatedBy: (change, input) =>
      change.kind === 'command' && (input.clientid === undefined || change.clientid === input.clientid),
  }),

  /** Returns a command with its body and answer; null if there is no such command. */
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

  /** Returns how the commands with these ids stand, such as those that one request sent to many gateways. Leaves out unknown ids. */
  'commands.some': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { requestIds: { type: 'array', items: id, maxItems: MOST_GATEWAYS } },
      required: ['requestIds'],
      additionalProperties: false,
    },
    handler: ({ commands }, { requestIds }) => commands.outcomes(requestIds),
    invalidatedBy: (change) => change.kind === 'command',
  }),

  /** Returns what a gateway answered last to some operations that only read; what was never answered has no record. */
  'commands.lastAnswers': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: {
        clientid,
        operations: {
          type: 'array',
          items: { enum: LAST_ANSWERED },
          minItems: 1,
          maxItems: LAST_ANSWERED.length,
        },
      },
      required: ['clientid', 'operations'],
      additionalProperties: false,
    },
    async handler({ commands }, { clientid, operations }) {
      const found = await commands.lastAnswers(clientid, operations);
      return found.map(({ operation, values, last }) => ({
        operation,
        values: values && { ...inOutline(values), payload: values.answer?.payload ?? null },
        last: last && inOutline(last),
      }));
    },
    invalidatedBy: (change, input) => change.kind === 'command' && change.clientid === input.clientid,
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
      listedCommand(await commands.cancel(requestId, caller.requestedBy), catalogue),
    audit: ({ requestId }) => ({ action: 'command.cancel', detail: { requestId } }),
  }),
} as const;

/** Parses `requestBodyText` right after the input, so that all later checks, such as rights and confirmation, see the body in it. */
function withBody<One extends { parse(input: unknown): { requestBodyText?: string } }>(procedure: One): One {
  return {
    ...procedure,
    parse(input: unknown) {
      const parsed = withBodyOfText(procedure.parse(input));
      const { bodies } = parsed as { bodies?: { requestBodyText?: string }[] };
      return bodies === undefined ? parsed : { ...parsed, bodies: bodies.map(withBodyOfText) };
    },
  };
}

/** The rating of a command with the bodies that single gateways get. */
function riskOfAll(catalogue: OperationSet, { bodies = [], ...given }: WithBodies): Rating {
  const ratings = bodies.map(({ requestBody }) => commandRisk(catalogue, { ...given, requestBody }));
  return highest([commandRisk(catalogue, given), ...ratings]);
}

interface WithBodies extends GivenOperation {
  bodies?: readonly { requestBody?: unknown }[];
}

/** Throws INVALID_INPUT if the request is far too large for a gateway. Later checks walk through the whole request. */
function refuseTooLarge({
  params,
  requestBody,
  headers,
  bodies,
}: {
  params?: unknown;
  requestBody?: unknown;
  headers?: unknown;
  bodies?: unknown;
}): void {
  const tooLarge = whyTooLarge({ params, requestBody, headers, bodies }, BOUNDS);
  if (tooLarge !== null) throw new TpeError('INVALID_INPUT', `The command ${tooLarge}.`);
}

/** Keeps the answer small: there are hundreds of operations, and the schemas of all of them would be a megabyte. */
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

/** What the audit tells of a command once it is recorded: where to find it. */
function madeCommand({ requestId }: { requestId: string | null }) {
  return { detail: { requestId } };
}

function inOutline({
  requestId,
  state,
  reason,
  cause,
  answer,
  endedAt,
  requestedBy,
  createdAt,
}: CommandRecord) {
  const at = endedAt ?? createdAt;
  return { requestId, state, reason, cause, status: answer?.status ?? null, at, requestedBy };
}
