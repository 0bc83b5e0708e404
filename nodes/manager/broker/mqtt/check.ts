import { randomBytes } from 'node:crypto';
import { connectAsync } from 'mqtt';
import { messageOf } from '../../shared/tpe-error.js';
import { addressesIn } from '../addresses.js';
import { connectionWords } from '../connection-errors.js';
import type { MqttOptions } from '../options.js';
import { readMqttTarget } from './target.js';

const CONNECT_MS = 5000;

/** Creates a check for each address of the options; see checkMqtt. */
export function mqttChecks(
  options: MqttOptions,
  filters: () => readonly string[],
): (() => Promise<string>)[] {
  const addresses = addressesIn(options.url, 'url');
  // A text without an address still gets a check, which refuses it with an error for a person.
  return (addresses.length === 0 ? [options.url] : addresses).map(
    (url) => () => checkMqtt({ ...options, url }, filters),
  );
}

/**
 * Connects to the broker and subscribes to the filters, without changing anything. Resolves with what it found, for a person. Without
 * filters the connection only sends commands. It does not join the shared group, since a member takes messages away from the others.
 * Rejects with an error for a person, and with what `filtersToTry` throws.
 */
export async function checkMqtt(broker: MqttOptions, filtersToTry: () => readonly string[]): Promise<string> {
  // With the client id of the running manager this would take over its session.
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

/** Removes the login from a URL, since the options have it. */
function withoutLogin(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
