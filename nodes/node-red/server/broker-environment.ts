import { PAYLOAD_READINGS, type PayloadReading } from '../../manager/broker/options.js';
import { DEFAULT_WEBHOOK_PATH, isWebhookPath, WEBHOOK_PATH_RULE } from '../fields/webhook-path.js';
import { choiceIn, fileIn, secretIn, textIn, urlsIn, wrong } from '../runtime/variables.js';

/** The broker settings of the environment, with the defaults filled in. */
export interface BrokerEnvironment {
  kind: 'embedded' | 'mqtt' | 'emqx';
  mqtt: {
    url: string | undefined;
    username: string | undefined;
    password: string | undefined;
    caFile: string | undefined;
    sharedGroup: string | undefined;
  };
  /** The REST API of EMQX. */
  api: {
    url: string | undefined;
    key: string | undefined;
    secret: string | undefined;
    caFile: string | undefined;
  };
  events: 'webhook' | 'mqtt';
  webhookPath: string;
  payloads: PayloadReading;
}

const MQTT_PROTOCOLS = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];
const GROUP = /^[\w.-]{1,64}$/;

/** Reads the broker settings. Throws INVALID_INPUT with the variable that is wrong or missing, and the values that it takes. */
export function readBrokerEnvironment(variables: NodeJS.ProcessEnv): BrokerEnvironment {
  const environment: BrokerEnvironment = {
    kind: choiceIn(variables, 'TPE_BROKER', 'embedded', ['embedded', 'mqtt', 'emqx']),
    mqtt: {
      url: urlsIn(variables, 'TPE_MQTT_URL', MQTT_PROTOCOLS),
      username: textIn(variables, 'TPE_MQTT_USERNAME'),
      password: secretIn(variables, 'TPE_MQTT_PASSWORD'),
      caFile: fileIn(variables, 'TPE_MQTT_CA'),
      sharedGroup: groupIn(variables),
    },
    api: {
      url: urlsIn(variables, 'EMQX_API_URL', ['http:', 'https:']),
      key: secretIn(variables, 'EMQX_API_KEY'),
      secret: secretIn(variables, 'EMQX_API_SECRET'),
      caFile: fileIn(variables, 'EMQX_API_CA'),
    },
    events: choiceIn(variables, 'TPE_EVENTS', 'webhook', ['webhook', 'mqtt']),
    webhookPath: pathIn(variables),
    payloads: choiceIn(variables, 'TPE_WEBHOOK_PAYLOADS', 'auto', PAYLOAD_READINGS),
  };
  refuseMissing(environment);
  return environment;
}

function refuseMissing({ kind, events, mqtt, api }: BrokerEnvironment): void {
  const needed: Record<string, string | undefined> = {
    ...(kind === 'emqx' && {
      EMQX_API_URL: api.url,
      EMQX_API_KEY: api.key,
      EMQX_API_SECRET: api.secret,
    }),
    ...((kind === 'mqtt' || (kind === 'emqx' && events === 'mqtt')) && { TPE_MQTT_URL: mqtt.url }),
  };
  for (const [name, value] of Object.entries(needed)) {
    if (value === undefined) throw wrong(name, `is missing: TPE_BROKER=${kind} needs it`);
  }
}

function groupIn(variables: NodeJS.ProcessEnv): string | undefined {
  const group = textIn(variables, 'TPE_MQTT_GROUP');
  if (group === undefined || GROUP.test(group)) return group;
  throw wrong(
    'TPE_MQTT_GROUP',
    `is "${group}": give up to 64 letters, digits, dots, hyphens and underscores`,
  );
}

function pathIn(variables: NodeJS.ProcessEnv): string {
  const path = textIn(variables, 'TPE_WEBHOOK_PATH') ?? DEFAULT_WEBHOOK_PATH;
  if (isWebhookPath(path)) return path;
  throw wrong('TPE_WEBHOOK_PATH', `is "${path}": ${WEBHOOK_PATH_RULE}`);
}
