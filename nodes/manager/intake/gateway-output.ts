import type { CommandRecord } from '../commands/command.js';
import type { Answer } from '../protocol/answer.js';

/** What tpe-output sends into a flow: a gateway's answer or telemetry. */
export type GatewayOutput = AnswerOutput | TelemetryOutput;

export interface AnswerOutput {
  kind: 'answer';
  clientid: string;
  topic: string;
  /** The id in the answer, as text; `-1` when the gateway refused the header of the request. */
  requestId: string;
  answer: Answer;
  /** The command that it answers; null if nobody asked, or another MQTT client did. */
  command: CommandRecord | null;
  /** JSON Pointers within the payload, of numbers too long for a JavaScript number: their values are strings of their digits. */
  asText?: string[];
  /** True if the command had an answer already. */
  duplicate: boolean;
  /** ISO 8601 UTC. */
  receivedAt: string;
}

export interface TelemetryOutput {
  kind: 'telemetry';
  clientid: string | null;
  topic: string;
  /** Parsed JSON; the text if it is no JSON; the Buffer if it is not UTF-8, or too large to be parsed. */
  payload: unknown;
  /** JSON Pointers of numbers too long for a JavaScript number: their values are strings of their digits. */
  asText?: string[];
  receivedAt: string;
}
