const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { patience } = require('./dist/test/support/patience.js');

const FOLDER = 'dist/test';
/** What takes longest begins first: a long file at the end keeps one process busy while the others have nothing to do. */
const LONGEST_FIRST = [
  'faults/job-step-kills',
  'faults/job-kill-points',
  'hostile/event-loop-routes',
  'faults/jobs-killed',
  'browser/dashboard-looks',
  'faults/half-open',
  'hostile/event-loop',
  'flows/update-install',
  'manager/database/obstacles',
  'manager/jobs/definition/preview-job',
  'browser/stories',
  'browser/jobs',
  'browser/jobs-trial',
  'browser/alarms',
  'hostile/event-loop-jobs',
  'manager/updates/install-restart',
  'manager/catalogue/own-operations',
  'manager/database/connecting',
  'browser/behind-proxies',
  'manager/updates/install-faults',
  'browser/dashboard',
  'manager/database/locked',
  'manager/commands/commands',
  'flows/examples',
  'hostile/mqtt-flood',
  'node-red/start/settings',
  'manager/updates/install',
  'flows/exact-requests',
  'docker/scripts',
  'hostile/secrets',
  'manager/emqx/life',
  'manager/database/waiting',
  'flows/several-node-reds',
  'manager/faults/emqx-cluster',
  'hostile/rest',
  'hostile/outputs',
  'faults/under-fire',
].map((name) => join(`${name}.test.js`));

const files = readdirSync(FOLDER, { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .sort();
const gone = LONGEST_FIRST.filter((file) => !files.includes(file));
if (gone.length > 0) throw new Error(`.mocharc.cjs names files that are gone: ${gone.join(', ')}`);
const spec = [...LONGEST_FIRST, ...files.filter((file) => !LONGEST_FIRST.includes(file))];

module.exports = {
  spec: spec.map((file) => join(FOLDER, file)),
  timeout: patience(600_000),
  exit: true,
  parallel: true,
  jobs: 4,
};
