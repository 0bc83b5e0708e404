import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { type OpenIdSettings, readOpenIdSettings } from '../login/openid-settings.js';
import { choiceIn, numberIn, SECRET_VARIABLES, secretIn, textIn, urlIn } from '../runtime/variables.js';
import { type BrokerEnvironment, readBrokerEnvironment } from '../server/broker-environment.js';
import { withTpedmConfig } from './tpedm-config.js';

/** The flows that come with the pack: flows/NAME.json. */
export const BUNDLED_FLOWS = ['device-manager', 'intake-worker'] as const;
export type BundledFlowName = (typeof BUNDLED_FLOWS)[number];

/** What the environment says of a start, with the defaults filled in. */
export interface Environment {
  port: number;
  host: string;
  mqttPort: number;
  /** Absolute. */
  dataDir: string;
  simulatedGateways: number;
  adminPassword: string | undefined;
  apiToken: string | undefined;
  /** The bundled flow that a new data folder gets. */
  flow: BundledFlowName;
  hasEditor: boolean;
  databaseUrl: string | undefined;
  broker: BrokerEnvironment;
  webhookSecret: string | undefined;
  /** Good beside it, while it is changed. */
  previousWebhookSecret: string | undefined;
  metricsToken: string | undefined;
  /** TPE_REPO_URL, TPE_REPO_CERT and TPE_REPO_KEY, where TPEDM's own configuration stands in for them too. */
  repository: Record<string, string>;
  /** What was taken from TPEDM's own configuration; null where there is none. */
  tpedmNotice: string | null;
  /** The proxies whose word on their callers' address and on TLS is taken: addresses, subnets, or Express's names. */
  trustProxy: string[] | undefined;
  /** How browsers reach Node-RED where a proxy stands before it: `https://host/plant1`. */
  publicUrl: URL | undefined;
  /** Null: people sign in with passwords alone. */
  openId: OpenIdSettings | null;
}

/** What Express calls ranges of addresses. */
const RANGES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** INVALID_INPUT names the variable and what it may be. */
export function readEnvironment(given: NodeJS.ProcessEnv): Environment {
  const { variables, notice } = withTpedmConfig(given);
  const broker = readBrokerEnvironment(variables);
  return {
    port: numberIn(variables, 'PORT', 1880, 1, 65_535),
    host: textIn(variables, 'TPE_HOST') ?? '127.0.0.1',
    mqttPort: numberIn(variables, 'TPE_MQTT_PORT', 1883, 1, 65_535),
    dataDir: resolve(textIn(variables, 'TPE_DATA_DIR') ?? 'data'),
    // A broker of yours has gateways of yours.
    simulatedGateways: numberIn(
      variables,
      'TPE_SIMULATED_GATEWAYS',
      broker.kind === 'embedded' ? 12 : 0,
      0,
      10_000,
    ),
    adminPassword: secretIn(variables, 'TPE_ADMIN_PASSWORD'),
    apiToken: secretIn(variables, 'TPE_API_TOKEN'),
    flow: choiceIn(variables, 'TPE_FLOW', 'device-manager', BUNDLED_FLOWS),
    hasEditor: choiceIn(variables, 'TPE_EDITOR', 'on', ['on', 'off']) === 'on',
    databaseUrl: secretIn(variables, 'DATABASE_URL'),
    broker,
    webhookSecret: secretIn(variables, 'TPE_WEBHOOK_SECRET'),
    previousWebhookSecret: secretIn(variables, 'TPE_WEBHOOK_SECRET_PREVIOUS'),
    metricsToken: secretIn(variables, 'TPE_METRICS_TOKEN'),
    repository: repositoryIn(variables),
    tpedmNotice: notice,
    trustProxy: proxiesIn(variables, 'TPE_TRUST_PROXY'),
    publicUrl: publicUrlIn(variables),
    openId: readOpenIdSettings(variables),
  };
}

/**
 * Writes the defaults back, so that `${TPE_MQTT_PORT}` and its like have a value in flows, and takes the secrets out:
 * flows and the programs that they start have no use for them. What tpe-server needs of them it gets from settings.js.
 * The system goes on showing what a process was started with (/proc/self/environ): whom that concerns gives files.
 */
export function shareWithFlows(environment: Environment, variables: NodeJS.ProcessEnv): void {
  variables.PORT = String(environment.port);
  variables.TPE_HOST = environment.host;
  variables.TPE_MQTT_PORT = String(environment.mqttPort);
  variables.TPE_DATA_DIR = environment.dataDir;
  // For http-in nodes below /api: settings.js lets nobody to them without a token.
  variables.TPE_REST_GUARDED = 'true';
  variables.TPE_SIMULATED_GATEWAYS = String(environment.simulatedGateways);
  Object.assign(variables, environment.repository);
  for (const name of SECRET_VARIABLES) delete variables[name];
  for (const name of ['TPE_MQTT_URL', 'EMQX_API_URL', 'TPE_REPO_URL']) {
    if (hasLogin(variables[name])) delete variables[name];
  }
}

function publicUrlIn(variables: NodeJS.ProcessEnv): URL | undefined {
  const text = urlIn(variables, 'TPE_PUBLIC_URL', ['http:', 'https:']);
  return text === undefined ? undefined : new URL(text);
}

function repositoryIn(variables: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['TPE_REPO_URL', 'TPE_REPO_CERT', 'TPE_REPO_KEY'];
  const entries = names.map((name) => [name, textIn(variables, name)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function hasLogin(text = ''): boolean {
  return URL.canParse(text) && new URL(text).password !== '';
}

function proxiesIn(variables: NodeJS.ProcessEnv, name: string): string[] | undefined {
  const text = textIn(variables, name);
  const proxies = text?.split(',').map((proxy) => proxy.trim());
  if (!proxies || proxies.every((proxy) => RANGES.has(proxy) || isAddress(proxy))) return proxies;
  throw new TpeError(
    'INVALID_INPUT',
    `${name} is "${text}": give addresses such as 10.0.0.5, subnets such as 10.0.0.0/24, or loopback, linklocal, uniquelocal, with commas between them.`,
  );
}

function isAddress(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return longest > 0 && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && +bits <= longest));
}
