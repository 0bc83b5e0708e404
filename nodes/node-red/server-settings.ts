import type { NodeAPI } from 'node-red';
import type { DeviceManager } from '../manager/device-manager.js';
import { type BrokerEnvironment, readBrokerEnvironment } from './broker-environment.js';
import type { FrontSettings } from './front/front-settings.js';
import { textIn } from './variables.js';
import { secretCheck } from './webhook-secret.js';

/** What tpe-server takes from where Node-RED was started, secrets among it. */
export interface ServerSettings {
  /** DATABASE_URL. */
  databaseUrl: string | undefined;
  /** Throws INVALID_INPUT naming the variable that is wrong. */
  broker(): BrokerEnvironment;
  /** Null when there is no secret. */
  isWebhookSecret: ((token: string) => boolean) | null;
  /** Whether somebody with this token may read the metrics. Null when nobody may. */
  isMetricsToken: ((token: string) => boolean) | null;
  /** Our own login takes the people of a manager that is open; other settings have none. The returned function ends that. */
  attachPeople?(manager: DeviceManager): () => void;
  /** For the guard in front of the server; a Node-RED with other settings has none. */
  front?: FrontSettings;
}

/**
 * Asks the setting `tpedm`, a function: our settings.js hands the secrets over that way, so that flows cannot read them.
 * A Node-RED with other settings has them in the environment.
 */
export function serverSettings(RED: NodeAPI): ServerSettings {
  const { tpedm } = RED.settings as { tpedm?: unknown };
  return isHandover(tpedm) ? tpedm() : settingsOf(process.env);
}

function isHandover(setting: unknown): setting is () => ServerSettings {
  return typeof setting === 'function';
}

function settingsOf(variables: NodeJS.ProcessEnv): ServerSettings {
  const secret = textIn(variables, 'TPE_WEBHOOK_SECRET');
  const metricsToken = textIn(variables, 'TPE_METRICS_TOKEN');
  return {
    databaseUrl: textIn(variables, 'DATABASE_URL'),
    broker: () => readBrokerEnvironment(variables),
    isWebhookSecret: secret === undefined ? null : secretCheck(secret),
    isMetricsToken: metricsToken === undefined ? null : secretCheck(metricsToken, 'TPE_METRICS_TOKEN'),
  };
}
