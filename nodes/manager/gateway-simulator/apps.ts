import type { GatewayIdentity } from './identity.js';
import type { Json } from './resource-templates.js';
import { type ApiAnswer, apiError } from './wire.js';

/** The application that holds the MQTT connection: without it, nobody reaches the gateway. */
export const CLOUD_APP = 'cloud';

const APPS = [
  ['device', 'Device', 'device', '2.3.0-4612'],
  ['cloud', 'Cloud Connectivity', 'cloud', '2.4.1-2796'],
  ['tagservice', 'Tag Service', 'intelligence', '1.5.0-168'],
  ['modbusmaster', 'Modbus Master', 'protocol', '3.14.0-278'],
  ['edge-web', 'Web', 'management', '1.40.42-6517'],
  ['function', 'Function', 'intelligence', '1.2.0-310'],
] as const;

/** The applications of a new gateway. */
export function appsOf({ modelName }: GatewayIdentity): Json[] {
  const arch = modelName.startsWith('AIG-501') ? 'amd64' : 'armhf';
  return APPS.map(([name, displayName, category, version]) => ({
    id: name,
    name,
    displayName,
    version,
    arch,
    category,
    attributes: ['installed', 'started'],
    availableVersions: [],
    desiredState: 'ready',
    state: 'ready',
    health: 'good',
    hardwares: [],
    imageSize: 61_130_240,
  }));
}

/**
 * Answers PUT `/apps/{name}/{action}`. `list` has the applications; `store` gets the changed list. An unknown application or
 * action is an answer with an error status.
 */
export function changeApp(
  list: readonly Json[],
  name: string,
  action: string,
  store: (list: Json[]) => void,
): ApiAnswer {
  const app = list.find((one) => one.name === name);
  if (app === undefined) return apiError(404, 'app not found');
  if (!['start', 'stop', 'restart', 'uninstall'].includes(action)) return apiError(400, 'unknown action');
  const isStopped = action === 'stop' || action === 'uninstall';
  const state = isStopped ? 'init' : 'ready';
  const next: Json = {
    ...app,
    state,
    desiredState: state,
    health: isStopped ? 'wait' : 'good',
    attributes: isStopped ? ['installed'] : ['installed', 'started'],
  };
  const others = list.filter((one) => one !== app);
  store(action === 'uninstall' ? others : list.map((one) => (one === app ? next : one)));
  return { status: 200, payload: { data: next } };
}
