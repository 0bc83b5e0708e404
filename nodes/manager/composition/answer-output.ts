import type { GatewayMessage } from '../broker/events.js';
import type { TakenAnswer } from '../commands/answers.js';
import type { CommandRecord } from '../commands/command.js';
import type { AnswerOutput } from '../intake/gateway-output.js';
import type { Answer, ReadableAnswer } from '../protocol/answer.js';
import type { Topics } from '../protocol/topics.js';
import type { Fault } from '../shared/fault.js';

/** Returns the output of tpe-output for an answer that this manager received; `taken` is the command that it was matched to. */
export function answerOutput(
  clientid: string,
  parsed: ReadableAnswer,
  message: GatewayMessage,
  taken: TakenAnswer,
): AnswerOutput {
  return {
    kind: 'answer',
    clientid,
    topic: message.topic,
    requestId: parsed.requestId,
    ...taken,
    ...(parsed.asText && { asText: parsed.asText }),
    receivedAt: new Date(message.receivedAt).toISOString(),
  };
}

/** Returns the output of tpe-output for an answer to a command of this manager that another manager received. */
export function answerTakenElsewhere(topics: Topics, record: CommandRecord, answer: Answer): AnswerOutput {
  const asText = record.faults.filter(isLongNumber).map(({ path }) => path);
  return {
    kind: 'answer',
    clientid: record.clientid,
    topic: topics.outputTopic(record.clientid),
    requestId: record.requestId,
    answer,
    command: record,
    ...(asText.length > 0 && { asText }),
    duplicate: false,
    receivedAt: record.endedAt ?? new Date().toISOString(),
  };
}

function isLongNumber({ in: part, rule }: Fault): boolean {
  return part === 'answer' && rule === 'digits';
}
