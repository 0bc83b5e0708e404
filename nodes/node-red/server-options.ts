import { join, resolve } from 'node:path';
import { addressesIn } from '../manager/broker/addresses.js';
import { DEFAULT_TOPICS, type TopicTemplates } from '../manager/broker/topics.js';
import type {
  BrokerOptions,
  DatabaseOptions,
  DeviceManagerOptions,
  EmbeddedOptions,
  EmqxOptions,
  MqttOptions,
} from '../manager/device-manager.js';
import { PAYLOAD_READINGS } from '../manager/intake/webhook-payload.js';
import { TpeError } from '../manager/tpe-error.js';
import type { BrokerEnvironment } from './broker-environment.js';
import type { AccessConfig } from './dashboard-access.js';
import { isBlank } from './override.js';
import { hostsIn, type RepositoryEnvironment, repositoryOf } from './repository-environment.js';
import { isWebhookPath, WEBHOOK_PATH_RULE } from './webhook-path.js';

/** The fields of tpe-server, as the editor stores them: all text, `${X}` already replaced where X is set. */
export interface ServerConfig extends AccessConfig {
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
  sharedGroup?: string;
  apiUrl?: string;
  apiCa?: string;
  events?: string;
  webhookPath?: string;
  payloads?: string;
  topics?: string;
  inputTopic?: string;
  outputTopic?: string;
  telemetry?: string;
  commandTimeout?: string;
  queueFor?: string;
  instance?: string;
  repoUrl?: string;
  repoFolder?: string;
  repoCert?: string;
  repoKey?: string;
  repoCa?: string;
  repoHosts?: string;
}

export interface ServerCredentials {
  databaseUrl?: string;
  username?: string;
  password?: string;
  apiKey?: string;
  apiSecret?: string;
  webhookSecret?: string;
}

/** What blank fields stand for. */
export interface ServerDefaults {
  /** The data folder. */
  dataFolder: string;
  /** The name in the record of a command. */
  instance: string;
  /** DATABASE_URL. */
  databaseUrl: string | undefined;
  /** TPE_BROKER and what goes with it; throws INVALID_INPUT naming the variable that is wrong. */
  broker(): BrokerEnvironment;
  /** TPE_REPO_URL and what goes with it. */
  repository(): RepositoryEnvironment;
}

/** The options of the manager, but for its log. Throws INVALID_INPUT naming the field and its fault. */
export function serverOptions(
  config: ServerConfig,
  credentials: ServerCredentials,
  defaults: ServerDefaults,
): Omit<DeviceManagerOptions, 'log'> {
  return {
    database: databaseOptions(config, credentials, defaults),
    broker: brokerOptions(config, credentials, defaults),
    topics: topicTemplates(config),
    instance: text(config.instance) ?? defaults.instance,
    commandTimeoutMs: seconds(config.commandTimeout, 'command timeout', 1, 3600),
    queueForMs: seconds(config.queueFor, 'queue time', 1, 7 * 24 * 3600),
    ...repositoryOptions(config, defaults),
  };
}

/** Comes with the virtual gateways, so that there is something to find without a network. */
const VIRTUAL_PACKAGES = join(__dirname, '../manager/gateway-simulator/packages');

function repositoryOptions(
  config: ServerConfig,
  defaults: ServerDefaults,
): Pick<DeviceManagerOptions, 'repository' | 'packageHosts'> {
  const environment = defaults.repository();
  const given = repositoryOf({
    url: text(config.repoUrl),
    folder: text(config.repoFolder),
    certFile: text(config.repoCert),
    keyFile: text(config.repoKey),
    caFile: text(config.repoCa),
  });
  const virtual = { kind: 'folder', folder: VIRTUAL_PACKAGES } as const;
  const isEmbedded = brokerKind(config, defaults) === 'embedded';
  return {
    repository: given ?? environment.repository ?? (isEmbedded ? virtual : undefined),
    packageHosts: [...hostsIn(text(config.repoHosts)), ...environment.packageHosts],
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

const BROKERS = ['embedded', 'mqtt', 'emqx'] as const;
const EVENTS = ['webhook', 'mqtt'] as const;

/** Where webhooks come in; null where the events of the broker come another way. Throws as serverOptions does. */
export function webhookPath(config: ServerConfig, defaults: ServerDefaults): string | null {
  if (brokerKind(config, defaults) !== 'emqx' || eventsOf(config, defaults) !== 'webhook') return null;
  const path = ownText(config, config.webhookPath) ?? defaults.broker().webhookPath;
  if (isWebhookPath(path)) return path;
  throw fault('webhook path', `"${path}" cannot be used: ${WEBHOOK_PATH_RULE}`);
}

/** The secret that the form gives webhooks; undefined where it gives none. */
export function webhookSecret(config: ServerConfig, credentials: ServerCredentials): string | undefined {
  return ownText(config, credentials.webhookSecret);
}

function brokerOptions(
  config: ServerConfig,
  credentials: ServerCredentials,
  defaults: ServerDefaults,
): BrokerOptions {
  const kind = brokerKind(config, defaults);
  if (kind === 'embedded') return { kind, ...embeddedOptions(config) };
  if (kind === 'emqx') return { kind, ...emqxOptions(config, credentials, defaults) };
  const mqtt = mqttOptions(config, credentials, defaults);
  if (mqtt) return { kind, ...mqtt };
  throw fault('broker', 'an MQTT broker needs its URL, here or in TPE_MQTT_URL: mqtt://host:1883');
}

/** "auto" is what TPE_BROKER says. */
function brokerKind(config: ServerConfig, defaults: ServerDefaults): (typeof BROKERS)[number] {
  const kind = text(config.broker);
  return kind === 'auto' ? defaults.broker().kind : (choice(kind, 'broker', BROKERS) ?? 'embedded');
}

/** A field of the form; "auto" goes by the environment alone, whatever stands in fields that it hides. */
function ownText(config: ServerConfig, value: unknown): string | undefined {
  return text(config.broker) === 'auto' ? undefined : text(value);
}

function embeddedOptions(config: ServerConfig): EmbeddedOptions {
  return {
    host: text(config.host),
    port: port(config.port, 'MQTT port'),
    tls: tlsListener(config),
    webSocket: webSocketListener(config),
  };
}

/** A URL and its login come from the same place: the form, or the environment. Undefined where neither has a URL. */
function mqttOptions(
  config: ServerConfig,
  credentials: ServerCredentials,
  defaults: ServerDefaults,
): MqttOptions | undefined {
  const url = ownText(config, config.url);
  const sharedGroup = ownText(config, config.sharedGroup);
  if (url === undefined) {
    const { mqtt } = defaults.broker();
    return mqtt.url === undefined
      ? undefined
      : { ...mqtt, url: mqtt.url, sharedGroup: sharedGroup ?? mqtt.sharedGroup };
  }
  return {
    url,
    username: text(credentials.username),
    password: text(credentials.password),
    caFile: text(config.brokerCa),
    sharedGroup,
  };
}

function emqxOptions(
  config: ServerConfig,
  credentials: ServerCredentials,
  defaults: ServerDefaults,
): EmqxOptions {
  const events = eventsOf(config, defaults);
  const mqtt = mqttOptions(config, credentials, defaults);
  if (events === 'mqtt' && mqtt === undefined) {
    throw fault(
      'events',
      'events by MQTT need the URL of the broker, here or in TPE_MQTT_URL: mqtt://host:1883',
    );
  }
  const payloads = choice(ownText(config, config.payloads), 'payloads', PAYLOAD_READINGS);
  return {
    ...apiOptions(config, credentials, defaults),
    events,
    payloads: payloads ?? defaults.broker().payloads,
    mqtt,
  };
}

function eventsOf(config: ServerConfig, defaults: ServerDefaults): EmqxOptions['events'] {
  return choice(ownText(config, config.events), 'events', EVENTS) ?? defaults.broker().events;
}

function apiOptions(
  config: ServerConfig,
  credentials: ServerCredentials,
  defaults: ServerDefaults,
): Pick<EmqxOptions, 'apiUrl' | 'apiKey' | 'apiSecret' | 'caFile'> {
  const own = ownText(config, config.apiUrl);
  const { url, key, secret, caFile } =
    own === undefined
      ? defaults.broker().api
      : {
          url: own,
          key: text(credentials.apiKey),
          secret: text(credentials.apiSecret),
          caFile: text(config.apiCa),
        };
  if (url === undefined) {
    throw fault('API URL', 'EMQX needs the URL of its REST API, here or in EMQX_API_URL: http://host:18083');
  }
  const isOne = (address: string) => /^https?:\/\/[^/]/i.test(address) && URL.canParse(address);
  if (!addressesIn(url, 'API URL').every(isOne)) {
    throw fault('API URL', 'must look like http://host:18083 (EMQX 5 and 6) or http://host:8081 (EMQX 4)');
  }
  if (key === undefined || secret === undefined) {
    throw fault('API key', 'EMQX needs an API key and its secret beside the URL of its REST API');
  }
  return { apiUrl: url, apiKey: key, apiSecret: secret, caFile };
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

function choice<const Choice extends string>(
  given: string | undefined,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const found = choices.find((each) => each === given);
  if (found === undefined && given !== undefined) throw fault(name, `"${given}" is not known`);
  return found;
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
