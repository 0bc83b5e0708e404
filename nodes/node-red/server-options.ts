import { join, resolve } from 'node:path';
import { DEFAULT_TOPICS, type TopicTemplates } from '../manager/broker/topics.js';
import type { BrokerOptions, DatabaseOptions, DeviceManagerOptions } from '../manager/device-manager.js';
import { TpeError } from '../manager/tpe-error.js';
import { isBlank } from './override.js';

/** The fields of tpe-server, as the editor stores them: all text, `${X}` already replaced where X is set. */
export interface ServerConfig {
  registry?: string;
  dataFolder?: string;
  databaseCa?: string;
  broker?: string;
  host?: string;
  port?: string;
  tlsPort?: string;
  tlsCert?: string;
  tlsKey?: string;
  webSocketPort?: string;
  url?: string;
  brokerCa?: string;
  topics?: string;
  inputTopic?: string;
  outputTopic?: string;
  telemetry?: string;
  commandTimeout?: string;
  queueFor?: string;
  instance?: string;
}

export interface ServerCredentials {
  databaseUrl?: string;
  username?: string;
  password?: string;
}

/** What blank fields stand for. */
export interface ServerDefaults {
  /** The data folder. */
  dataFolder: string;
  /** The name in the record of a command. */
  instance: string;
  /** DATABASE_URL. */
  databaseUrl: string | undefined;
}

/** The options of the manager, but for its log. Throws INVALID_INPUT naming the field and its fault. */
export function serverOptions(
  config: ServerConfig,
  credentials: ServerCredentials,
  defaults: ServerDefaults,
): Omit<DeviceManagerOptions, 'log'> {
  return {
    database: databaseOptions(config, credentials, defaults),
    broker: brokerOptions(config, credentials),
    topics: topicTemplates(config),
    instance: text(config.instance) ?? defaults.instance,
    commandTimeoutMs: seconds(config.commandTimeout, 'command timeout', 1, 3600),
    queueForMs: seconds(config.queueFor, 'queue time', 1, 7 * 24 * 3600),
  };
}

function databaseOptions(
  config: ServerConfig,
  credentials: ServerCredentials,
  defaults: ServerDefaults,
): DatabaseOptions {
  const kind = text(config.registry) ?? 'embedded';
  const url = text(credentials.databaseUrl) ?? text(defaults.databaseUrl);
  if (kind === 'embedded' || (kind === 'auto' && url === undefined)) {
    return {
      kind: 'embedded',
      folder: join(resolve(text(config.dataFolder) ?? defaults.dataFolder), 'registry'),
    };
  }
  if (kind !== 'postgresql' && kind !== 'auto') throw fault('registry', `"${kind}" is not known`);
  if (url === undefined) {
    throw fault(
      'registry',
      'PostgreSQL needs its URL, here or in DATABASE_URL: postgresql://user:password@host/name',
    );
  }
  return { kind: 'postgresql', url, caFile: text(config.databaseCa) };
}

function brokerOptions(config: ServerConfig, credentials: ServerCredentials): BrokerOptions {
  const kind = text(config.broker) ?? 'embedded';
  if (kind === 'mqtt') {
    const url = text(config.url);
    if (url === undefined) throw fault('broker', 'an MQTT broker needs its URL: mqtt://host:1883');
    return {
      kind,
      url,
      username: text(credentials.username),
      password: text(credentials.password),
      caFile: text(config.brokerCa),
    };
  }
  if (kind !== 'embedded') throw fault('broker', `"${kind}" is not known`);
  return {
    kind,
    host: text(config.host),
    port: port(config.port, 'MQTT port'),
    tls: tlsListener(config),
    webSocket: webSocketListener(config),
  };
}

function tlsListener(config: ServerConfig): { port: number; certFile: string; keyFile: string } | undefined {
  const tlsPort = port(config.tlsPort, 'TLS port');
  if (tlsPort === undefined) return undefined;
  const certFile = text(config.tlsCert);
  const keyFile = text(config.tlsKey);
  if (!certFile || !keyFile) throw fault('TLS port', 'needs a certificate file and a key file beside it');
  return { port: tlsPort, certFile, keyFile };
}

function webSocketListener(config: ServerConfig): { port: number } | undefined {
  const webSocketPort = port(config.webSocketPort, 'WebSocket port');
  return webSocketPort === undefined ? undefined : { port: webSocketPort };
}

function topicTemplates(config: ServerConfig): TopicTemplates {
  const telemetry = (text(config.telemetry) ?? '')
    .split(/[\n,]/)
    .map((filter) => filter.trim())
    .filter((filter) => filter !== '');
  const profile = text(config.topics) ?? 'tpedm';
  if (profile === 'tpedm') return { ...DEFAULT_TOPICS, telemetry };
  if (profile === 'tpe')
    return { input: '/tpe/{clientid}/input', output: '/tpe/{clientid}/output', telemetry };
  if (profile !== 'custom') throw fault('topics', `"${profile}" is not known`);
  return {
    input: text(config.inputTopic) ?? DEFAULT_TOPICS.input,
    output: text(config.outputTopic) ?? DEFAULT_TOPICS.output,
    telemetry,
  };
}

function text(value: unknown): string | undefined {
  return isBlank(value) ? undefined : String(value).trim();
}

function port(value: unknown, name: string): number | undefined {
  const given = text(value);
  if (given === undefined) return undefined;
  const number = Number(given);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw fault(name, `"${given}" is no port: give 0 to 65535`);
}

function seconds(value: unknown, name: string, least: number, most: number): number | undefined {
  const given = text(value);
  if (given === undefined) return undefined;
  const number = Number(given);
  if (number >= least && number <= most) return Math.round(number * 1000);
  throw fault(name, `"${given}" is out of range: give ${least} to ${most} seconds`);
}

function fault(field: string, what: string): TpeError {
  return new TpeError('INVALID_INPUT', `TPE server, ${field}: ${what}.`, { field });
}
