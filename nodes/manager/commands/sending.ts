import type { Broker, Standing } from '../broker/broker.js';
import type { OperationSet } from '../catalogue/operation-set.js';
import { type CheckedRequest, wireRequest } from '../protocol/request.js';
import type { Topics } from '../protocol/topics.js';
import type { Redaction } from '../shared/redact.js';
import type { CommandRecord } from './command.js';
import { commandReason } from './command-reasons.js';
import type { CommandStore } from './command-store.js';
import type { Deadlines } from './deadlines.js';
import { dispatch } from './dispatch.js';
import type { Endings } from './endings.js';
import { expired, redactionOf } from './prepare-command.js';

export interface SendingOptions {
  broker: Pick<Broker, 'publish'>;
  topics: Pick<Topics, 'inputTopic'>;
  catalogue: Pick<OperationSet, 'get'>;
  deadlines: Pick<Deadlines, 'timeOut' | 'has'>;
  endings: Pick<Endings, 'end'>;
  store: Pick<CommandStore, 'read'>;
  /** The name of this manager. */
  instance: string;
  /** The gateway's connection at the broker; read if the broker reports no subscriber. */
  standing(clientid: string): Promise<Standing>;
}

/**
 * So long after it was recorded as sent, ms, a command may be another manager's: this process stood still, and was believed to be dead.
 * That needs the 90 s of a heartbeat, and the timer of a heartbeat may be late.
 */
const ASK_AFTER_MS = 30_000;

/**
 * Publishes a command whose record is SENT, and ends it if the request did not get through. `redaction` is null if the secrets of the
 * command are not known here; they are then found in the request.
 */
export type Send = (
  record: CommandRecord,
  request: CheckedRequest,
  redaction: Redaction | null,
) => Promise<void>;

/** Creates the function that publishes the commands of this manager. */
export function createSend(options: SendingOptions): Send {
  const { broker, topics, catalogue, deadlines, endings } = options;
  return async (record, request, given) => {
    const { requestId, clientid } = record;
    const operation = record.operation === null ? null : catalogue.get(record.operation);
    const redaction = given ?? redactionOf(request.path, operation, request.requestBody);
    deadlines.timeOut(record, record.timeoutMs, redaction);
    if (request.expiresAt !== undefined && request.expiresAt <= Date.now()) {
      const ending = { requestId, from: 'SENT', to: 'EXPIRED', ...expired(request.expiresAt) } as const;
      return void (await endings.end(clientid, ending));
    }
    if (Date.now() - Date.parse(record.sentAt ?? record.createdAt) > ASK_AFTER_MS) {
      if (!(await isStillOurs(options, record))) return;
    }
    const payload = wireRequest(request, requestId, Date.now(), record.timeoutMs);
    const fault = await dispatch({
      broker,
      message: { topic: topics.inputTopic(clientid), payload },
      standing: () => options.standing(clientid),
      stillWanted: () => deadlines.has(requestId),
    });
    if (fault !== null) await endings.end(clientid, { requestId, from: 'SENT', to: 'REJECTED', ...fault });
  };
}

/** Whether a command of long ago is to be sent from here. Without an answer of the database it is not sent, and ends. */
async function isStillOurs(
  { store, endings, instance }: SendingOptions,
  { requestId, clientid }: CommandRecord,
): Promise<boolean> {
  const found = await store.read([requestId]).catch(() => null);
  if (found !== null) return found[0]?.state === 'SENT' && found[0].instance === instance;
  const reason = commandReason('not-sent-database-away-claiming');
  await endings.end(clientid, { requestId, from: 'SENT', to: 'REJECTED', reason, code: 'UNAVAILABLE' });
  return false;
}
