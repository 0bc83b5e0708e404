const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { patience } = require('./dist/test/support/patience.js');

const FOLDER = 'dist/test';
/** What takes longest begins first: a long file at the end keeps one process busy while the others have nothing to do. */
const LONGEST_FIRST = [];

const files = readdirSync(FOLDER, { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .sort();
const spec = [...LONGEST_FIRST, ...files.filter((file) => !LONGEST_FIRST.includes(file))];

module.exports = {
  spec: spec.map((file) => join(FOLDER, file)),
  timeout: patience(600_000),
  exit: true,
  parallel: true,
  jobs: 3,
};
