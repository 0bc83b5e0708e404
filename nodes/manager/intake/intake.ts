import type { Topics } from '../broker/topics.js';
import type {
  BrokerEventSink,
  ClientConnected,
  ClientDisconnected,
  GatewayMessage,
  LoginRefused,
} from '../events.js';
import { parseJson } from '../json-bounds.js';
import { isStorable, quote } from '../registry/text.js';
import { MAX_ANSWER_BYTES, type ParsedAnswer, parseAnswer } from './answer.js';
import type { TelemetryOutput } from './gateway-output.js';

export interface IntakeTargets {
  topics: Topics;
  /** Resolves when the event is in the database. */
  onPresence(event: ClientConnected | ClientDisconnected): Promise<void>;
  /** Noted, and written when that is due: it concerns people alone, and anybody may cause it. */
  onRefused(event: LoginRefused): void;
  /** Resolves when the answer is in the database. */
  onAnswer(clientid: string, parsed: ParsedAnswer & { ok: true }, message: GatewayMessage): Promise<void>;
  onTelemetry(telemetry: TelemetryOutput): void;
  /** Told of what cannot be read; the text names the gateway and the fault. */
  onFault(text: string): void;
}

/** The door: every event of every broker comes in here and leaves as what it means. */
export function createIntake(targets: IntakeTargets): BrokerEventSink {
  return async (event) => {
    if (event.type !== 'message' && !isStorable(event.clientid)) {
      return targets.onFault(`${quote(event.clientid)} cannot be the client id of a gateway: ignored.`);
    }
    if (event.type === 'refused') return targets.onRefused(event);
    if (event.type !== 'message') return targets.onPresence(event);
    await takeMessage(targets, event);
  };
}

async function takeMessage(targets: IntakeTargets, message: GatewayMessage): Promise<void> {
  const meaning = targets.topics.classify(message.topic);
  if (meaning === null) return;
  if (message.clientid !== null && meaning.clientid !== null && message.clientid !== meaning.clientid) {
    return targets.onFault(
      `${quote(message.clientid)} published on the topic of ${quote(meaning.clientid)}: ignored.`,
    );
  }
  if (meaning.kind === 'telemetry') {
    return targets.onTelemetry(readTelemetry(meaning.clientid ?? message.clientid, message));
  }
  // A retained answer is replayed to every new subscriber: it answers nothing that is asked now.
  if (message.retain) {
    return targets.onFault(
      `${quote(meaning.clientid)} published a retained answer: ignored (turn retain off).`,
    );
  }
  const parsed = parseAnswer(message.payload);
  if (!parsed.ok) return targets.onFault(`${quote(meaning.clientid)}: ${parsed.fault}`);
  await targets.onAnswer(meaning.clientid, parsed, message);
}

function readTelemetry(clientid: string | null, message: GatewayMessage): TelemetryOutput {
  return {
    kind: 'telemetry',
    clientid,
    topic: message.topic,
    payload: readPayload(message.payload),
    receivedAt: new Date(message.receivedAt).toISOString(),
  };
}

function readPayload(bytes: Buffer): unknown {
  if (bytes.length > MAX_ANSWER_BYTES) return bytes;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes;
  }
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
