import type { NodeAPI } from 'node-red';
import type { DeviceManager } from '../../manager/device-manager.js';
import type { LookUpSecret } from '../../manager/jobs/definition/secrets.js';
import type { FlowNews } from '../../manager/shared/flow-news.js';
import { type RestAccess, tokenAccess } from '../login/rest-access.js';
import { jobSecretsIn, type SecretVariable, secretIn } from '../runtime/variables.js';
import { type BrokerEnvironment, readBrokerEnvironment } from './broker-environment.js';
import type { FrontSettings } from './front-settings.js';
import { type RepositoryEnvironment, readRepositoryEnvironment } from './repository-environment.js';
import { secretCheck } from './webhook-secret.js';

/** The settings that tpe-server receives from the start of Node-RED, including secrets. */
export interface ServerSettings {
  /** The value of DATABASE_URL. */
  databaseUrl: string | undefined;
  /** The broker settings of the environment. Throws INVALID_INPUT with the variable that is wrong. */
  broker(): BrokerEnvironment;
  /** The repository settings of the environment. The URL may contain a login. */
  repository(): RepositoryEnvironment;
  /** The secrets that jobs name. */
  jobSecrets: LookUpSecret;
  /** Whether a token is the webhook secret. Null if no secret is set. */
  isWebhookSecret: ((token: string) => boolean) | null;
  /** Whether a token is the previous webhook secret, which is valid while it is set: EMQX sends both during a change. Null if not set. */
  isPreviousWebhookSecret: ((token: string) => boolean) | null;
  /** Whether a token gives access to the metrics. Null if nobody has access. */
  isMetricsToken: ((token: string) => boolean) | null;
  /** Decides who can call REST. */
  restAccess: RestAccess;
  /** Lets the people of an open manager sign in until the returned function is called. Missing without the login of this pack. */
  attachPeople?(manager: DeviceManager): () => void;
  /** For the guard in front of the HTTP server. Missing if Node-RED runs with other settings. */
  front?: FrontSettings;
  /** The flow in the data folder. Missing if Node-RED runs with other settings, because it then has its own flow. */
  flow?: BundledFlow;
}

/** The bundled flow in the data folder; node-red/start creates it. */
export interface BundledFlow {
  /**
   * Replaces an older bundled flow that nobody has changed by the one of this pack, and keeps a copy of the old file. Must be called before
   * Node-RED loads its flows. Never throws: a failure is logged, and Node-RED starts with the old flow.
   */
  update(settings: LoadedSettings, log: Log): void;
  /** What the running flow lacks of the bundled flow; null if it lacks nothing, or if that is not known yet. */
  news(): FlowNews | null;
}

/** The part of Node-RED's settings that is used here. The user's settings.js and the command line may have changed those of this pack. */
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
 * Returns the settings of tpe-server. The settings.js of this pack removes the secrets from the environment, and provides them with the
 * function in its setting `tpedm`. With other settings, they are read from the environment or from files named there; a member then throws
 * INVALID_INPUT if its file cannot be read.
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

/** Created only once, because it counts wrong tokens. */
let ofOthers: ServerSettings | undefined;

/** Reads each value when it is needed, so that a missing file is only an error for the feature that needs it. */
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
    jobSecrets: (name) => jobSecretsIn(variables)(name),
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
