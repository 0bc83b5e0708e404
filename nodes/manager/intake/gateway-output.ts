import type { CommandRecord } from '../commands/command.js';
import type { Answer } from '../protocol/answer.js';

/** The output of tpe-output: a gateway's answer or telemetry. */
export type GatewayOutput = AnswerOutput | TelemetryOutput;

export interface AnswerOutput {
  kind: 'answer';
  clientid: string;
  topic: string;
  /** As the gateway gave it, as text; `-1` when it refused the request's header. */
  requestId: string;
  answer: Answer;
  /** The command that it answers; null if unsolicited, or requested by another client. */
  command: CommandRecord | null;
  /** JSON Pointers within the payload of numbers that no JavaScript number holds: each is given as the text of its digits. */
  asText?: string[];
  /** True when the command had been answered before. */
  duplicate: boolean;
  /** ISO 8601 UTC. */
  receivedAt: string;
}

export interface TelemetryOutput {
  kind: 'telemetry';
  clientid: string | null;
  topic: string;
  /** Parsed JSON, else the text, else (not UTF-8) the Buffer. */
  payload: unknown;
  /** JSON Pointers of numbers that no JavaScript number holds: each is given as the text of its digits. */
  asText?: string[];
  receivedAt: string;
}
