import { join, resolve } from 'node:path';
import { addressesIn } from '../../manager/broker/addresses.js';
import type { ClientTls } from '../../manager/broker/client-tls.js';
import type {
  BrokerOptions,
  EmbeddedOptions,
  EmqxOptions,
  MqttOptions,
} from '../../manager/broker/options.js';
import { PAYLOAD_READINGS } from '../../manager/broker/options.js';
import type { DatabaseOptions } from '../../manager/database/options.js';
import type { DeviceManagerOptions } from '../../manager/device-manager.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isBlank } from '../fields/blank.js';
import { BROKERS, EVENTS } from '../fields/choices.js';
import type { AccessConfig } from '../fields/dashboard-access.js';
import { restPathOf } from '../fields/rest-path.js';
import { filtersIn, SERVER_CREDENTIALS, SERVER_FIELDS, topicsOf } from '../fields/server-fields.js';
import { checkFields } from '../runtime/check-fields.js';
import type { BrokerEnvironment } from './broker-environment.js';
import { hostsIn, type RepositoryEnvironment, repositoryOf } from './repository-environment.js';

/** The fields of tpe-server as the editor stores them. All are text, and Node-RED has replaced `${X}` if X is set. */
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
  /** The id of a tls-config for the MQTT connection; `apiTls` is the one for EMQX's REST API. */
  tls?: string;
  apiTls?: string;
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
  /** `on` to serve REST. */
  rest?: string;
  restPath?: string;
}

export interface ServerCredentials {
  databaseUrl?: string;
  username?: string;
  password?: string;
  apiKey?: string;
  apiSecret?: string;
  webhookSecret?: string;
}

/** The values of blank fields. */
export interface ServerDefaults {
  dataFolder: string;
  /** The name of this instance in the records of commands. */
  instance: string;
  /** The value of DATABASE_URL. */
  databaseUrl: string | undefined;
  /** The TLS options of the tls-config with this id. Throws INVALID_INPUT. */
  tls(id: string | undefined, label: string): ClientTls | undefined;
  /** The broker settings of the environment. Throws INVALID_INPUT with the variable that is wrong. */
  broker(): BrokerEnvironment;
  /** The repository settings of the environment. */
  repository(): RepositoryEnvironment;
}

/** Builds the options of the manager, without its log. Throws INVALID_INPUT with the field and its fault. */
export function serverOptions(
  config: ServerConfig,
  credentials: ServerCredentials,
  defaults: ServerDefaults,
): Omit<DeviceManagerOptions, 'log'> {
  checkFields(TITLE, SERVER_FIELDS, { ...config });
  checkFields(TITLE, SERVER_CREDENTIALS, { ...config, ...credentials });
  return {
    database: databaseOptions(config, credentials, defaults),
    broker: brokerOptions(config, credentials, defaults),
    topics: { ...topicsOf({ ...config }), telemetry: filtersIn(text(config.telemetry) ?? '') },
    instance: text(config.instance) ?? defaults.instance,
    commandTimeoutMs: milliseconds(config.commandTimeout),
    queueForMs: milliseconds(config.queueFor),
    ...repositoryOptions(config, defaults),
  };
}

/** A repository for virtual gateways, so that a scan finds updates without a network. */
const VIRTUAL_PACKAGES = join(__dirname, '../../manager/gateway-simulator/packages');

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
  if (url === undefined) {
    throw fault(
      'registry',
      'PostgreSQL needs its URL, here or in DATABASE_URL: postgresql://user:password@host/name',
    );
  }
  return { kind: 'postgresql', url, caFile: text(config.databaseCa) };
}

const TITLE = 'TPE server';

/** The path that receives webhooks; null if the broker's events come another way. Throws as serverOptions does. */
export function webhookPath(config: ServerConfig, defaults: ServerDefaults): string | null {
  checkFields(TITLE, SERVER_FIELDS, { ...config });
  if (brokerKind(config, defaults) !== 'emqx' || eventsOf(config, defaults) !== 'webhook') return null;
  return ownText(config, config.webhookPath) ?? defaults.broker().webhookPath;
}

/** The path below which REST is served; null if it is not served. Throws INVALID_INPUT with the field and its fault. */
export function restPath(config: ServerConfig): string | null {
  checkFields(TITLE, SERVER_FIELDS, { ...config });
  return restPathOf({ ...config });
}

/** The secret for webhooks in the form; undefined if there is none. */
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

/** The kind of the broker. For "auto" it is that of TPE_BROKER. */
function brokerKind(config: ServerConfig, defaults: ServerDefaults): BrokerOptions['kind'] {
  const kind = choice(text(config.broker), BROKERS) ?? 'embedded';
  return kind === 'auto' ? defaults.broker().kind : kind;
}

/** The value of a field. For "auto" only the environment counts, so the values in hidden fields are ignored. */
function ownText(config: ServerConfig, value: unknown): string | undefined {
  return text(config.broker) === 'auto' ? undefined : text(value);
}

function embeddedOptions(config: ServerConfig): EmbeddedOptions {
  return {
    host: text(config.host),
    port: portIn(config.port),
    tls: tlsListener(config),
    webSocket: webSocketListener(config),
  };
}

/** Takes the URL and its login both from the form or both from the environment. Undefined if neither has a URL. */
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
      : securely(
          { ...mqtt, url: mqtt.url, sharedGroup: sharedGroup ?? mqtt.sharedGroup },
          defaults.tls(ownText(config, config.tls), 'TLS'),
        );
  }
  const tls = defaults.tls(ownText(config, config.tls), 'TLS');
  const mqtt = {
    url,
    username: text(credentials.username),
    password: text(credentials.password),
    caFile: text(config.brokerCa),
    sharedGroup,
  };
  return securely(mqtt, tls);
}

/** Adds the selected TLS configuration. Throws INVALID_INPUT if the URL does not use TLS, so that nothing is sent in clear text. */
function securely(mqtt: MqttOptions, tls: ClientTls | undefined): MqttOptions {
  if (tls === undefined) return mqtt;
  if (addressesIn(mqtt.url, 'MQTT URL').every((url) => /^(mqtts|wss):/i.test(url))) return { ...mqtt, tls };
  throw fault('MQTT URL', 'must begin with mqtts:// or wss://, because a TLS configuration is selected');
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
  const payloads = choice(ownText(config, config.payloads), PAYLOAD_READINGS);
  return {
    ...apiOptions(config, credentials, defaults),
    events,
    payloads: payloads ?? defaults.broker().payloads,
    mqtt,
  };
}

function eventsOf(config: ServerConfig, defaults: ServerDefaults): EmqxOptions['events'] {
  return choice(ownText(config, config.events), EVENTS) ?? defaults.broker().events;
}

function apiOptions(
  config: ServerConfig,
  credentials: ServerCredentials,
  defaults: ServerDefaults,
): Pick<EmqxOptions, 'apiUrl' | 'apiKey' | 'apiSecret' | 'caFile' | 'tls'> {
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
  if (key === undefined || secret === undefined) {
    throw fault('API key', 'EMQX needs an API key and its secret beside the URL of its REST API');
  }
  const tls = defaults.tls(ownText(config, config.apiTls), 'API TLS');
  if (tls !== undefined && !addressesIn(url, 'API URL').every((one) => /^https:/i.test(one)))
    throw fault('API URL', 'must begin with https://, because a TLS configuration is selected');
  return { apiUrl: url, apiKey: key, apiSecret: secret, caFile, ...(tls === undefined ? {} : { tls }) };
}

function tlsListener(config: ServerConfig): { port: number; certFile: string; keyFile: string } | undefined {
  const tlsPort = portIn(config.tlsPort);
  if (tlsPort === undefined) return undefined;
  const certFile = text(config.tlsCert);
  const keyFile = text(config.tlsKey);
  return certFile === undefined || keyFile === undefined ? undefined : { port: tlsPort, certFile, keyFile };
}

function webSocketListener(config: ServerConfig): { port: number } | undefined {
  const webSocketPort = portIn(config.webSocketPort);
  return webSocketPort === undefined ? undefined : { port: webSocketPort };
}

function text(value: unknown): string | undefined {
  return isBlank(value) ? undefined : String(value).trim();
}

/** Finds the choice in a field. The check of the fields has already refused unknown values. */
function choice<const Choice extends string>(
  given: string | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  return choices.find((each) => each === given);
}

function portIn(value: unknown): number | undefined {
  const given = text(value);
  return given === undefined ? undefined : Number(given);
}

function milliseconds(value: unknown): number | undefined {
  const given = text(value);
  return given === undefined ? undefined : Math.round(Number(given) * 1000);
}

function fault(field: string, what: string): TpeError {
  return new TpeError('INVALID_INPUT', `${TITLE}, ${field}: ${what}.`, { field });
}
