import type { Accounts } from '../../manager/accounts/accounts.js';
import { ADMIN } from '../../manager/accounts/administrator.js';
import { addressesIn } from '../../manager/broker/addresses.js';
import type { Environment } from './environment.js';
import type { FlowServer } from './flow-servers.js';

const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);
const THIS_MACHINE = /^(127\.|::1$|localhost$)/;

/** The text on the console after a start: addresses, warnings, and secrets if this start has generated them. */
export function greeting(
  environment: Environment,
  servers: readonly FlowServer[],
  generated: Accounts['generated'],
): string {
  return [...addresses(environment, servers), ...secrets(generated), ...warnings(environment)].join('\n');
}

function addresses(environment: Environment, servers: readonly FlowServer[]): string[] {
  const { host, port, dataDir, flow, hasEditor, tpedmNotice } = environment;
  const name = EVERY_ADDRESS.has(host) || THIS_MACHINE.test(host) ? 'localhost' : host;
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
  const isWorker = flow === 'intake-worker';
  return [
    '',
    '  TPE device manager',
    '',
    ...(isWorker ? [] : [`  Dashboard   ${url}/dashboard`]),
    ...(hasEditor ? [`  Editor      ${url}/`] : []),
    `  REST        ${url}/api/${isWorker ? 'worker' : 'device'}`,
    ...brokerLines(environment, name),
    ...servers.flatMap(({ webhookPath }) =>
      webhookPath === null ? [] : [`  Webhooks    ${url}${webhookPath}`],
    ),
    `  Data        ${dataDir}`,
    ...(tpedmNotice === null ? [] : [`  TPEDM       ${tpedmNotice}`]),
    '',
  ];
}

function brokerLines({ broker, mqttPort }: Environment, name: string): string[] {
  if (broker.kind === 'embedded') return [`  MQTT        ${name}:${mqttPort}`];
  const { api, mqtt } = broker;
  return [
    ...(broker.kind === 'emqx' && api.url !== undefined ? [`  EMQX        ${withoutLogin(api.url)}`] : []),
    ...(mqtt.url === undefined ? [] : [`  MQTT        ${withoutLogin(mqtt.url)}`]),
  ];
}

/** Removes the login from URLs, because it may contain a password. */
function withoutLogin(text: string): string {
  const places = addressesIn(text, 'url').map((address) => new URL(address));
  return places.map(({ protocol, host }) => `${protocol}//${host}`).join(', ');
}

function secrets({ password, apiToken, webhookSecret }: Accounts['generated']): string[] {
  const lines = [
    ...(password === undefined ? [] : [`  User        ${ADMIN}`, `  Password    ${password}`]),
    ...(apiToken === undefined ? [] : [`  API token   ${apiToken}`]),
    ...(webhookSecret === undefined ? [] : [`  Webhooks    Authorization: Bearer ${webhookSecret}`]),
  ];
  if (lines.length === 0) return [];
  return ['  First start. Keep this, it is not shown again:', '', ...lines, ''];
}

function warnings({ host, trustProxy }: Environment): string[] {
  if (THIS_MACHINE.test(host) || trustProxy) return [];
  return [
    `  TPE_HOST=${host} lets other machines in, and without TLS they send passwords in clear text: put a proxy that`,
    '  ends TLS in front, or set https in settings.js, and give the TPE server a TLS port for the gateways.',
    '',
  ];
}
