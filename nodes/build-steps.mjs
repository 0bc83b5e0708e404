// The steps of the builds. build.mjs builds all of dist/ and checks types; build-changed.mjs and dev.mjs build only what has changed.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);
const AS_THEY_ARE = new Set(['.html', '.json', '.sql']);
/** Files that are not copied, because the texts of the widgets are part of their script. */
const IN_A_SCRIPT = /\bdashboard\b.*\bmessages\b/;
/** Holds the source files of each script for browsers, to know later whether the script is out of date. */
const BROWSER_SOURCES = join(dist, 'browser-sources.json');

/** The scripts for browsers, with the folders of their sources below nodes/. */
export const BROWSER_SCRIPTS = [
  { folder: 'dashboard', script: 'resources/tpedm-widgets.umd.js' },
  { folder: 'node-red/editor-client', script: 'resources/tpedm-editor.js' },
  { folder: 'dashboard/wall', script: 'resources/tpedm-wall.js' },
];

/** Removes everything that a build makes. */
export function removeBuilt() {
  for (const folder of [dist, join(root, 'resources')]) rmSync(folder, { recursive: true, force: true });
}

/** Compiles nodes and tests, and checks their types. Throws if the compiler finds an error. */
export function compile() {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', root], { cwd: root, stdio: 'inherit' });
}

/** Copies the files that Node-RED and the database read as they are, and puts them beside the compiled files. */
export function copyAssets() {
  for (const path of assets()) cpSync(join(root, path), join(dist, path));
  copyIcons();
  copyDocs();
  makeFirstDatabase();
}

/** The folder of the page that shows the REST calls. Its index.html is copied with the other assets. */
const DOCS = 'nodes/node-red/http/docs';
const OF_VIEWER = ['swagger-ui-bundle.js', 'swagger-ui.css'];
const LICENSES = { LICENSE: 'swagger-ui.LICENSE', NOTICE: 'swagger-ui.NOTICE' };

/**
 * Puts the viewer of the REST calls beside the code that sends it, compressed to 0.5 MB. It is not a dependency, because the package has 13
 * MB of other builds and a script that reports each installation to its makers. Skips files that are newer than their source.
 */
function copyDocs() {
  const viewer = dirname(require.resolve('swagger-ui-dist/package.json'));
  const to = join(dist, DOCS);
  mkdirSync(to, { recursive: true });
  for (const name of OF_VIEWER) {
    const made = join(to, `${name}.gz`);
    if (isNewer(join(viewer, name), made))
      writeFileSync(made, gzipSync(readFileSync(join(viewer, name)), { level: 9 }));
  }
  for (const [name, as] of Object.entries(LICENSES)) cpSync(join(viewer, name), join(to, as));
  cpSync(join(viewer, 'swagger-ui-bundle.js.LICENSE.txt'), join(to, 'swagger-ui-bundle.LICENSE'));
  for (const name of ['docs.js', 'docs.css']) {
    if (isNewer(join(root, DOCS, name), join(to, name))) cpSync(join(root, DOCS, name), join(to, name));
  }
}

/** Makes the empty database with which embedded ones begin, unless the one that is there was made by the installed PGlite. */
function makeFirstDatabase() {
  const made = join(dist, 'nodes/manager/database/pglite/first-database.tar.br');
  const script = join(root, 'nodes/make-first-database.mjs');
  if (![script, require.resolve('@electric-sql/pglite')].some((source) => isNewer(source, made))) return;
  mkdirSync(dirname(made), { recursive: true });
  execFileSync(process.execPath, [script, made], { cwd: root, stdio: 'inherit' });
}

/** Copies the icons, because Node-RED looks for them only beside a registered file. */
function copyIcons() {
  cpSync(join(root, 'icons'), join(dist, 'nodes/tpe-server/icons'), { recursive: true });
}

/** Builds the given scripts for browsers, all of them by default. Rejects if Vite reports an error. */
export async function buildForBrowsers(scripts = BROWSER_SCRIPTS) {
  const { build } = await import('vite');
  for (const one of scripts) await build(browserBuild(one));
}

/** Returns Vite's configuration for one script. The build also records the sources of the script. */
export function browserBuild({ folder, script }) {
  const remember = {
    name: 'remember-sources',
    buildEnd(error) {
      if (error) return;
      // A style sheet that a script takes as text has a query behind its path.
      const paths = new Set([...this.getModuleIds()].map((id) => id.split('?')[0]));
      const ids = [...paths].filter((id) => existsSync(id) && !id.includes('node_modules'));
      writeFileSync(
        BROWSER_SOURCES,
        JSON.stringify({ ...browserSources(), [script]: ids.map((id) => relative(root, id)) }),
      );
    },
  };
  return {
    configFile: join(root, 'nodes', folder, 'vite.config.mjs'),
    logLevel: 'warn',
    plugins: [remember],
  };
}

/** Returns the scripts for browsers that are older than their sources, or that have never been built. */
export function staleBrowserScripts() {
  const known = browserSources();
  return BROWSER_SCRIPTS.filter(({ script }) => {
    const made = join(root, script);
    return !(script in known) || known[script].some((source) => isNewer(join(root, source), made));
  });
}

function browserSources() {
  return existsSync(BROWSER_SOURCES) ? JSON.parse(readFileSync(BROWSER_SOURCES, 'utf8')) : {};
}

/**
 * Brings dist/ up to date, mostly within a second: compiles and copies changed sources without checking types, and removes files whose source is
 * gone. Returns the changed paths in dist/, without those that only browsers and tests use.
 */
export function buildChanged(folders = ['nodes', 'test']) {
  const changed = [...transpileChanged(folders), ...copyChanged(), ...removeGone(folders)];
  if (changed.length > 0) copyIcons();
  copyDocs();
  makeFirstDatabase();
  return changed.filter((path) => !BROWSER_ONLY.test(path));
}

function transpileChanged(folders) {
  const stale = folders
    .flatMap(sources)
    .map((path) => ({ path, to: join(dist, compiled(path)) }))
    .filter(({ path, to }) => isNewer(join(root, path), to));
  if (stale.length === 0) return [];
  const ts = require('typescript');
  const { options } = readConfig(ts);
  for (const { path, to } of stale) {
    const fileName = join(root, path);
    const made = ts.transpileModule(readFileSync(fileName, 'utf8'), { compilerOptions: options, fileName });
    mkdirSync(dirname(to), { recursive: true });
    if (made.sourceMapText) writeFileSync(`${to}.map`, made.sourceMapText);
    writeFileSync(to, made.outputText);
  }
  return stale.map(({ path }) => compiled(path));
}

function copyChanged() {
  const stale = assets().filter((path) => isNewer(join(root, path), join(dist, path)));
  for (const path of stale) cpSync(join(root, path), join(dist, path));
  return stale;
}

function removeGone(folders) {
  const known = new Set([...folders.flatMap(sources).map(compiled), ...assets()]);
  const gone = folders
    .flatMap((folder) => filesIn(join('dist', folder)))
    .map((path) => relative('dist', path))
    .filter((path) => ['.js', ...AS_THEY_ARE].includes(extname(path)) && !known.has(path))
    // Keeps files that tests import, because only the compiler copies them.
    .filter((path) => !existsSync(join(root, path)));
  for (const path of gone) {
    rmSync(join(dist, path));
    rmSync(join(dist, `${path}.map`), { force: true });
  }
  return gone;
}

function assets() {
  return filesIn('nodes').filter(
    (path) => AS_THEY_ARE.has(extname(path)) && !path.endsWith('tsconfig.json') && !IN_A_SCRIPT.test(path),
  );
}

/** Sources of the scripts for browsers; Node-RED does not load them, but some tests do. */
const BROWSER_ONLY =
  /^nodes\/(?:dashboard\/(?:widgets\.[jt]s$|client\/|[^/]+\/browser\/)|node-red\/editor-client\/)/;

function sources(folder) {
  return filesIn(folder).filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
}

function compiled(path) {
  return path.replace(/\.ts$/, '.js');
}

function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

/** Whether `made` must be built again. A missing source counts as newer, because what was made of it is out of date. */
function isNewer(source, made) {
  if (!existsSync(source)) return true;
  return !existsSync(made) || statSync(source).mtimeMs > statSync(made).mtimeMs;
}

function readConfig(ts) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, root);
}
