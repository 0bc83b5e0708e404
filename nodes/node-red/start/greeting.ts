import { type Accounts, ADMIN } from '../../manager/accounts/accounts.js';
import type { Environment } from './environment.js';

const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);
const THIS_MACHINE = /^(127\.|::1$|localhost$)/;

/** What the person who starts it reads; secrets only at the start that made them. */
export function greeting(environment: Environment, generated: Accounts['generated']): string {
  return [...addresses(environment), ...secrets(generated), ...warnings(environment)].join('\n');
}

function addresses({ host, port, mqttPort, dataDir }: Environment): string[] {
  const name = EVERY_ADDRESS.has(host) || THIS_MACHINE.test(host) ? 'localhost' : host;
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
  return [
    '',
    '  TPE device manager',
    '',
    `  Dashboard   ${url}/dashboard`,
    `  Editor      ${url}/`,
    `  REST        ${url}/api/device`,
    `  MQTT        ${name}:${mqttPort}`,
    `  Data        ${dataDir}`,
    '',
  ];
}

function secrets({ password, apiToken }: Accounts['generated']): string[] {
  if (password === undefined && apiToken === undefined) return [];
  return [
    '  First start. Keep this, it is not shown again:',
    '',
    ...(password === undefined ? [] : [`  User        ${ADMIN}`, `  Password    ${password}`]),
    ...(apiToken === undefined ? [] : [`  API token   ${apiToken}`]),
    '',
  ];
}

function warnings({ host, trustProxy }: Environment): string[] {
  if (THIS_MACHINE.test(host) || trustProxy) return [];
  return [
    `  TPE_HOST=${host} lets other machines in, and without TLS they send passwords in clear text: put a proxy that`,
    '  ends TLS in front, or set https in settings.js, and give the TPE server a TLS port for the gateways.',
    '',
  ];
}
