import { isUtf8 } from 'node:buffer';
import type {
  BrokerEventSink,
  ClientConnected,
  ClientDisconnected,
  GatewayMessage,
  LoginRefused,
} from '../broker/events.js';
import {
  MAX_ANSWER_BYTES,
  parseAnswer,
  type ReadableAnswer,
  type UnreadableAnswer,
} from '../protocol/answer.js';
import { requestIdsOf } from '../protocol/answer-ids.js';
import type { Topics } from '../protocol/topics.js';
import { type ReadJson, readJson } from '../shared/exact-json.js';
import { isStorable, quote } from '../shared/text.js';
import type { TelemetryOutput } from './gateway-output.js';

export interface IntakeTargets {
  topics: Topics;
  /** Resolves when the event is in the database. */
  onPresence(event: ClientConnected | ClientDisconnected): Promise<void>;
  /** Takes a refused login without waiting for the database: it only informs people, and anybody can cause it. */
  onRefused(event: LoginRefused): void;
  /** Resolves when the answer is in the database. */
  onAnswer(clientid: string, parsed: ReadableAnswer, message: GatewayMessage): Promise<void>;
  /** Ends the command in flight to the gateway if the answer has its request id; resolves with whether it did. */
  onUnreadable(clientid: string, answer: UnreadableAnswer): Promise<boolean>;
  /** Whether this manager waits for an answer of the gateway. It is called for all telemetry, so it must be cheap. */
  isAsked(clientid: string): boolean;
  /** Whether the command with this request id is in flight to the gateway. */
  isAwaited(clientid: string, requestId: string): Promise<boolean>;
  onTelemetry(telemetry: TelemetryOutput): void;
  /** Called for messages that cannot be read; the text names the gateway and the fault. */
  onFault(text: string): void;
}

/**
 * Creates the intake, which hands each event of any broker to the part that handles it. The sink that it returns rejects as that
 * target does. What it cannot use goes to `onFault`, without an error.
 */
export function createIntake(targets: IntakeTargets): BrokerEventSink {
  return (event) => {
    if (event.type === 'message') return takeMessage(targets, event);
    if (!isStorable(event.clientid)) {
      targets.onFault(`${quote(event.clientid)} cannot be the client id of a gateway: ignored.`);
      return Promise.resolve();
    }
    // Without an async function, which would keep the event in memory until it is written.
    if (event.type !== 'refused') return targets.onPresence(event);
    targets.onRefused(event);
    return Promise.resolve();
  };
}

async function takeMessage(targets: IntakeTargets, message: GatewayMessage): Promise<void> {
  const meaning = targets.topics.classify(message.topic);
  if (meaning?.kind !== 'output') {
    const clientid = meaning?.clientid ?? message.clientid;
    if (clientid !== null) await takeStray(targets, clientid, message);
    if (meaning !== null) targets.onTelemetry(readTelemetry(clientid, message));
    return;
  }
  if (message.clientid !== null && message.clientid !== meaning.clientid) {
    await takeStray(targets, message.clientid, message);
    return targets.onFault(
      `${quote(message.clientid)} published on the topic of ${quote(meaning.clientid)}: ignored.`,
    );
  }
  await takeAnswer(targets, meaning.clientid, message);
}

async function takeAnswer(targets: IntakeTargets, clientid: string, message: GatewayMessage): Promise<void> {
  const parsed = parseAnswer(message.payload);
  // The broker sends a retained answer again to every new subscriber, so it counts only if its command is in flight.
  if (message.retain) {
    const isAwaited = parsed.ok && (await targets.isAwaited(clientid, parsed.requestId));
    if (!isAwaited)
      return targets.onFault(`${quote(clientid)} published a retained answer: ignored (turn retain off).`);
    targets.onFault(`${quote(clientid)} publishes its answers retained: turn retain off.`);
  }
  if (parsed.ok) return await targets.onAnswer(clientid, parsed, message);
  if (!(await targets.onUnreadable(clientid, parsed)))
    targets.onFault(`${quote(clientid)}: ${parsed.fault}${unsolicited(parsed)}`);
}

function unsolicited({ requestIds }: UnreadableAnswer): string {
  return requestIds.length === 0 ? '' : ` It names no command in flight (${requestIds.join(', ')}).`;
}

/**
 * Takes an answer that came on a wrong topic as unreadable. That ends its command at once: otherwise all other commands to the
 * gateway would wait until it times out.
 */
async function takeStray(targets: IntakeTargets, clientid: string, message: GatewayMessage): Promise<void> {
  if (!targets.isAsked(clientid)) return;
  const requestIds = requestIdsOf(message.payload).filter((id) => !id.startsWith('-'));
  if (requestIds.length === 0) return;
  const right = targets.topics.outputTopic(clientid);
  const fault = `The answer came on the topic ${quote(message.topic.slice(0, 200))}, and not on ${quote(right)}: set the response topic in the gateway's MQTT client.`;
  await targets.onUnreadable(clientid, { ok: false, fault, requestIds });
}

function readTelemetry(clientid: string | null, message: GatewayMessage): TelemetryOutput {
  const { value, asText } = readPayload(message.payload);
  return {
    kind: 'telemetry',
    clientid,
    topic: message.topic,
    payload: value,
    ...(asText.length > 0 && { asText }),
    receivedAt: new Date(message.receivedAt).toISOString(),
  };
}

function readPayload(bytes: Buffer): ReadJson {
  if (bytes.length > MAX_ANSWER_BYTES || !isUtf8(bytes)) return { value: bytes, asText: [] };
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  try {
    return readJson(text);
  } catch {
    return { value: text, asText: [] };
  }
}
