import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { mqttChecks } from '../mqtt/check.js';
import { CLIENT_EVENT_FILTERS } from '../mqtt/sys-events.js';
import type { EmqxOptions } from '../options.js';
import { detectEmqx } from './detect.js';
import { checkEvents } from './emqx-broker.js';
import { createEmqxHttp } from './http-client.js';
import { type EmqxTarget, readEmqxTargets } from './target.js';

/**
 * Creates the checks of EMQX options: the REST API, and the MQTT connection if there is one. They change nothing. Each resolves with what
 * it found, or rejects with an error for a person. `filters` returns the topics that gateways publish on.
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
 * Checks the REST API at each address without changing anything. Resolves with the version and the message that the key is accepted and
 * clients can be listed. Rejects with INVALID_INPUT or UNAVAILABLE.
 */
async function checkEmqxApi(options: EmqxOptions): Promise<string> {
  const found = await Promise.allSettled(readEmqxTargets(options).map(checkOne));
  const texts = found.map((one) => (one.status === 'fulfilled' ? one.value : messageOf(one.reason)));
  // One address that fails fails the check, though the others would be enough now: this one may be needed later.
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
