import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, BrokerMessage, Standing } from '../broker/broker.js';
import type { Reason } from '../shared/reason.js';
import type { TpeErrorCode } from '../shared/tpe-error.js';
import { commandReason } from './command-reasons.js';

/** Why a request was not delivered; null if the broker took it, or if its command has ended meanwhile. */
export type DispatchFault = { reason: Reason; code: TpeErrorCode } | null;

/** The pauses between attempts while there is no subscriber, ms. A gateway subscribes a moment after it connects. */
const PAUSES_MS = [50, 150, 300, 500, 1000, 2000, 4000];
/** The age at which a session has made its subscriptions, ms. */
const SUBSCRIBED_BY_MS = 10_000;

export interface Dispatch {
  broker: Pick<Broker, 'publish'>;
  message: BrokerMessage;
  /** The gateway's connection at the broker. */
  standing(): Promise<Standing>;
  /** False when the command has ended meanwhile. */
  stillWanted(): boolean;
}

/**
 * Publishes one request. If the broker reports no subscriber, nothing was delivered: then the publish is repeated, for some seconds if the
 * gateway may have just connected. A publish of unknown outcome is never repeated.
 */
export async function dispatch({ broker, message, ...command }: Dispatch): Promise<DispatchFault> {
  let mayListenYet = true;
  for (const [tries, pause] of [...PAUSES_MS, null].entries()) {
    const receipt = await broker.publish(message);
    if (!receipt.accepted)
      return { code: 'UNAVAILABLE', reason: commandReason('not-sent', { reason: receipt.reason }) };
    if (!receipt.noSubscriber) return null;
    if (tries === 1) mayListenYet = isYoung(await command.standing());
    if (!command.stillWanted()) return null;
    if (!mayListenYet) break;
    if (pause !== null) await delay(pause);
    if (!command.stillWanted()) return null;
  }
  return { code: 'OFFLINE', reason: commandReason('nobody-listens', { topic: message.topic }) };
}

/** Whether a session may be too young to have subscribed; it may be if the broker does not report when it began. */
function isYoung(standing: Standing): boolean {
  if (standing === null) return true;
  if (!standing.connected) return false;
  return standing.connectedAt === null || Date.now() - standing.connectedAt < SUBSCRIBED_BY_MS;
}
