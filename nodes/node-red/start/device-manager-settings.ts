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

/** The folder of package.json, relative to the compiled file. */
const PACK = join(__dirname, '../../../..');

/** Settings of Node-RED, with the names that Node-RED uses. */
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
  /** Provides tpe-server with its settings, including secrets that flows must not have. */
  tpedm(): ServerSettings;
  adminAuth: object;
  dashboard: DashboardGuard;
  httpAdminRoot: string | false;
  httpAdminMiddleware: RequestHandler[];
  httpNodeMiddleware: RequestHandler[];
}

/**
 * Returns all settings of Node-RED that the device manager needs, read from the environment. It also prepares the start (data folder, flow,
 * ports and accounts) and removes the secrets from the environment. On an error it prints one line and ends the process with code 1. Call
 * it only once, at the top of the settings, because a second call would create separate accounts for pages and sockets.
 */
export function deviceManagerSettings(): DeviceManagerSettings {
  const { environment, accounts, flowFile, catalogue, manager, forServers } = prepareStart(PACK);
  const { port, trustProxy } = environment;
  const rest = [apiTokenGuard(accounts), jsonBody as RequestHandler];
  const editor = editorLogin(accounts, { closeAll: closeCommsSockets });
  return {
    uiPort: port,
    uiHost: environment.host,
    // Otherwise all callers behind a proxy would have its address, and would share one limit of attempts to sign in.
    ...(trustProxy && { httpServerOptions: { 'trust proxy': trustProxy } }),
    userDir: environment.dataDir,
    flowFile,
    flowFilePretty: true,
    credentialSecret: accounts.credentialSecret,
    contextStorage: { default: { module: 'localfilesystem' } },
    nodesDir: [PACK],
    tpedm: forServers,
    // The editor, the dashboard and http-in nodes below /api share the same accounts. The nodes also take the one API token for REST.
    adminAuth: editor.adminAuth,
    dashboard: dashboardLogin(
      accounts,
      port,
      environment.openId && createOpenIdSignIn(environment.openId, accounts),
      callerReader(trustProxy),
      publicAddress(environment.publicUrl, proxyTest(trustProxy)),
      manager,
    ),
    httpAdminRoot: environment.hasEditor ? '/' : false,
    httpAdminMiddleware: [noAdminCors, editor.middleware, ...rest],
    httpNodeMiddleware: [...rest, restCommandGuard(accounts, catalogue), restAudit(accounts)],
  };
}
