import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Accounts, openAccounts } from '../../manager/accounts/accounts.js';
import type { OperationSet } from '../../manager/catalogue/operation-set.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { ownHosts } from '../front/origins.js';
import { publicAddress } from '../http/public-address.js';
import { holdRest } from '../http/rest-route.js';
import { holdWebhook } from '../http/webhook-route.js';
import { restAccess } from '../login/rest-access.js';
import { restRefusal } from '../login/rest-refusal.js';
import { cookieIn, sessionCookieName } from '../login/session-cookie.js';
import { callerReader, proxyTest } from '../runtime/caller.js';
import type { FrontSettings } from '../server/front-settings.js';
import { readRepositoryEnvironment } from '../server/repository-environment.js';
import type { ServerSettings } from '../server/settings.js';
import { secretCheck } from '../server/webhook-secret.js';
import { placeFlow } from './bundled-flow.js';
import { prepareDataFolder } from './data-folder.js';
import { type Environment, readEnvironment, shareWithFlows } from './environment.js';
import { serversIn } from './flow-servers.js';
import { greeting } from './greeting.js';
import { refuseTakenPorts, wantedPorts } from './ports.js';

const FLOW_FILE = 'flows.json';

export interface Start {
  environment: Environment;
  accounts: Accounts;
  /** Name of the flow file in the data folder. */
  flowFile: string;
  /** The catalogue of the manager that opened last; null before the first one opens. */
  catalogue(): OperationSet | null;
  /** The manager whose people sign in. Rejects with UNAVAILABLE while none is open. */
  manager(): Promise<DeviceManager>;
  /** The function in the setting `tpedm`, which tpe-server calls. */
  forServers(): ServerSettings;
}

/**
 * Prepares what Node-RED needs before it starts: environment, data folder, flow, ports and accounts. On an error it prints one line and
 * ends the process with code 1. `root` is the folder of the pack.
 */
export function prepareStart(root: string): Start {
  try {
    return prepared(root);
  } catch (error) {
    if (!(error instanceof TpeError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

function prepared(root: string): Start {
  const environment = readEnvironment(process.env);
  const { dataDir } = environment;
  const openToOthers = prepareDataFolder(dataDir);
  const file = join(dataDir, FLOW_FILE);
  const flow = placeFlow({ root, folder: dataDir, file, chosen: environment.flow });
  const servers = serversIn(flow.fileToBe(), environment.broker);
  refuseTakenPorts(wantedPorts(environment, servers));
  const paths = servers.flatMap(({ webhookPath }) => webhookPath ?? []);
  const accounts = openAccounts({
    folder: dataDir,
    adminPassword: environment.adminPassword,
    apiToken: environment.apiToken,
    webhookSecret: environment.webhookSecret,
    takesWebhooks: paths.length > 0,
    awaitsPeople: servers.length > 0,
  });
  // Node-RED stores its own tokens in this file in clear text. They are not needed, because the editor uses the sessions of this pack.
  rmSync(join(dataDir, '.sessions.json'), { force: true });
  const repository = readRepositoryEnvironment({ ...process.env, ...environment.repository });
  shareWithFlows(environment, process.env);
  console.log(greeting(environment, servers, accounts.generated));
  if (openToOthers !== null) console.warn(`  ${openToOthers}\n`);
  // Until the flows run, calls get 503, so that callers try again.
  for (const path of paths) holdWebhook(path);
  for (const { restPath } of servers) if (restPath !== null) holdRest(restPath);
  const isMetricsToken = environment.metricsToken
    ? secretCheck(environment.metricsToken, 'TPE_METRICS_TOKEN')
    : null;
  const isPreviousWebhookSecret = environment.previousWebhookSecret
    ? secretCheck(environment.previousWebhookSecret, 'TPE_WEBHOOK_SECRET_PREVIOUS')
    : null;
  const front = frontSettings(environment, accounts);
  let catalogue: OperationSet | null = null;
  let open: DeviceManager | null = null;
  const forServers = () => ({
    databaseUrl: environment.databaseUrl,
    broker: () => environment.broker,
    repository: () => repository,
    jobSecrets: environment.jobSecrets,
    isWebhookSecret: accounts.isWebhookSecret,
    isPreviousWebhookSecret,
    isMetricsToken: (token: string) => accounts.isApiToken(token) || (isMetricsToken?.(token) ?? false),
    attachPeople(manager: DeviceManager) {
      catalogue = manager.catalogue;
      open = manager;
      const release = accounts.attach(manager);
      return () => {
        release();
        if (open === manager) open = null;
      };
    },
    front,
    restAccess: restAccess(front.restRefusal),
    flow,
  });
  const manager = async () => {
    if (open === null) throw new TpeError('UNAVAILABLE', 'The device manager is not open.');
    return open;
  };
  return { environment, accounts, flowFile: FLOW_FILE, catalogue: () => catalogue, manager, forServers };
}

function frontSettings(
  { port, host, trustProxy, publicUrl }: Environment,
  accounts: Accounts,
): FrontSettings {
  const cookieName = sessionCookieName(port);
  return {
    addressOf: callerReader(trustProxy),
    isProxy: proxyTest(trustProxy),
    isKnownToken(token) {
      const caller = accounts.callerWith(token);
      return caller !== null && caller !== 'not yet' && caller.scope === 'rest';
    },
    isSignedIn: (headers) => accounts.signedIn(cookieIn(headers, cookieName), 'dashboard') !== null,
    isOwnPage: publicAddress(publicUrl, proxyTest(trustProxy)).isOwnPage,
    isOwnHost: ownHosts(host, trustProxy !== undefined, publicUrl),
    restRefusal: restRefusal(accounts),
  };
}
