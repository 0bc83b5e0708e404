import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { type CommandRecord, type CommandRequest, hasEnded } from '../manager/commands/command.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { parseTargets, resolveTargets, type Targets } from '../manager/registry/targets.js';
import { badField } from '../manager/shared/invalid-input.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { MAX_AT_ONCE, WHEN_NONE } from '../node-red/fields/choices.js';
import { fanOut } from '../node-red/runtime/fan-out.js';
import type { InputTools } from '../node-red/runtime/input-handler.js';
import { choiceOf, numberOf, switchOf, waitMsOf } from '../node-red/runtime/message-values.js';
import { type StatusLine, shortText } from '../node-red/runtime/node-status.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import {
  noneMessage,
  outputs,
  type Patience,
  partsOf,
  type SentCommand,
  whyNotDone,
} from './answer-message.js';
import { type RequestConfig, requestReader } from './read-request.js';
import { createTally, type Summary, type Tally } from './summary.js';

/** The output of the summary, counted from 0. */
const SUMMARY = 2;

type Field = 'clientid' | 'wait' | 'untilWell' | 'whenNone' | 'atOnce';

/** What a message asks for. */
interface Order {
  targets: Targets;
  request: Omit<CommandRequest, 'clientid'>;
  patience: Patience;
  /** Whether a command counts as done when the gateway is well again. */
  untilWell: boolean;
  whenNone: (typeof WHEN_NONE)[number];
  atOnce: number;
}

/**
 * Creates the function that sends what a message asks for: to each gateway of it, and for each one message, as its command ends. Then comes
 * the summary. The function rejects with INVALID_INPUT, or NOT_FOUND if no gateway matches. If it ends before all commands are sent,
 * because of an error or since the node closes, `msg.tpe` has the summary of what was sent.
 */
export function createSender(
  RED: NodeAPI,
  node: Node,
  config: RequestConfig & TypedFields<Field>,
  status: StatusLine,
) {
  const read = fieldReader<Field>(RED, node, config);
  const readRequest = requestReader(RED, node, config);
  let inFlight = 0;
  /** The client ids of the gateways that are to be well again, one for each command. */
  const unwell: string[] = [];

  const show = (change: number) => {
    inFlight += change;
    status.activity(inFlight === 0 ? null : { fill: 'blue', shape: 'dot', text: activity() });
  };

  const activity = () => {
    if (unwell.length === 0) return RED._('tpe-command.status.inFlight', { count: inFlight });
    if (unwell.length > 1) return RED._('tpe-command.status.untilAllWell', { count: unwell.length });
    return RED._('tpe-command.status.untilWell', { gateway: shortText(unwell[0] ?? '') });
  };

  const readEnd = async (msg: NodeMessage): Promise<Pick<Order, 'patience' | 'untilWell'>> => {
    const patience = patienceOf(await read('wait', msg));
    const untilWell = switchOf(await read('untilWell', msg), 'untilWell');
    if (untilWell && patience !== 'ended') throw badField('wait', 'true where "untilWell" is true');
    return { patience, untilWell };
  };

  const readOrder = async (msg: NodeMessage): Promise<Order> => {
    const targets = parseTargets(await read('clientid', msg), 'clientid');
    const request = await readRequest(msg);
    const whenGuarded = request.whenGuarded ?? (isOne(targets) ? 'fail' : 'queue');
    return {
      targets,
      request: { ...request, whenGuarded },
      ...(await readEnd(msg)),
      whenNone: choiceOf(await read('whenNone', msg), 'whenNone', WHEN_NONE) ?? 'error',
      atOnce: atOnceOf(await read('atOnce', msg)),
    };
  };

  const sendUntilWell = async (manager: DeviceManager, request: CommandRequest, signal: AbortSignal) => {
    const onWaiting = () => {
      unwell.push(request.clientid);
      show(0);
    };
    try {
      const { record, well } = await manager.well.sendUntilWell(request, { signal, onWaiting });
      return { ...record, well };
    } finally {
      const at = unwell.indexOf(request.clientid);
      if (at !== -1) unwell.splice(at, 1);
    }
  };

  const sendOne = async (
    manager: DeviceManager,
    { request, patience, untilWell }: Order,
    clientid: string,
    signal: AbortSignal,
  ): Promise<SentCommand> => {
    show(1);
    try {
      if (untilWell) return await sendUntilWell(manager, { ...request, clientid }, signal);
      return await recordOf(manager, { ...request, clientid }, patience);
    } finally {
      show(-1);
    }
  };

  const toOne = async (
    order: Order,
    msg: NodeMessageInFlow,
    tools: InputTools,
    send: (clientid: string) => Promise<SentCommand>,
    clientid: string,
  ) => {
    const ended = await send(clientid);
    const fault = whyNotDone(ended);
    if (fault !== null) status.activity({ fill: 'red', shape: 'ring', text: shortText(fault.text) });
    msg.parts ??= partsOf(msg, { index: 0, count: () => 1 });
    tools.send(outputs(msg, ended, order.patience));
  };

  const toMany = async (
    manager: DeviceManager,
    { targets, patience, whenNone, atOnce }: Order,
    msg: NodeMessageInFlow,
    tools: InputTools,
    send: (clientid: string) => Promise<SentCommand>,
  ) => {
    const { payload: _payload, ...template } = msg;
    const found = resolveTargets(manager.registry, targets);
    const sent = await fanOut(found, atOnce, tools.signal, async (clientid, place) => {
      const ended = await send(clientid);
      const copy = RED.util.cloneMessage<NodeMessage>(template);
      copy.parts = partsOf(msg, place);
      tools.send(outputs(copy, ended, patience));
    });
    if (sent > 0 || tools.signal.aborted) return;
    if (whenNone === 'error')
      throw new TpeError('NOT_FOUND', 'No gateway matches the filter: no command was sent.');
    status.activity(null);
    tools.send([noneMessage(msg), null]);
  };

  /** The message for the summary, made before the flow gets the message that it is a copy of. Null if nobody is to get it. */
  const summaryMessage = ({ payload: _payload, ...template }: NodeMessageInFlow): NodeMessage | null =>
    isWired(node, SUMMARY) ? RED.util.cloneMessage<NodeMessage>(template) : null;

  return async (manager: DeviceManager, msg: NodeMessageInFlow, tools: InputTools): Promise<void> => {
    const order = await readOrder(msg);
    const tally = createTally();
    const last = summaryMessage(msg);
    const send = (clientid: string) => tally.count(sendOne(manager, order, clientid, tools.signal));
    const { targets } = order;
    if (targets.kind === 'one') await toOne(order, msg, tools, send, targets.clientid);
    else await tellingHowFar(node, msg, tally, tools.signal, () => toMany(manager, order, msg, tools, send));
    if (last !== null) tools.send([null, null, withSummary(last, tally.summary())]);
  };
}

/**
 * Puts the summary so far into the message of a work that does not come to its end, which Catch nodes get. When the node closes, the log has
 * it as well, because a deploy may close the Catch nodes too.
 */
async function tellingHowFar(
  node: Node,
  msg: NodeMessage,
  tally: Tally,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  const tell = () => {
    const summary = tally.summary();
    msg.tpe = summary;
    return summary;
  };
  const tellOfClosing = () => {
    const { total, inProgress } = tell();
    node.log(
      `The node was closed in the middle of a message to several gateways. Commands that were sent: ${total}, of which ${inProgress} go on. No more are sent.`,
    );
  };
  signal.addEventListener('abort', tellOfClosing, { once: true });
  try {
    await work();
  } catch (error) {
    if (!signal.aborted && tally.summary().total > 0) tell();
    throw error;
  } finally {
    signal.removeEventListener('abort', tellOfClosing);
  }
}

function withSummary(msg: NodeMessage, summary: Summary): NodeMessage {
  msg.payload = summary;
  msg.tpe = { sent: summary.total };
  return msg;
}

/** Node-RED keeps there where the outputs of a node lead. Its types leave that out. */
function isWired(node: Node & { wires?: unknown[][] }, output: number): boolean {
  return node.wires === undefined || (node.wires[output] ?? []).length > 0;
}

async function recordOf(
  manager: DeviceManager,
  request: CommandRequest,
  patience: Patience,
): Promise<CommandRecord> {
  if (patience === 'ended') return manager.commands.send(request);
  const record = await manager.commands.submit(request);
  if (patience === 0 || hasEnded(record.state)) return record;
  return (await manager.commands.waitFor(record.requestId, patience)) ?? record;
}

/** Reads how long to wait. Throws INVALID_INPUT. */
export function patienceOf(value: unknown): Patience {
  const ms = waitMsOf(value);
  return ms === Number.POSITIVE_INFINITY ? 'ended' : ms;
}

function atOnceOf(value: unknown): number {
  const number = numberOf(value, 'atOnce') ?? MAX_AT_ONCE;
  if (Number.isInteger(number) && number >= 1 && number <= MAX_AT_ONCE) return number;
  throw badField('atOnce', `a whole number from 1 to ${MAX_AT_ONCE}, not ${number}`);
}

/** One command is refused where it may not disturb its gateway now; several wait for their turns. */
function isOne(targets: Targets): boolean {
  return targets.kind === 'one' || (targets.kind === 'list' && new Set(targets.clientids).size === 1);
}
