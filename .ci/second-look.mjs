// Runs the files of tests that failed once more, one after the other, while nothing else runs. Of some thousand tests that
// share a busy machine with its browsers, brokers and databases, one may meet a moment that it does not expect. What
// passes now is named as unsteady, for somebody to mend; what fails again has failed. More than three such files are no
// accident.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const MOST_FILES = 3;
const { COUNTS_FILE, FAILURES_FILE } = process.env;

const failures = readFileSync(FAILURES_FILE, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const files = [...new Set(failures.map(({ file }) => file))];
// Nothing is listed where the build failed or the run did not end.
if (files.length === 0 || files.length > MOST_FILES || files.includes(null)) process.exit(1);

console.log(`\n== once more, alone: ${files.join(', ')}`);
const mocha = join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin/mocha.js');
const { status } = spawnSync(
  process.execPath,
  [mocha, '--no-config', '--timeout', '600000', '--exit', '--forbid-pending', ...files],
  { stdio: 'inherit' },
);
if (status !== 0) process.exit(1);

console.log('\nUnsteady: failed among the others, passed alone');
for (const { title } of failures) console.log(`  ${title}`);
const [passed = 0, failed = 0, skipped = 0] = readFileSync(COUNTS_FILE, 'utf8').trim().split(' ').map(Number);
writeFileSync(COUNTS_FILE, `${passed + failed} 0 ${skipped}\n`);
