// How `npm start` runs Node-RED. The environment sets what differs from place to place: PORT (1880), TPE_HOST
// (127.0.0.1), TPE_MQTT_PORT (1883), TPE_DATA_DIR (./data), TPE_SIMULATED_GATEWAYS (12), TPE_ADMIN_PASSWORD,
// TPE_API_TOKEN, TPE_METRICS_TOKEN (none), TPE_TRUST_PROXY (none), TPE_PUBLIC_URL (none), DATABASE_URL (an embedded database when not set),
// TPE_BROKER with what goes with it (README.md has the list), TPE_FLOW (device-manager) and TPE_EDITOR (on). A secret can be
// in a file of its own instead, whose name is in NAME_FILE: TPE_ADMIN_PASSWORD_FILE, DATABASE_URL_FILE and so on.
const { existsSync } = require('node:fs');

if (!existsSync(`${__dirname}/dist/nodes/node-red/start/start.js`)) {
  console.error('The project is not built yet: run "npm install" in its folder first.');
  process.exit(1);
}

const { apiTokenGuard } = require('./dist/nodes/node-red/login/api-token-guard.js');
const { dashboardLogin } = require('./dist/nodes/node-red/login/dashboard-login.js');
const { createOpenIdSignIn } = require('./dist/nodes/node-red/login/openid-sign-in.js');
const { editorLogin } = require('./dist/nodes/node-red/login/editor-login.js');
const { restAudit } = require('./dist/nodes/node-red/login/rest-audit.js');
const { callerReader, proxyTest } = require('./dist/nodes/node-red/runtime/caller.js');
const { closeCommsSockets } = require('./dist/nodes/node-red/front/comms-sockets.js');
const { noAdminCors } = require('./dist/nodes/node-red/front/origins.js');
const { publicAddress } = require('./dist/nodes/node-red/http/public-address.js');
const { jsonBody } = require('./dist/nodes/node-red/http/json-body.js');
const { prepareStart } = require('./dist/nodes/node-red/start/start.js');

const { environment, accounts, flowFile, forServers } = prepareStart(__dirname);

const rest = [apiTokenGuard(accounts), jsonBody];
const editor = editorLogin(accounts, { closeAll: closeCommsSockets });

module.exports = {
  uiPort: environment.port,
  uiHost: environment.host,
  // Behind a proxy each caller would have the proxy's address, and all share one number of attempts to sign in.
  ...(environment.trustProxy && { httpServerOptions: { 'trust proxy': environment.trustProxy } }),

  userDir: environment.dataDir,
  flowFile,
  flowFilePretty: true,
  credentialSecret: accounts.credentialSecret,
  contextStorage: { default: { module: 'localfilesystem' } },
  nodesDir: [__dirname],
  // Secrets that tpe-server needs and flows do not.
  tpedm: forServers,

  // The same people for the editor and the dashboard, one token for the REST tab.
  adminAuth: editor.adminAuth,
  dashboard: dashboardLogin(
    accounts,
    environment.port,
    environment.openId && createOpenIdSignIn(environment.openId, accounts),
    callerReader(environment.trustProxy),
    publicAddress(environment.publicUrl, proxyTest(environment.trustProxy)),
  ),
  httpAdminRoot: environment.hasEditor ? '/' : false,
  httpAdminMiddleware: [noAdminCors, editor.middleware, ...rest],
  httpNodeMiddleware: [...rest, restAudit(accounts)],

  // Nothing is installed from the editor. Take this out to use the palette manager.
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpload: false },
    modules: { allowInstall: false },
  },
  functionExternalModules: false,

  logging: { console: { level: 'info', metrics: false, audit: false } },
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: false, ui: false },
  editorTheme: {
    page: { title: 'TPE device manager' },
    header: { title: 'TPE device manager' },
    tours: false,
  },
};
