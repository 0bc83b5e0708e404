import { randomBytes } from 'node:crypto';
import { connectAsync } from 'mqtt';
import { messageOf } from '../../shared/tpe-error.js';
import { addressesIn } from '../addresses.js';
import { connectionWords } from '../connection-errors.js';
import type { MqttOptions } from '../options.js';
import { readMqttTarget } from './target.js';

const CONNECT_MS = 5000;

/** One try for each address; see checkMqtt. */
export function mqttChecks(
  options: MqttOptions,
  filters: () => readonly string[],
): (() => Promise<string>)[] {
  const addresses = addressesIn(options.url, 'url');
  // A text without any is refused by the check itself.
  return (addresses.length === 0 ? [options.url] : addresses).map(
    (url) => () => checkMqtt({ ...options, url }, filters),
  );
}

/**
 * Tries the broker, changes nothing, and says what it found: it is there, lets us in, and lets us subscribe to these filters; with
 * none, commands go by it alone. Without the group, where there is one: a member of it would take messages away from the others.
 * Rejects in words, and as `filtersToTry` throws.
 */
export async function checkMqtt(broker: MqttOptions, filtersToTry: () => readonly string[]): Promise<string> {
  // Not the session of the running manager, which must not be taken over.
  const clientId = `tpedm-test-${randomBytes(4).toString('hex')}`;
  const { place, options } = readMqttTarget({ ...broker, clientId });
  const client = await connectAsync(
    withoutLogin(broker.url),
    { ...options, clean: true, connectTimeout: CONNECT_MS },
    false,
  ).catch((error: unknown) => {
    throw new Error(`The broker at ${place} refused the connection: ${connectionWords(error)}.`);
  });
  try {
    const filters = filtersToTry();
    if (filters.length === 0)
      return `The broker at ${place} accepted the connection: commands are sent through it.`;
    await client.subscribeAsync([...filters], { qos: 1 }).catch((error: unknown) => {
      const topics = filters.join(', ');
      throw new Error(
        `The broker at ${place} accepted the connection, but refused ${topics}: ${messageOf(error)}.`,
      );
    });
    return `The broker at ${place} accepted the connection and the subscription to ${filters.join(', ')}.`;
  } finally {
    await client.endAsync(true);
  }
}

/** The login is among the options. */
function withoutLogin(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
