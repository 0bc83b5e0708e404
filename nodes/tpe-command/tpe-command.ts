import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from 'node-red';
import { type CommandRecord, type CommandRequest, hasEnded } from '../manager/commands/command.js';
import { parseCommandQuery } from '../manager/commands/command-schemas.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { parseTargets, resolveTargets } from '../manager/registry/targets.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { COMMAND_ACTIONS, WHEN_NONE } from '../node-red/fields/choices.js';
import { requestedBy } from '../node-red/login/requested-by.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { fanOut, type Place } from '../node-red/runtime/fan-out.js';
import { type InputTools, onInput } from '../node-red/runtime/input-handler.js';
import { choiceOf, numberOf, requiredTextOf, waitMsOf } from '../node-red/runtime/message-values.js';
import { shortText, statusLine } from '../node-red/runtime/node-status.js';
import { pageQuery } from '../node-red/runtime/paging.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import { linkServer } from '../node-red/server/server-link.js';
import { CATALOGUE_ACTIONS } from './catalogue-actions.js';
import { type RequestConfig, requestReader } from './read-request.js';

type Field = 'action' | 'clientid' | 'operation' | 'wait' | 'whenNone' | 'requestId' | 'categoryid';
type Config = NodeDef & { server?: string } & TypedFields<Field> & RequestConfig;

/** Largest number of commands of one message that run at a time. The manager itself sends only one at a time to each gateway. */
const MAX_IN_FLIGHT = 256;
const LIST_LIMIT = 50;
/** Length of a piece in msg.parts. With a length above 1, a join node takes the payload as a piece of the list and not as one entry. */
const EMPTY_PIECE = 2;

/** How long to wait for a command: until it ends, or a number of ms. */
type Patience = 'ended' | number;

export = (RED: NodeAPI) => {
  function TpeCommand(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const link = linkServer(RED, this, config, status);
    const read = fieldReader<Field>(RED, this, config);
    const readRequest = requestReader(RED, this, config);
    let inFlight = 0;

    const count = (change: number) => {
      inFlight += change;
      const text = RED._('tpe-command.status.inFlight', { count: inFlight });
      status.activity(inFlight === 0 ? null : { fill: 'blue', shape: 'dot', text });
    };

    const send = async (manager: DeviceManager, msg: NodeMessageInFlow, tools: InputTools) => {
      const targets = parseTargets(await read('clientid', msg), 'clientid');
      const request = await readRequest(msg);
      const patience = patienceOf(await read('wait', msg));
      const whenNone = choiceOf(await read('whenNone', msg), 'whenNone', WHEN_NONE) ?? 'error';
      const record = async (clientid: string) => {
        count(1);
        try {
          return await sendOne(manager, { ...request, clientid }, patience);
        } finally {
          count(-1);
        }
      };

      if (targets.kind === 'one') {
        const ended = await record(targets.clientid);
        if (gotNone(ended)) {
          status.activity({ fill: 'red', shape: 'ring', text: shortText(ended.reason ?? ended.state) });
        }
        msg.parts ??= partsOf(msg, { index: 0, count: () => 1 });
        return tools.send(outputs(msg, ended, patience));
      }
      const { payload: _payload, ...template } = msg;
      const sent = await fanOut(
        resolveTargets(manager.registry, targets),
        MAX_IN_FLIGHT,
        tools.signal,
        async (clientid, place) => {
          const ended = await record(clientid);
          const copy = RED.util.cloneMessage<NodeMessage>(template);
          copy.parts = partsOf(msg, place);
          tools.send(outputs(copy, ended, patience));
        },
      );
      if (sent > 0) return;
      if (whenNone === 'error')
        throw new TpeError('NOT_FOUND', 'No gateway matches the filter: no command was sent.');
      status.activity(null);
      tools.send([noneMessage(msg), null]);
    };

    const asker = (msg: NodeMessage) => requestedBy(this, msg);
    const requestId = async (msg: NodeMessage) => requiredTextOf(await read('requestId', msg), 'requestId');

    const LOOK_UPS: Record<
      Exclude<(typeof COMMAND_ACTIONS)[number], 'send'>,
      (manager: DeviceManager, msg: NodeMessageInFlow) => Promise<void>
    > = {
      ...CATALOGUE_ACTIONS,
      remove: async (manager, msg) => CATALOGUE_ACTIONS.remove(manager, msg, await read('operation', msg)),
      async get(manager, msg) {
        const id = await requestId(msg);
        const patience = patienceOf((await read('wait', msg)) ?? 0);
        const record =
          patience === 'ended' || patience === 0
            ? await manager.commands.get(id)
            : await manager.commands.waitFor(id, patience);
        if (!record) throw new TpeError('NOT_FOUND', `There is no command with the request id "${id}".`);
        showRecord(msg, record);
      },
      async cancel(manager, msg) {
        showRecord(msg, await manager.commands.cancel(await requestId(msg), asker(msg)));
      },
      async list(manager, msg) {
        const query = parseCommandQuery(pageQuery(msg.payload, msg.tpe, 'before'));
        const records = await manager.commands.list(query);
        const more = records.length === (query.limit ?? LIST_LIMIT);
        msg.payload = records;
        msg.tpe = { next: more ? (records.at(-1)?.requestId ?? null) : null, query };
      },
      async categories(manager, msg) {
        msg.payload = await manager.catalogue.categories();
      },
      async operations(manager, msg) {
        msg.payload = await manager.catalogue.operationRows(
          numberOf(await read('categoryid', msg), 'categoryid'),
        );
      },
      async describe(manager, msg) {
        const id = requiredTextOf(await read('operation', msg), 'operation');
        const operation = manager.catalogue.get(id);
        if (!operation)
          throw new TpeError('NOT_FOUND', `The catalogue has no operation ${JSON.stringify(id)}.`);
        // The message gets a copy, so that a flow cannot change the catalogue.
        msg.payload = structuredClone(operation);
      },
    };

    onInput(this, status, async (msg, tools) => {
      const action = choiceOf(await read('action', msg), 'action', COMMAND_ACTIONS) ?? 'send';
      const manager = await link.manager();
      if (action === 'send') return send(manager, msg, tools);
      await LOOK_UPS[action](manager, msg);
      status.activity(null);
      tools.send([msg, null]);
    });
  }

  RED.nodes.registerType('tpe-command', TpeCommand);
};

async function sendOne(
  manager: DeviceManager,
  request: CommandRequest,
  patience: Patience,
): Promise<CommandRecord> {
  if (patience === 'ended') return manager.commands.send(request);
  const record = await manager.commands.submit(request);
  if (patience === 0 || hasEnded(record.state)) return record;
  return (await manager.commands.waitFor(record.requestId, patience)) ?? record;
}

function patienceOf(value: unknown): Patience {
  const ms = waitMsOf(value);
  return ms === Number.POSITIVE_INFINITY ? 'ended' : ms;
}

/** Whether a command has ended without an answer. */
function gotNone(record: CommandRecord): boolean {
  return hasEnded(record.state) && !record.answer;
}

/** Puts the message on its output: 1 for an answer or a record, 2 for a command that ended without an answer. */
function outputs(
  msg: NodeMessage,
  record: CommandRecord,
  patience: Patience,
): [NodeMessage, null] | [null, NodeMessage] {
  nameGateway(msg, record.clientid);
  msg.tpe = factsOf(record);
  if (gotNone(record)) {
    msg.payload = {
      clientid: record.clientid,
      requestId: record.requestId,
      state: record.state,
      reason: record.reason,
      cause: record.cause,
      code: record.reasonCode,
      faults: record.faults,
    };
    return [null, msg];
  }
  if (patience !== 'ended' || !record.answer) {
    msg.payload = record;
    return [msg, null];
  }
  msg.payload = record.answer.payload;
  msg.statusCode = record.answer.status;
  return [msg, null];
}

function showRecord(msg: NodeMessage, record: CommandRecord): void {
  nameGateway(msg, record.clientid);
  msg.payload = record;
  msg.tpe = factsOf(record);
}

/** Replaces the client ids of the request by the one of the answer. Otherwise a later node would act on all gateways of the request. */
function nameGateway(msg: NodeMessage, clientid: string): void {
  msg.topic = clientid;
  msg.clientid = clientid;
}

/** The record without the request body and the answer, which may be large. */
function factsOf(record: CommandRecord): Record<string, unknown> {
  const { requestBody: _body, answer, faults, ...facts } = record;
  const warnings = record.state === 'REJECTED' ? [] : faults.map(({ text }) => text);
  return { ...facts, status: answer?.status ?? null, warnings };
}

/** The message if no gateway was found. A join node makes an empty list of it, as it makes a list of answers. */
function noneMessage(msg: NodeMessageInFlow): NodeMessage {
  const parts: Parts = { ...partsOf(msg, { index: 0, count: () => 1 }), len: EMPTY_PIECE };
  msg.parts = parts;
  msg.payload = [];
  msg.tpe = { sent: 0 };
  return msg;
}

/** The property msg.parts as a join node reads it. */
interface Parts {
  id: string;
  index: number;
  count?: number;
  type: 'array';
  len?: number;
  parts?: unknown;
}

/** The position of the message among those for all targets, so that a join node can combine them. */
function partsOf(msg: NodeMessageInFlow, place: Place): Parts {
  const count = place.count();
  return {
    id: msg._msgid,
    index: place.index,
    type: 'array',
    ...(count === undefined ? {} : { count }),
    ...(msg.parts === undefined ? {} : { parts: msg.parts }),
  };
}
