// Declares in ./package.json what the image needs at run time beside the pack's own dependencies, for `npm ci
// --omit=dev`.
import { readFileSync, writeFileSync } from 'node:fs';

const RUNS = ['node-red', '@flowfuse/node-red-dashboard'];
for (const file of ['package.json', 'package-lock.json']) {
  const content = JSON.parse(readFileSync(file, 'utf8'));
  const root = file === 'package.json' ? content : content.packages[''];
  for (const name of RUNS) root.dependencies[name] = root.devDependencies[name];
  for (const name of RUNS) delete root.devDependencies[name];
  writeFileSync(file, JSON.stringify(content, null, 2));
}
