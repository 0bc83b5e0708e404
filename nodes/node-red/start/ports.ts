import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { TpeError } from '../../manager/shared/tpe-error.js';
import type { Environment } from './environment.js';
import type { FlowServer } from './flow-servers.js';

/** A port on which this start will listen. */
export interface WantedPort {
  host: string;
  port: number;
  /** The name in errors: `The HTTP port`. */
  name: string;
  /** The environment variable that sets the port. */
  variable: string;
}

const FAULTS: Record<string, (wanted: WantedPort) => string> = {
  EADDRINUSE: ({ name, port, variable }) =>
    `${name} ${port} is taken by another program: end that, or set ${variable} to a free one.`,
  EACCES: ({ name, port, variable }) =>
    `${name} ${port} may not be used by this user: set ${variable} to one above 1023.`,
  EADDRNOTAVAIL: ({ host }) => `This machine has no address ${host}: correct TPE_HOST.`,
  ENOTFOUND: ({ host }) => `There is no host ${host}: correct TPE_HOST.`,
};

/** The HTTP port, and the MQTT port if a server in the flow opens it. */
export function wantedPorts(environment: Environment, servers: readonly FlowServer[]): WantedPort[] {
  const { host, port, mqttPort } = environment;
  const http = { host, port, name: 'The HTTP port', variable: 'PORT' };
  const server = servers.find(listensOnMqttPort);
  if (!server) return [http];
  const mqttHost = server.host === `\${TPE_HOST}` ? host : server.host || '127.0.0.1';
  return [http, { host: mqttHost, port: mqttPort, name: 'The MQTT port', variable: 'TPE_MQTT_PORT' }];
}

/** Tries to listen on all ports. Throws UNAVAILABLE with the first port that is not available, the reason, and what to do. */
export function refuseTakenPorts(wanted: WantedPort[]): void {
  const words = wanted.flatMap(({ host, port }) => [host, String(port)]);
  const { stdout } = spawnSync(process.execPath, [join(__dirname, 'port-probe.js'), ...words], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  const codes = (stdout ?? '').split('\n');
  for (const [index, each] of wanted.entries()) {
    const code = codes[index];
    if (!code) continue;
    const say = FAULTS[code] ?? (({ name, port }) => `${name} ${port} cannot be opened: ${code}.`);
    throw new TpeError('UNAVAILABLE', say(each));
  }
}

function listensOnMqttPort(server: FlowServer): boolean {
  return server.broker === 'embedded' && server.port === `\${TPE_MQTT_PORT}`;
}
