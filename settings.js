// The settings with which `npm start` runs Node-RED. Environment variables set what differs from place to place, with these defaults: PORT
// (1880), TPE_HOST (127.0.0.1), TPE_MQTT_PORT (1883), TPE_DATA_DIR (./data), TPE_SIMULATED_GATEWAYS (12), TPE_ADMIN_PASSWORD,
// TPE_API_TOKEN, TPE_METRICS_TOKEN (none), TPE_TRUST_PROXY (none), TPE_PUBLIC_URL (none), DATABASE_URL (an embedded database if not set),
// TPE_BROKER and the variables that belong to it (see the list in docker/README.md), TPE_FLOW (device-manager) and TPE_EDITOR (on). A
// secret can be in a file instead: NAME_FILE then holds the name of the file, for example TPE_ADMIN_PASSWORD_FILE or DATABASE_URL_FILE.
const { existsSync } = require('node:fs');

const ENTRY = `${__dirname}/dist/nodes/node-red/start/device-manager-settings.js`;

if (!existsSync(ENTRY)) {
  console.error('The project is not built yet: run "npm install" in its folder first.');
  process.exit(1);
}

// In your own settings.js, write: require('@tpedm/node-red-dashboard-2-tpedm').
const { deviceManagerSettings } = require(ENTRY);

module.exports = {
  // Sets the addresses, the data folder, the nodes, and who may use the editor, the dashboard and REST.
  ...deviceManagerSettings(),

  // Prevents the editor from installing packages. Remove this to use the palette manager.
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
