// Adds the bundled flows, as they are now and as they were in each commit, to the list by which Node-RED recognises an unchanged copy at
// start. Run `npm run note:flows`, which builds first, whenever a file in flows/ has changed.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './build-steps.mjs';

const LIST = join(root, 'nodes/node-red/start/released-flows.json');
const start = join(root, 'dist/nodes/node-red/start');
const require = createRequire(import.meta.url);
const { BUNDLED_FLOWS } = require(join(start, 'environment.js'));
const { flowHash, nodesIn } = require(join(start, 'flow-hash.js'));

const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });

function textsOf(file) {
  const commits = git('log', '--full-history', '--format=%H', '--', file).split('\n');
  const old = commits.filter(Boolean).map((commit) => git('show', `${commit}:${file}`));
  return [...old, readFileSync(join(root, file), 'utf8')];
}

const known = existsSync(LIST) ? JSON.parse(readFileSync(LIST, 'utf8')) : {};
for (const name of BUNDLED_FLOWS) {
  const hashes = textsOf(`flows/${name}.json`).map((text) => flowHash(nodesIn(text)));
  known[name] = [...new Set([...(known[name] ?? []), ...hashes])].sort();
}
writeFileSync(LIST, `${JSON.stringify(known, null, 2)}\n`);
