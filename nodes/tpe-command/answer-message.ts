import type { NodeMessage, NodeMessageInFlow } from 'node-red';
import { type CommandRecord, hasEnded } from '../manager/commands/command.js';
import type { Reason } from '../manager/shared/reason.js';
import { toldWell } from '../manager/well/told-well.js';
import type { WellResult } from '../manager/well/well.js';
import type { Place } from '../node-red/runtime/fan-out.js';

/** Length of a piece in msg.parts. With a length above 1, a join node takes the payload as a piece of the list and not as one entry. */
const EMPTY_PIECE = 2;

/** How long to wait for a command: until it ends, or a number of ms. */
export type Patience = 'ended' | number;

/** A record; where the gateway was to be well again, with how that ended, or null if there was nothing to wait for. */
export type SentCommand = CommandRecord & { well?: WellResult | null };

/** Why a command is not done: it ended without an answer, or the gateway is not well again. Null if it is done, or goes on. */
export function whyNotDone(record: SentCommand): (Reason & { code: string | null }) | null {
  if (record.well) return record.well.well ? null : { ...record.well.reason, code: 'TIMED_OUT' };
  if (!hasEnded(record.state) || record.answer) return null;
  return { text: record.reason ?? record.state, cause: record.cause, code: record.reasonCode };
}

/** Puts the message on its output: 1 for an answer or a record, 2 for a command that ended without an answer, or whose gateway is not well. */
export function outputs(
  msg: NodeMessage,
  record: SentCommand,
  patience: Patience,
): [NodeMessage, null] | [null, NodeMessage] {
  nameGateway(msg, record.clientid);
  msg.tpe = factsOf(record);
  const fault = whyNotDone(record);
  if (fault !== null) {
    msg.payload = {
      clientid: record.clientid,
      requestId: record.requestId,
      state: record.state,
      reason: fault.text,
      cause: fault.cause,
      code: fault.code,
      faults: record.faults,
    };
    return [null, msg];
  }
  if (patience !== 'ended' || (!record.answer && !record.well)) {
    msg.payload = record;
    return [msg, null];
  }
  // A gateway that is well again may have restarted before it could answer.
  msg.payload = record.answer?.payload ?? null;
  if (record.answer) msg.statusCode = record.answer.status;
  return [msg, null];
}

/** Makes the message of a record that was looked up. */
export function showRecord(msg: NodeMessage, record: CommandRecord): void {
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
function factsOf(record: SentCommand): Record<string, unknown> {
  const { requestBody: _body, answer, faults, well, ...facts } = record;
  const warnings = record.state === 'REJECTED' ? [] : faults.map(({ text }) => text);
  return {
    ...facts,
    status: answer?.status ?? null,
    warnings,
    ...(well !== undefined && { well: toldWell(well) }),
  };
}

/** The message if no gateway was found. A join node makes an empty list of it, as it makes a list of answers. */
export function noneMessage(msg: NodeMessageInFlow): NodeMessage {
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
export function partsOf(msg: NodeMessageInFlow, place: Place): Parts {
  const count = place.count();
  return {
    id: msg._msgid,
    index: place.index,
    type: 'array',
    ...(count === undefined ? {} : { count }),
    ...(msg.parts === undefined ? {} : { parts: msg.parts }),
  };
}
