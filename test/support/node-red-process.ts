import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { copyEmptyDatabase } from './embedded-template.js';
import { freePort } from './free-port.js';
import { patience } from './patience.js';
import { runFolder } from './run-folder.js';

const START_TIMEOUT_MS = patience(240_000);
const STOP_TIMEOUT_MS = patience(60_000);
const POLL_MS = 50;

export interface NodeRedOptions {
  /** Added to the environment; PORT and TPE_MQTT_PORT are free ones unless given here. */
  env?: NodeJS.ProcessEnv;
  /** To start again on what an earlier one left; a new temporary folder when left out. */
  dataDir?: string;
  /** The nodes to start with, in place of the bundled flow. */
  flow?: object[];
  /** Another file of settings than the project's. */
  settings?: string;
  /** The flags of Node.js; those of `npm start` when left out. */
  flags?: readonly string[];
}

export interface NodeRedProcess {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly url: string;
  readonly mqttPort: number;
  readonly pid: number;
  /** For `Authorization: Bearer`. */
  readonly token: string;
  /** Of the user `admin`. */
  readonly adminPassword: string;
  readonly dataDir: string;
  /** All that it printed so far. */
  log(): string;
  /** Resolves with the match when all that it printed, also before the call, matches; `from`: what comes behind so much of it. */
  printed(pattern: RegExp, options?: { from: number }): Promise<string>;
  /** Ends it as Ctrl+C does; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The folder that holds settings.js, found from where this file was compiled to. */
export const PROJECT_ROOT = findRoot(__dirname);

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'settings.js'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('no settings.js above the compiled tests');
  return findRoot(above);
}

/** A new empty folder, removed when the tests end. */
export function temporaryFolder(): string {
  return mkdtempSync(join(runFolder(), 'folder-'));
}

/** Starts Node-RED with the project's settings.js; resolves when its flows run and its HTTP port answers. */
export async function startNodeRed(options: NodeRedOptions = {}): Promise<NodeRedProcess> {
  const { child, environment, dataDir, log } = await launch({
    ...options,
    dataDir: await dataFolder(options),
  });
  const url = `http://127.0.0.1:${environment.PORT}`;
  try {
    await ready(child, url, log);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    url,
    mqttPort: Number(environment.TPE_MQTT_PORT),
    pid: child.pid ?? 0,
    token: environment.TPE_API_TOKEN ?? '',
    adminPassword: environment.TPE_ADMIN_PASSWORD ?? '',
    dataDir,
    log,
    printed: (pattern, { from } = { from: 0 }) => printed(child, () => log().slice(from), pattern),
    stop: () => stop(child),
    kill: () => kill(child),
  };
}

/** A new one has an embedded database with nothing in it. Node-RED makes one by itself where a test gives the folder. */
async function dataFolder({ dataDir, env, settings }: NodeRedOptions): Promise<string> {
  if (dataDir !== undefined) return dataDir;
  const folder = temporaryFolder();
  if (settings === undefined && !env?.DATABASE_URL) await copyEmptyDatabase(join(folder, 'registry'));
  return folder;
}

/** Starts Node-RED where it must refuse to; resolves with its exit code and all that it printed. */
export async function runNodeRedToItsEnd(
  options: NodeRedOptions = {},
): Promise<{ code: number | null; log: string }> {
  const { child, log } = await launch(options);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code, log: log() };
}

async function launch(options: NodeRedOptions) {
  const dataDir = options.dataDir ?? temporaryFolder();
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PORT: String(await freePort()),
    TPE_MQTT_PORT: String(await freePort()),
    TPE_DATA_DIR: dataDir,
    TPE_ADMIN_PASSWORD: randomBytes(9).toString('base64url'),
    TPE_API_TOKEN: randomBytes(24).toString('base64url'),
    DATABASE_URL: '',
    ...options.env,
  };
  if (options.flow) {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'flows.json'), JSON.stringify(options.flow));
  }
  const nodeRed = join(dirname(createRequire(__filename).resolve('node-red/package.json')), 'red.js');
  const child = spawn(
    process.execPath,
    [
      ...(options.flags ?? nodeFlags()),
      nodeRed,
      '--settings',
      options.settings ?? join(PROJECT_ROOT, 'settings.js'),
    ],
    {
      cwd: PROJECT_ROOT,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  child.once('exit', () => running.delete(child));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      child.emit('printed');
    });
  }
  return { child, environment, dataDir, log: () => text };
}

/** The flags of Node.js with which `npm start` runs it. */
function nodeFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ').filter((word) => /^--(?!settings)/.test(word));
}

async function ready(child: ChildProcess, url: string, log: () => string): Promise<void> {
  await printed(child, log, /Started flows/);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(url).catch(() => null);
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`Node-RED does not answer on ${url}. It printed:\n${log()}`);
}

function printed(child: ChildProcess, log: () => string, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(`within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    const settle = (fault: string | null) => {
      clearTimeout(timer);
      child.off('printed', look).off('close', ended);
      if (fault === null) return;
      reject(new Error(`Node-RED did not print ${pattern} ${fault}. It printed:\n${log()}`));
    };
    const ended = () => settle(`before it ended with ${child.exitCode ?? child.signalCode}`);
    const look = () => {
      const [found] = pattern.exec(log()) ?? [];
      if (found === undefined) return;
      settle(null);
      resolve(found);
    };
    child.on('printed', look).once('close', ended);
    look();
    if (hasEnded(child)) ended();
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (hasEnded(child)) return child.exitCode;
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  child.kill('SIGINT');
  await once(child, 'close');
  clearTimeout(timer);
  return child.exitCode;
}

async function kill(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  child.kill('SIGKILL');
  await once(child, 'close');
}
