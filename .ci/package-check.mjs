// Packs the pack as npm would publish it, and installs the tarball with the requested Node-RED (and Node) into an empty
// Node-RED user directory. Imports and starts every example: its nodes must exist and stay alive. Finally starts the
// pack with its own settings, and signs in to the editor.
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { 'node-red': { type: 'string' }, node: { type: 'string' } } });
const work = mkdtempSync(join(tmpdir(), 'tpedm-package-'));
const userDir = join(work, 'user');
/** Factor for all time limits on slow machines, as in test/support/patience.ts. */
const PATIENCE = Number(process.env.TPE_TEST_PATIENCE || 1);
const STARTED_WITHIN_MS = 240_000 * PATIENCE;
const STOPPED_WITHIN_MS = 60_000 * PATIENCE;

function npm(folder, ...words) {
  execFileSync('npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Installs what a user would install. Returns the Node binary and the file that starts Node-RED. */
function install() {
  const tarball = execFileSync(
    'npm',
    ['pack', '--ignore-scripts', '--pack-destination', work, '--loglevel=error'],
    { cwd: root },
  )
    .toString()
    .trim()
    .split('\n')
    .pop();
  const app = join(work, 'app');
  for (const folder of [app, userDir]) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"name": "check", "private": true}');
  }
  const wanted = [`node-red@${values['node-red']}`];
  const binaryPackage = `node-${process.platform}-${process.arch}`;
  if (values.node) wanted.push(`${binaryPackage}@${values.node}`);
  npm(app, 'install', ...wanted);
  npm(userDir, 'install', join(work, tarball), '@flowfuse/node-red-dashboard');
  return {
    node: values.node ? join(app, 'node_modules', binaryPackage, 'bin/node') : process.execPath,
    nodeRed: join(app, 'node_modules/node-red/red.js'),
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts Node-RED with one example as its flow. Resolves with the fault, or null if there is none. */
async function check({ node, nodeRed }, file) {
  const [port, mqttPort] = [await freePort(), await freePort()];
  const flow = JSON.parse(readFileSync(file, 'utf8'));
  const simulated = Number(flow.find((node) => node.type === 'tpe-simulator').count);
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify([...flow, ...checkNodes(flow)]));
  rmSync(join(userDir, 'tpedm'), { recursive: true, force: true });
  const child = spawn(node, [nodeRed, '--userDir', userDir, '--port', String(port), 'flows.json'], {
    env: { ...process.env, TPE_MQTT_PORT: String(mqttPort) },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  try {
    const url = `http://127.0.0.1:${port}`;
    const nodes = await untilReady(url, () => child.exitCode !== null);
    if (nodes === null) return `it did not start:\n${log}`;
    const missing = flow
      .map((one) => one.type)
      .filter((type) => !['tab', 'group', 'comment', 'subflow'].includes(type) && !nodes.has(type));
    if (missing.length > 0) return `unknown nodes: ${[...new Set(missing)].join(', ')}\n${log}`;
    const counts = await untilOnline(`${url}/check`, simulated);
    if (counts === null) return `its ${simulated} virtual gateways did not come online:\n${log}`;
    if (/\[error\]|Uncaught|Unhandled/.test(log)) return `errors in the log:\n${log}`;
    return null;
  } finally {
    child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await gone;
    clearTimeout(timer);
  }
}

/** Starts Node-RED with the settings of the pack and no flow. Resolves with the fault, or null if there is none. */
async function checkSignIn({ node, nodeRed }) {
  const [port, dataDir, password] = [await freePort(), join(work, 'data'), 'a-password-for-the-check'];
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'flows.json'), JSON.stringify([{ id: 'tab', type: 'tab', label: 'check' }]));
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const settings = join(userDir, 'node_modules', name, 'settings.js');
  const child = spawn(node, [nodeRed, '--settings', settings], {
    env: { ...process.env, PORT: String(port), TPE_DATA_DIR: dataDir, TPE_ADMIN_PASSWORD: password },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  const statusOf = async (token) =>
    (await fetch(`${url}/flows`, { headers: token && { authorization: `Bearer ${token}` } })).status;
  try {
    if (!(await untilAnswers(`${url}/auth/login`, () => child.exitCode !== null))) return `no start:\n${log}`;
    const fields = {
      client_id: 'node-red-admin',
      grant_type: 'password',
      scope: '*',
      username: 'admin',
      password,
    };
    const answer = await fetch(`${url}/auth/token`, { method: 'POST', body: new URLSearchParams(fields) });
    if (answer.status !== 200) return `the sign-in was answered with ${answer.status}:\n${log}`;
    const { access_token: token } = await answer.json();
    const [opened, closed] = [await statusOf(token), await statusOf()];
    return opened === 200 && closed === 401 ? null : `/flows: ${opened} with a token, ${closed} without`;
  } finally {
    child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await gone;
    clearTimeout(timer);
  }
}

async function untilAnswers(url, hasEnded) {
  const deadline = Date.now() + STARTED_WITHIN_MS;
  while (Date.now() < deadline && !hasEnded()) {
    if (
      await fetch(url)
        .then((answer) => answer.ok)
        .catch(() => false)
    )
      return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

async function untilReady(url, hasEnded) {
  const deadline = Date.now() + STARTED_WITHIN_MS;
  while (Date.now() < deadline && !hasEnded()) {
    try {
      const sets = await (await fetch(`${url}/nodes`, { headers: { accept: 'application/json' } })).json();
      const flows = await (await fetch(`${url}/flows`)).json();
      if (flows.length > 0)
        return new Set(sets.filter((set) => set.enabled && !set.err).flatMap((set) => set.types));
    } catch {
      // Node-RED is not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return null;
}

/** Nodes that let the check read the gateway counts of the flow under test over HTTP, from the flow's own server. */
function checkNodes(flow) {
  const server = flow.find((node) => node.type === 'tpe-server').id;
  const z = 'check-tab';
  return [
    { id: z, type: 'tab', label: 'check' },
    {
      id: 'check-in',
      type: 'http in',
      z,
      url: '/check',
      method: 'get',
      x: 100,
      y: 40,
      wires: [['check-do']],
    },
    {
      id: 'check-do',
      type: 'tpe-status',
      z,
      server,
      changes: 'none',
      action: 'counts',
      actionType: 'str',
      x: 300,
      y: 40,
      wires: [['check-out']],
    },
    { id: 'check-out', type: 'http response', z, statusCode: '', headers: {}, x: 500, y: 40, wires: [] },
  ];
}

async function untilOnline(url, simulated) {
  const deadline = Date.now() + STARTED_WITHIN_MS;
  while (Date.now() < deadline) {
    try {
      const counts = await (await fetch(url, { signal: AbortSignal.timeout(30_000 * PATIENCE) })).json();
      if (counts.online === simulated) return counts;
    } catch {
      // The server is still opening.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return null;
}

const counts = { passed: 0, failed: 0 };
try {
  const installed = install();
  const version = execFileSync(installed.node, ['--version']).toString().trim();
  const told = (what, fault) => {
    counts[fault === null ? 'passed' : 'failed'] += 1;
    const result = fault === null ? 'ok    ' : 'FAILED';
    console.log(
      `${result} Node-RED ${values['node-red']}, Node ${version}: ${what}${fault === null ? '' : `: ${fault}`}`,
    );
  };
  for (const name of readdirSync(join(root, 'examples'), { recursive: true })
    .filter((one) => one.endsWith('.json'))
    .sort()) {
    told(basename(name, '.json'), await check(installed, join(root, 'examples', name)));
  }
  told('the sign-in at the editor', await checkSignIn(installed));
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (process.env.COUNTS_FILE) appendFileSync(process.env.COUNTS_FILE, `${counts.passed} ${counts.failed} 0\n`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
