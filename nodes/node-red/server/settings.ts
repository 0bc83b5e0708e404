import type { NodeAPI } from 'node-red';
import type { DeviceManager } from '../../manager/device-manager.js';
import type { FlowNews } from '../../manager/shared/flow-news.js';
import { type RestAccess, tokenAccess } from '../login/rest-access.js';
import { type SecretVariable, secretIn } from '../runtime/variables.js';
import { type BrokerEnvironment, readBrokerEnvironment } from './broker-environment.js';
import type { FrontSettings } from './front-settings.js';
import { type RepositoryEnvironment, readRepositoryEnvironment } from './repository-environment.js';
import { secretCheck } from './webhook-secret.js';

/** The settings that tpe-server takes from the start of Node-RED, secrets included. */
export interface ServerSettings {
  /** DATABASE_URL. */
  databaseUrl: string | undefined;
  /** Throws INVALID_INPUT naming the variable that is wrong. */
  broker(): BrokerEnvironment;
  /** TPE_REPO_URL and what goes with it; the URL may carry a login. */
  repository(): RepositoryEnvironment;
  /** Null when there is no secret. */
  isWebhookSecret: ((token: string) => boolean) | null;
  /** The secret before it, which is good as long as it is given: while one is changed, EMQX sends both. Null without one. */
  isPreviousWebhookSecret: ((token: string) => boolean) | null;
  /** Whether somebody with this token may read the metrics. Null when nobody may. */
  isMetricsToken: ((token: string) => boolean) | null;
  /** Who calls REST. */
  restAccess: RestAccess;
  /** Our own login takes the people of a manager that is open; other settings have none. The returned function ends that. */
  attachPeople?(manager: DeviceManager): () => void;
  /** For the guard in front of the server; a Node-RED with other settings has none. */
  front?: FrontSettings;
  /** The flow in our data folder; a Node-RED with other settings has one of its own. */
  flow?: BundledFlow;
}

/** See node-red/start, where it is made. */
export interface BundledFlow {
  /**
   * Puts the newer bundled flow in place of an older one that nobody has changed; keeps that beside it. To be called before Node-RED
   * loads its flows. Never throws: what cannot be done is told, and Node-RED starts with what is there.
   */
  update(settings: LoadedSettings, log: Log): void;
  /** What is new in the bundled flow and missing in the one that runs; null: nothing, or nobody knows yet. */
  news(): FlowNews | null;
}

/** What is used here of Node-RED's settings, ours with what the user's settings.js and the command line put in their place. */
export interface LoadedSettings {
  userDir?: string;
  flowFile?: string;
  readOnly?: boolean;
  editorTheme?: { projects?: { enabled?: boolean } };
}

interface Log {
  info(text: string): void;
  warn(text: string): void;
}

/**
 * Asks the setting `tpedm`, a function: our settings.js hands the secrets over that way, and takes them out of the
 * environment. A Node-RED with other settings has them there, or in the files that it names: then each member throws
 * INVALID_INPUT when its file cannot be read.
 */
export function serverSettings(RED: NodeAPI): ServerSettings {
  const { tpedm } = RED.settings as { tpedm?: unknown };
  if (isHandover(tpedm)) return tpedm();
  ofOthers ??= settingsOf(process.env);
  return ofOthers;
}

function isHandover(setting: unknown): setting is () => ServerSettings {
  return typeof setting === 'function';
}

/** Made once: it counts wrong tokens. */
let ofOthers: ServerSettings | undefined;

/** Each is read when it is asked for: a file that is missing is a fault of what needs it. */
function settingsOf(variables: NodeJS.ProcessEnv): ServerSettings {
  const checkOf = (name: SecretVariable, what?: string) => {
    const secret = secretIn(variables, name);
    return secret === undefined ? null : secretCheck(secret, what);
  };
  return {
    get databaseUrl() {
      return secretIn(variables, 'DATABASE_URL');
    },
    broker: () => readBrokerEnvironment(variables),
    repository: () => readRepositoryEnvironment(variables),
    get isWebhookSecret() {
      return checkOf('TPE_WEBHOOK_SECRET');
    },
    get isPreviousWebhookSecret() {
      return checkOf('TPE_WEBHOOK_SECRET_PREVIOUS', 'TPE_WEBHOOK_SECRET_PREVIOUS');
    },
    restAccess: tokenAccess(() => checkOf('TPE_API_TOKEN', 'TPE_API_TOKEN')),
    get isMetricsToken() {
      return checkOf('TPE_METRICS_TOKEN', 'TPE_METRICS_TOKEN');
    },
  };
}
