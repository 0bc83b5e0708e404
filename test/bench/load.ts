import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../support/editor-files.js';
import { hasProgram } from '../support/programs.js';
import { type BodyRange, GATEWAYS } from './webhook-bodies.js';

/** One process that posts webhooks to one URL. */
export interface LoadWork {
  url: string;
  secret: string;
  connections: number;
  seconds: number;
  range: BodyRange;
}

/** What such a process found. */
export interface LoadFound {
  seconds: number;
  /** Requests that were answered, with any status. */
  answers: number;
  /** Answers that were not 2xx. */
  notTaken: number;
  /** The same, and requests without an answer. */
  failed: number;
  /** ms. */
  p99: number;
  slowest: number;
}

export interface LoadResult {
  /** Answers of 2xx. */
  taken: number;
  perSecond: number;
  /** ms. */
  p99: number;
  slowest: number;
  failed: number;
}

const run = promisify(execFile);
const hasWrk = hasProgram('wrk');

/** What sends the webhooks here. */
export const LOAD_GENERATOR = hasWrk ? 'wrk' : 'autocannon';

/** More than a run has turns. */
const TURNS_OF_A_RUN = 20;
let turn = 0;

/**
 * Posts webhooks as fast as they are answered, over so many connections to these URLs together, each URL with gateways of its own. The
 * processes that do it share no event loop with what is measured.
 */
export async function runLoad(
  urls: readonly string[],
  secret: string,
  connections: number,
  seconds: number,
): Promise<LoadResult> {
  turn += TURNS_OF_A_RUN;
  const count = Math.floor(GATEWAYS / urls.length);
  const works = urls.map((url, index): LoadWork => {
    const range = { first: index * count, count, turn };
    return { url, secret, connections: Math.ceil(connections / urls.length), seconds, range };
  });
  const found = await Promise.all(works.map(hasWrk ? postByWrk : postByAutocannon));
  const sum = (of: (one: LoadFound) => number) => found.reduce((total, one) => total + of(one), 0);
  return {
    taken: sum(({ answers, notTaken }) => answers - notTaken),
    perSecond: sum(({ answers, notTaken, seconds }) => (answers - notTaken) / seconds),
    p99: Math.max(...found.map(({ p99 }) => p99)),
    slowest: Math.max(...found.map(({ slowest }) => slowest)),
    failed: sum(({ failed }) => failed),
  };
}

async function postByWrk({ url, secret, connections, seconds, range }: LoadWork): Promise<LoadFound> {
  const { first, count, turn } = range;
  const { stdout } = await run('wrk', [
    ...['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`],
    ...['--script', join(PACKAGE_ROOT, 'test/bench/webhook-load.lua'), url, '--'],
    ...[secret, first, count, turn].map(String),
  ]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as LoadFound;
}

async function postByAutocannon(work: LoadWork): Promise<LoadFound> {
  const { stdout } = await run(process.execPath, [join(__dirname, 'webhook-load.js'), JSON.stringify(work)]);
  return JSON.parse(stdout) as LoadFound;
}

export interface Script {
  pid: number;
  close(): Promise<void>;
}

/** Starts one of our scripts in a process of its own; resolves when it has printed a line. */
export async function startScript(name: string, env: NodeJS.ProcessEnv): Promise<Script> {
  const child = spawn(process.execPath, [join(__dirname, name)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // A bench that fails leaves nobody behind.
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  await once(createInterface(child.stdout), 'line');
  return {
    pid: child.pid ?? 0,
    async close() {
      process.off('exit', endWithUs);
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
