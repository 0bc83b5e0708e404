import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { closeCommsSockets } from '../front/comms-sockets.js';
import { noAdminCors } from '../front/origins.js';
import { jsonBody } from '../http/json-body.js';
import { publicAddress } from '../http/public-address.js';
import { apiTokenGuard } from '../login/api-token-guard.js';
import { type DashboardGuard, dashboardLogin } from '../login/dashboard-login.js';
import { editorLogin } from '../login/editor-login.js';
import { createOpenIdSignIn } from '../login/openid-sign-in.js';
import { restAudit } from '../login/rest-audit.js';
import { restCommandGuard } from '../login/rest-command-guard.js';
import { callerReader, proxyTest } from '../runtime/caller.js';
import type { ServerSettings } from '../server/settings.js';
import { prepareStart } from './start.js';

/** The folder of package.json, seen from where this file is compiled to. */
const PACK = join(__dirname, '../../../..');

/** Settings of Node-RED, by the names that Node-RED gives them. */
export interface DeviceManagerSettings {
  uiPort: number;
  uiHost: string;
  httpServerOptions?: { 'trust proxy': string[] };
  userDir: string;
  flowFile: string;
  flowFilePretty: boolean;
  credentialSecret: string;
  contextStorage: object;
  nodesDir: string[];
  /** Secrets that tpe-server needs and flows do not. */
  tpedm(): ServerSettings;
  adminAuth: object;
  dashboard: DashboardGuard;
  httpAdminRoot: string | false;
  httpAdminMiddleware: RequestHandler[];
  httpNodeMiddleware: RequestHandler[];
}

/**
 * All that the device manager needs of a settings.js, read from the environment. It prepares the start on the way: data folder, flow,
 * ports and accounts, and takes the secrets out of the environment. What is wrong is said in one line, and the process ends with 1.
 * Call it once, at the top of the settings: with a second call the pages and the sockets would be guarded by different people.
 */
export function deviceManagerSettings(): DeviceManagerSettings {
  const { environment, accounts, flowFile, catalogue, forServers } = prepareStart(PACK);
  const { port, trustProxy } = environment;
  const rest = [apiTokenGuard(accounts), jsonBody as RequestHandler];
  const editor = editorLogin(accounts, { closeAll: closeCommsSockets });
  return {
    uiPort: port,
    uiHost: environment.host,
    // Behind a proxy each caller would have the proxy's address, and all share one number of attempts to sign in.
    ...(trustProxy && { httpServerOptions: { 'trust proxy': trustProxy } }),
    userDir: environment.dataDir,
    flowFile,
    flowFilePretty: true,
    credentialSecret: accounts.credentialSecret,
    contextStorage: { default: { module: 'localfilesystem' } },
    nodesDir: [PACK],
    tpedm: forServers,
    // The same people for the editor, the dashboard and http-in nodes below /api, which have a token of their own besides.
    adminAuth: editor.adminAuth,
    dashboard: dashboardLogin(
      accounts,
      port,
      environment.openId && createOpenIdSignIn(environment.openId, accounts),
      callerReader(trustProxy),
      publicAddress(environment.publicUrl, proxyTest(trustProxy)),
    ),
    httpAdminRoot: environment.hasEditor ? '/' : false,
    httpAdminMiddleware: [noAdminCors, editor.middleware, ...rest],
    httpNodeMiddleware: [...rest, restCommandGuard(accounts, catalogue), restAudit(accounts)],
  };
}
