const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { patience } = require('./dist/test/support/patience.js');

const FOLDER = 'dist/test';
/** What takes longest begins first: a long file at the end keeps one process busy while the others have nothing to do. */
const LONGEST_FIRST = [
  'flows/examples',
  'faults/half-open',
  'start/settings',
  'hostile/secrets',
  'manager/commands/commands',
  'manager/registry/list',
  'hostile/rest',
  'flows/update-install',
  'browser/dashboard',
  'browser/dashboard-looks',
  'manager/accounts/users',
  'manager/registry/import-export',
  'hostile/outputs',
  'hostile/mqtt-flood',
  'faults/under-fire',
  'flows/several-node-reds',
  'hostile/event-loop',
  'hostile/event-loop-routes',
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
