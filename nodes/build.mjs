// Builds dist/: compiles the TypeScript, then puts beside it the files that Node-RED, the database and the
// dashboard read as they are. Node-RED looks for icons only beside a registered file, so a copy goes there.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);
const AS_THEY_ARE = new Set(['.html', '.json', '.sql']);

function compile() {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', root], { cwd: root, stdio: 'inherit' });
}

function copyAssets(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !AS_THEY_ARE.has(extname(entry.name)) || entry.name === 'tsconfig.json') continue;
    const path = relative(root, join(entry.parentPath, entry.name));
    // The words of the widgets are in their script.
    if (/\bdashboard\b.*\b(?:words|messages)\b/.test(path)) continue;
    cpSync(join(root, path), join(dist, path));
  }
}

function copyIcons() {
  cpSync(join(root, 'icons'), join(dist, 'nodes/tpe-server/icons'), { recursive: true });
}

/** Widgets first: they empty the folder. */
async function buildForBrowsers() {
  const { build } = await import('vite');
  for (const folder of ['dashboard', 'node-red/editor-client']) {
    await build({ configFile: join(root, 'nodes', folder, 'vite.config.mjs'), logLevel: 'warn' });
  }
}

rmSync(dist, { recursive: true, force: true });
compile();
copyAssets('nodes');
copyIcons();
await buildForBrowsers();
