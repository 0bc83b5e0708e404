import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { mqttChecks } from '../mqtt/check.js';
import { CLIENT_EVENT_FILTERS } from '../mqtt/sys-events.js';
import type { EmqxOptions } from '../options.js';
import { detectEmqx } from './detect.js';
import { checkEvents } from './emqx-broker.js';
import { createEmqxHttp } from './http-client.js';
import { type EmqxTarget, readEmqxTargets } from './target.js';

/**
 * What there is to try for EMQX, and nothing is changed by it: its REST API, and its MQTT listener where that is used. Each check says
 * what it found, or rejects in words. `filters`: the topics that gateways publish on.
 */
export function emqxChecks(
  options: EmqxOptions,
  filters: () => readonly string[],
): (() => Promise<string>)[] {
  const { mqtt, events } = options;
  const api = async () => {
    checkEvents(options);
    return await checkEmqxApi(options);
  };
  if (!mqtt) return [api];
  const filtersToTry = events === 'mqtt' ? () => [...filters(), ...CLIENT_EVENT_FILTERS] : () => [];
  return [api, ...mqttChecks(mqtt, filtersToTry)];
}

/**
 * Tries the REST API of EMQX, changes nothing, and says what it found: the version, that the key is good, and that
 * clients can be listed. Rejects in words: INVALID_INPUT, UNAVAILABLE.
 */
async function checkEmqxApi(options: EmqxOptions): Promise<string> {
  const found = await Promise.allSettled(readEmqxTargets(options).map(checkOne));
  const texts = found.map((one) => (one.status === 'fulfilled' ? one.value : messageOf(one.reason)));
  // One that does not answer now is named, though the others would do: the next time it may be needed.
  const fault = found.find((one) => one.status === 'rejected');
  if (fault === undefined) return texts.join(' ');
  throw found.length === 1 ? fault.reason : new TpeError('UNAVAILABLE', texts.join(' '));
}

async function checkOne(target: EmqxTarget): Promise<string> {
  const http = createEmqxHttp(target, () => undefined);
  try {
    const api = await detectEmqx(http, target.named ?? 5);
    await api.listClients(1, null);
    return `${api.name} at ${target.place} accepts the API key and lists its clients.`;
  } finally {
    http.close();
  }
}
