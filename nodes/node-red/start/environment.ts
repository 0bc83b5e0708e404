import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { LookUpSecret } from '../../manager/jobs/definition/secrets.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { type OpenIdSettings, readOpenIdSettings } from '../login/openid-settings.js';
import {
  choiceIn,
  isJobSecret,
  jobSecretsIn,
  numberIn,
  SECRET_VARIABLES,
  secretIn,
  textIn,
  urlIn,
} from '../runtime/variables.js';
import { type BrokerEnvironment, readBrokerEnvironment } from '../server/broker-environment.js';
import { withTpedmConfig } from './tpedm-config.js';

/** Names of the bundled flows. Their files are flows/NAME.json. */
export const BUNDLED_FLOWS = ['device-manager', 'intake-worker'] as const;
export type BundledFlowName = (typeof BUNDLED_FLOWS)[number];

/** The settings of a start from the environment, with the defaults filled in. */
export interface Environment {
  port: number;
  host: string;
  mqttPort: number;
  /** Absolute path of the data folder. */
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
  /** Also valid while the webhook secret is being changed. */
  previousWebhookSecret: string | undefined;
  metricsToken: string | undefined;
  /** The secrets that jobs name: TPE_JOB_SECRET_NAME, or files. */
  jobSecrets: LookUpSecret;
  /** TPE_REPO_URL, TPE_REPO_CERT and TPE_REPO_KEY as far as they are set. The configuration of TPEDM can replace them. */
  repository: Record<string, string>;
  /** Text about the values from TPEDM's configuration; null if there is no such file. */
  tpedmNotice: string | null;
  /** The proxies that are trusted to report the address of their callers and TLS: addresses, subnets, or names of Express. */
  trustProxy: string[] | undefined;
  /** The URL at which browsers reach Node-RED through a proxy: `https://host/plant1`. */
  publicUrl: URL | undefined;
  /** Settings of OpenID Connect; null if people sign in only with passwords. */
  openId: OpenIdSettings | null;
}

/** Express's names for ranges of addresses. */
const RANGES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Reads the settings of a start. Throws INVALID_INPUT with the variable and the values that it takes. */
export function readEnvironment(given: NodeJS.ProcessEnv): Environment {
  const { variables, notice } = withTpedmConfig(given);
  const broker = readBrokerEnvironment(variables);
  return {
    port: numberIn(variables, 'PORT', 1880, 1, 65_535),
    host: textIn(variables, 'TPE_HOST') ?? '127.0.0.1',
    mqttPort: numberIn(variables, 'TPE_MQTT_PORT', 1883, 1, 65_535),
    dataDir: resolve(textIn(variables, 'TPE_DATA_DIR') ?? 'data'),
    // A broker of the user already has real gateways.
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
    jobSecrets: jobSecretsIn(variables),
    repository: repositoryIn(variables),
    tpedmNotice: notice,
    trustProxy: proxiesIn(variables, 'TPE_TRUST_PROXY'),
    publicUrl: publicUrlIn(variables),
    openId: readOpenIdSettings(variables),
  };
}

/**
 * Writes the defaults into `variables`, so that `${TPE_MQTT_PORT}` and others have a value in flows. Removes the secrets, because flows and
 * the programs that they start do not need them; tpe-server gets them from settings.js. The system still shows the environment with which
 * the process was started (/proc/self/environ). To avoid that, give secrets as files.
 */
export function shareWithFlows(environment: Environment, variables: NodeJS.ProcessEnv): void {
  variables.PORT = String(environment.port);
  variables.TPE_HOST = environment.host;
  variables.TPE_MQTT_PORT = String(environment.mqttPort);
  variables.TPE_DATA_DIR = environment.dataDir;
  // Tells http-in nodes below /api that settings.js admits nobody without a token.
  variables.TPE_REST_GUARDED = 'true';
  variables.TPE_SIMULATED_GATEWAYS = String(environment.simulatedGateways);
  Object.assign(variables, environment.repository);
  const ofJobs = Object.keys(variables).filter(isJobSecret);
  for (const name of [...SECRET_VARIABLES, ...ofJobs]) delete variables[name];
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
