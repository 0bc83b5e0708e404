// How `npm start` runs Node-RED. The environment sets what differs from place to place: PORT (1880), TPE_HOST
// (127.0.0.1), TPE_MQTT_PORT (1883), TPE_DATA_DIR (./data), TPE_SIMULATED_GATEWAYS (12), TPE_ADMIN_PASSWORD,
// TPE_API_TOKEN, TPE_METRICS_TOKEN (none), TPE_TRUST_PROXY (none), TPE_PUBLIC_URL (none), DATABASE_URL (an embedded database when not set),
// TPE_BROKER with what goes with it (docker/README.md has the list), TPE_FLOW (device-manager) and TPE_EDITOR (on). A secret can be
// in a file of its own instead, whose name is in NAME_FILE: TPE_ADMIN_PASSWORD_FILE, DATABASE_URL_FILE and so on.
const { existsSync } = require('node:fs');

const ENTRY = `${__dirname}/dist/nodes/node-red/start/device-manager-settings.js`;

if (!existsSync(ENTRY)) {
  console.error('The project is not built yet: run "npm install" in its folder first.');
  process.exit(1);
}

// In a settings.js of your own: require('@tpedm/node-red-dashboard-2-tpedm').
const { deviceManagerSettings } = require(ENTRY);

module.exports = {
  // Addresses, data folder, nodes, and who may enter the editor, the dashboard and REST.
  ...deviceManagerSettings(),

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
