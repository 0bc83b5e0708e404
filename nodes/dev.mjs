// `npm run dev`: runs Node-RED like `npm start`, builds what changes in nodes/, restarts Node-RED if needed, and reloads open pages of the
// editor and the dashboard. Types are checked at the same time, but type errors stop nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildChanged, buildForBrowsers, root, staleBrowserScripts } from './build-steps.mjs';

const require = createRequire(import.meta.url);
const NODE_RED = join(dirname(require.resolve('node-red/package.json')), 'red.js');
const TSC = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
const HOST = process.env.TPE_HOST || '127.0.0.1';
const URL_OF_IT = `http://127.0.0.1:${process.env.PORT || 1880}/`;
/** An editor saves several files within this time, ms. */
const SETTLE_MS = 100;
/** Node-RED needs time to close its flows and the embedded database. It is killed after this time, ms. */
const STOP_TIMEOUT_MS = 20_000;
const READY_TIMEOUT_MS = 120_000;

const pages = new Set();
let nodeRed = null;
let isEnding = false;

const say = (text) => console.log(`[dev] ${text}`);

/** Opens a server that tells open pages when to reload. Pages find it by its port, so it keeps its port if possible. */
async function openReloadServer() {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Access-Control-Allow-Origin': '*' });
    response.write('\n');
    pages.add(response);
    response.once('close', () => pages.delete(response));
  });
  const listen = async (port) => {
    server.listen(port, HOST);
    await once(server, 'listening');
  };
  await listen(35_729).catch(() => listen(0));
  return server.address().port;
}

function reloadPages() {
  for (const page of pages) page.write('data: reload\n\n');
  say(`Ready. ${pages.size} open ${pages.size === 1 ? 'page loads' : 'pages load'} anew.`);
}

function startNodeRed(reloadPort) {
  const child = spawn(process.execPath, [NODE_RED, '--settings', join(root, 'nodes/dev-settings.cjs')], {
    cwd: root,
    env: { ...process.env, TPE_RELOAD_PORT: String(reloadPort) },
    stdio: 'inherit',
  });
  child.once('exit', (code) => {
    if (nodeRed !== child) return;
    nodeRed = null;
    if (!isEnding) say(`Node-RED ended with ${code}. It starts again with the next change.`);
  });
  nodeRed = child;
}

async function stopNodeRed() {
  const child = nodeRed;
  if (child === null) return;
  nodeRed = null;
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  child.kill('SIGINT');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  clearTimeout(timer);
}

/** Resolves with whether Node-RED answers in time. */
async function nodeRedAnswers() {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (nodeRed !== null && Date.now() < deadline) {
    if (await fetch(URL_OF_IT).catch(() => null)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Builds what has changed, and restarts or reloads as needed. `needsRestart` is true if a file outside nodes/ has changed. */
async function takeChange(reloadPort, needsRestart) {
  const changed = buildChanged(['nodes']);
  const scripts = staleBrowserScripts();
  if (scripts.length > 0) await buildForBrowsers(scripts);
  if (changed.length > 0 || needsRestart || (nodeRed === null && scripts.length > 0)) {
    say(`Node-RED starts anew: ${changed.slice(0, 3).join(', ')}${changed.length > 3 ? ' and others' : ''}`);
    await stopNodeRed();
    startNodeRed(reloadPort);
    if (!(await nodeRedAnswers())) return;
  } else if (scripts.length === 0) return;
  reloadPages();
}

/** Runs `take` once at a time. Changes that arrive while it runs are handled together afterwards. */
function oneAtATime(take) {
  let isWaiting = false;
  let restart = false;
  let last = Promise.resolve();
  return (needsRestart) => {
    restart ||= needsRestart;
    if (isWaiting) return;
    isWaiting = true;
    last = last
      .then(() => new Promise((resolve) => setTimeout(resolve, SETTLE_MS)))
      .then(() => {
        isWaiting = false;
        const mustRestart = restart;
        restart = false;
        if (!isEnding) return take(mustRestart);
      })
      .catch((error) => say(`Not built: ${error.message}`));
  };
}

async function end(types) {
  if (isEnding) return;
  isEnding = true;
  types.kill();
  await stopNodeRed();
  process.exit(0);
}

buildChanged(['nodes']);
await buildForBrowsers(staleBrowserScripts());
const reloadPort = await openReloadServer();
const types = spawn(process.execPath, [TSC, '--noEmit', '--watch', '--preserveWatchOutput'], {
  cwd: root,
  stdio: 'inherit',
});
startNodeRed(reloadPort);
if (await nodeRedAnswers())
  say('Ready: what changes in nodes/ is built, and open pages load anew. Ctrl+C ends it.');
const change = oneAtATime((needsRestart) => takeChange(reloadPort, needsRestart));
watch(join(root, 'nodes'), { recursive: true }, () => change(false));
watch(join(root, 'settings.js'), () => change(true));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void end(types));
