// What `npm run test:quick` runs: the tests of single rooms, in which no browser, no Node-RED of its own and no other server takes
// part, and which are done in seconds. A new test in one of these folders belongs to it until it is named below.
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { patience } = require('./dist/test/support/patience.js');

const FOLDER = 'dist/test';
const ROOMS = ['api', 'bench', 'dashboard', 'manager', 'node-red', 'nodes', 'package'];
const NOT_QUICK = [
  // Another server: EMQX's stand-in, Mosquitto, PostgreSQL.
  'manager/emqx/',
  'manager/faults/',
  'manager/broker/awkward-names',
  'manager/broker/emqx-',
  'manager/broker/mqtt-',
  'manager/database/',
  'manager/presence/count-drift',
  'manager/presence/mosquitto',
  'manager/presence/own-restarts',
  'manager/updates/install',
  'node-red/runtime/node-logs',
  // They wait for time to pass, try much, or load all there is.
  'dashboard/rpc-server',
  'manager/accounts/account-identity',
  'manager/accounts/accounts',
  'manager/accounts/users',
  'manager/broker/embedded-',
  'manager/catalogue/operations-file',
  'manager/catalogue/own-operations',
  'manager/catalogue/schema-errors',
  'manager/catalogue/seed-catalogue',
  'manager/check-options',
  'manager/commands/commands',
  'manager/commands/redact-stored',
  'manager/commands/several-managers',
  'manager/gateway-simulator/',
  'manager/intake/webhook-receiver',
  'manager/metrics/',
  'manager/presence/check-turns',
  'manager/presence/churn',
  'manager/presence/order',
  'manager/presence/reconcile',
  'manager/registry/import-',
  'manager/retention/',
  'manager/updates/scan',
  'nodes/tpe-simulator',
  'node-red/server/webhook.test',
  'package/tarball',
];

/** Whether a test starts a Node-RED, which takes seconds. */
const startsNodeRed = (file) =>
  /_js_1\.(?:startNodeRed|runNodeRedToItsEnd)\b/.test(readFileSync(join(FOLDER, file), 'utf8'));

const spec = readdirSync(FOLDER, { recursive: true })
  .filter((file) => file.endsWith('.test.js') && ROOMS.some((room) => file.startsWith(join(room, '/'))))
  .filter((file) => !NOT_QUICK.some((begin) => file.startsWith(join(begin))) && !startsNodeRed(file))
  .sort();

module.exports = {
  spec: spec.map((file) => join(FOLDER, file)),
  // Of the suites that run on both databases, the one that needs no server.
  grep: '(postgresql)',
  invert: true,
  timeout: patience(300_000),
  exit: true,
  parallel: true,
  jobs: 2,
};
