import { setTimeout as delay } from 'node:timers/promises';
import type { Broker } from '../broker/broker.js';
import type { TpeErrorCode } from '../tpe-error.js';

/** Null when the broker took it for the gateway, else why not. */
export type DispatchFault = { reason: string; code: TpeErrorCode } | null;

/** A gateway subscribes a moment after it connects: so long we try again while nobody listens, ms. */
const PAUSES_MS = [50, 150, 300, 500, 1000, 2000, 4000];

/**
 * Publishes one request. Where the broker says that nobody listens, nothing was delivered, so it is tried again for
 * some seconds while `stillWanted`; a publish of unknown outcome is never repeated.
 */
export async function dispatch(
  broker: Broker,
  message: { topic: string; payload: string },
  stillWanted: () => boolean,
): Promise<DispatchFault> {
  for (const pause of [...PAUSES_MS, null]) {
    const receipt = await broker.publish(message);
    if (!receipt.accepted) return { code: 'UNAVAILABLE', reason: `Not sent: ${receipt.reason}` };
    if (!receipt.noSubscriber) return null;
    if (pause !== null) await delay(pause);
    if (!stillWanted()) return null;
  }
  return {
    code: 'OFFLINE',
    reason: `Nobody listens on ${message.topic}: the gateway is away, or "remote API" is off or set to another topic in its MQTT client.`,
  };
}
