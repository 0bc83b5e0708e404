import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, BrokerMessage, Standing } from '../broker/broker.js';
import type { TpeErrorCode } from '../shared/tpe-error.js';

/** Null when the broker took it for the gateway, else why not. */
export type DispatchFault = { reason: string; code: TpeErrorCode } | null;

/** A gateway subscribes a moment after it connects: retry this long while there is no subscriber, ms. */
const PAUSES_MS = [50, 150, 300, 500, 1000, 2000, 4000];
/** A session of this age has made its subscriptions, ms. */
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
 * Publishes one request. If the broker reports no subscriber, nothing was delivered, so for a gateway that has just connected it
 * is retried for some seconds; a publish of unknown outcome is never repeated.
 */
export async function dispatch({ broker, message, ...command }: Dispatch): Promise<DispatchFault> {
  let mayListenYet = true;
  for (const [tries, pause] of [...PAUSES_MS, null].entries()) {
    const receipt = await broker.publish(message);
    if (!receipt.accepted) return { code: 'UNAVAILABLE', reason: `Not sent: ${receipt.reason}` };
    if (!receipt.noSubscriber) return null;
    if (tries === 1) mayListenYet = isYoung(await command.standing());
    if (!command.stillWanted()) return null;
    if (!mayListenYet) break;
    if (pause !== null) await delay(pause);
    if (!command.stillWanted()) return null;
  }
  return {
    code: 'OFFLINE',
    reason: `Nobody listens on ${message.topic}: the gateway is away, or "remote API" is off or set to another topic in its MQTT client.`,
  };
}

/** If the broker does not report the time of the connect, the session may be young. */
function isYoung(standing: Standing): boolean {
  if (standing === null) return true;
  if (!standing.connected) return false;
  return standing.connectedAt === null || Date.now() - standing.connectedAt < SUBSCRIBED_BY_MS;
}
