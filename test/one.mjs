// `npm run test:one -- test/manager/registry/list.test.ts`: builds what changed and runs that file. Several may be named; what
// follows goes to Mocha: `-- FILE -g "the words of a test"`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import '../nodes/build-changed.mjs';
import { root } from '../nodes/build-steps.mjs';

const words = process.argv.slice(2);
const files = words
  .filter((word) => word.endsWith('.test.ts'))
  .map((file) => relative(root, join(process.cwd(), file)));
const unknown = files.filter((file) => !existsSync(join(root, file)));
if (files.length === 0 || unknown.length > 0) {
  console.error(
    unknown.length > 0
      ? `There is no ${unknown.join(', ')}`
      : 'Name a test: npm run test:one -- test/manager/registry/list.test.ts',
  );
  process.exit(1);
}

const mocha = join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin/mocha.js');
const compiled = files.map((file) => join('dist', file.replace(/\.ts$/, '.js')));
const options = words.filter((word) => !word.endsWith('.test.ts'));
const { status } = spawnSync(
  process.execPath,
  [mocha, '--no-config', '--timeout', '600000', '--exit', '--fail-zero', ...options, ...compiled],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
