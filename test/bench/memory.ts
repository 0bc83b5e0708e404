import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { memoryOf } from '../support/memory-watch.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { newDatabase } from './database.js';
import { atMost, below, type Figure } from './figure.js';
import { onlineIn } from './storm.js';

const GATEWAYS = 12;
const LOOK_EVERY_MS = 250;
/** Until the garbage of the start is collected, and virtual gateways have been asked for what they are. */
const SETTLES_IN_MS = 30_000;

/** What the process of Node-RED holds in memory with twelve virtual gateways: at most during the first start, and idle. */
export async function benchMemory(): Promise<Figure[]> {
  // An empty folder: the database is made by this start.
  const embedded = await start({ dataDir: temporaryFolder() });
  const most = mostOf(embedded.pid);
  await delay(SETTLES_IN_MS);
  const idle = memoryOf(embedded.pid);
  await embedded.stop();
  const { options, database } = await newDatabase('memory');
  await database.close();
  const beside = await start({ env: { DATABASE_URL: options.url } });
  await delay(SETTLES_IN_MS);
  const besideIdle = memoryOf(beside.pid);
  await beside.stop();
  return [
    { what: 'embedded, first start: at most', value: most, unit: 'MB', goal: atMost(400) },
    { what: 'embedded, idle', value: idle, unit: 'MB', goal: below(260) },
    { what: 'beside PostgreSQL, idle', value: besideIdle, unit: 'MB', goal: below(130) },
  ];
}

/** Resolves when all virtual gateways are online. */
async function start(options: Parameters<typeof startNodeRed>[0]): Promise<NodeRedProcess> {
  const nodeRed = await startNodeRed(options);
  while ((await onlineIn(nodeRed)) < GATEWAYS) await delay(LOOK_EVERY_MS);
  return nodeRed;
}

/** The most that a process has held in memory since it began, MB. */
function mostOf(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
