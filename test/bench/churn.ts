import { setTimeout as delay } from 'node:timers/promises';
import { virtualIdentities } from '../../nodes/manager/gateway-simulator/identity.js';
import {
  type SimulatedGateway,
  type Simulator,
  startSimulator,
} from '../../nodes/manager/gateway-simulator/simulator.js';
import { metricsOf, sumOf } from '../support/metrics.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { type RestCaller, restCaller } from '../support/rest-caller.js';
import { atMost, type Figure, median } from './figure.js';

/** What was read of the process in a minute. */
export interface Minute {
  minute: number;
  /** The least that was in use: what the garbage collector left. */
  heapMb: number;
  rssMb: number;
  lagP99Ms: number;
  events: number;
  commands: number;
  online: number;
}

const CONNECTS_PER_SECOND = 10;
const CUTS_PER_SECOND = 5;
const COMMANDS_PER_SECOND = 20;
const SCAN_EVERY_MS = 120_000;
const SAMPLES_PER_MINUTE = 12;
const PATHS = ['/device/general', '/device/time', '/system/status', '/device/ethernets'];
const MB = 1024 * 1024;
/** The heap of the last quarter may be so much more than that of the second. */
export const FLAT = 1.15;
const BENCH_MINUTES = 4;
const BENCH_GATEWAYS = 200;

/** What was seen of a fleet that comes and goes. */
export interface Churned {
  curve: Minute[];
  /** Heap of the last quarter against that of the second. */
  growth: number;
  /** Calls that failed. */
  faults: string[];
  /** What is wrong once it is calm. */
  untrue: string[];
}

/**
 * A started Node-RED under a fleet that comes and goes, is commanded and scanned, with gateways registered and retired beside it; how its
 * memory goes, minute by minute, and whether the truth was kept.
 */
export async function churn(minutes: number, gateways: number, env: NodeJS.ProcessEnv): Promise<Churned> {
  const nodeRed = await startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '0', ...env } });
  const rest = restCaller(nodeRed);
  await rest.until('/api/device', ({ status }) => status === 200);
  const simulator = await connectFleet(nodeRed, rest, gateways);

  const ending = new AbortController();
  const churning = [
    every(1000 / CONNECTS_PER_SECOND, ending.signal, async () => comeAndGo(simulator)),
    every(1000 / CUTS_PER_SECOND, ending.signal, async () => oneOf(simulator).cut()),
    every(1000 / COMMANDS_PER_SECOND, ending.signal, () => command(rest, simulator)),
    every(1000, ending.signal, () => rest.call('GET', '/api/device?limit=100&search=virtual-00')),
    every(2000, ending.signal, () => registerAndRetire(rest)),
    every(SCAN_EVERY_MS, ending.signal, () => rest.call('PUT', '/api/device/checkUpdate')),
  ];
  const curve = await watch(nodeRed, minutes);
  ending.abort();
  const faults = (await Promise.all(churning)).flat();
  for (const gateway of simulator.all()) gateway.connect();
  const untrue = await truthAtTheEnd(nodeRed, simulator);
  await simulator.stop();
  await nodeRed.stop();
  return { curve, growth: growthOf(curve), faults, untrue };
}

/** The same for a few minutes and gateways. */
export async function benchChurn(): Promise<Figure[]> {
  const { curve, growth, faults, untrue } = await churn(BENCH_MINUTES, BENCH_GATEWAYS, {});
  const commands = curve.reduce((total, minute) => total + minute.commands, 0);
  return [
    { what: `commands that succeeded in ${BENCH_MINUTES} minutes`, value: commands },
    { what: 'calls that failed', value: faults.length, goal: atMost(0) },
    { what: 'what was not true at the end', value: untrue.length, goal: atMost(0) },
    { what: 'heap of the last quarter, against the second', value: growth, unit: 'x', goal: atMost(FLAT) },
  ];
}

async function connectFleet(nodeRed: NodeRedProcess, rest: RestCaller, count: number): Promise<Simulator> {
  const gateways: SimulatedGateway[] = [];
  for (const identity of virtualIdentities(count)) {
    const { status, data } = await rest.call('POST', '/api/device', { clientid: identity.clientid });
    if (status !== 201 && status !== 200) throw new Error(`registered nothing: ${JSON.stringify(data)}`);
    const { username, password } = data as { username: string; password: string };
    gateways.push({ identity, username, password });
  }
  const simulator = startSimulator({
    url: `mqtt://127.0.0.1:${nodeRed.mqttPort}`,
    gateways,
    inputTopic: '/tpedm/{clientid}/input',
    outputTopic: '/tpedm/{clientid}/output',
  });
  while (simulator.status().connected < count) await delay(200);
  console.log(`${count} gateways are connected`);
  return simulator;
}

function oneOf(simulator: Simulator) {
  const all = simulator.all();
  return all[Math.floor(Math.random() * all.length)]!;
}

function comeAndGo(simulator: Simulator): void {
  const gateway = oneOf(simulator);
  gateway.disconnect();
  setTimeout(() => gateway.connect(), 1000 + Math.random() * 19_000);
}

async function command(rest: RestCaller, simulator: Simulator): Promise<void> {
  const { clientid } = oneOf(simulator).identity;
  const path = PATHS[Math.floor(Math.random() * PATHS.length)];
  const how = Math.random() < 0.2 ? '?whenOffline=queue' : '';
  await rest.call('POST', `/api/emqx/clients/${clientid}/message${how}`, { path, method: 'GET' });
}

let registered = 0;
async function registerAndRetire(rest: RestCaller): Promise<void> {
  registered += 1;
  const clientid = `passing-${registered}`;
  await rest.call('POST', '/api/device', { clientid });
  await rest.call('DELETE', `/api/device/${clientid}`);
}

/** Does it again and again at this pace, or slower where it takes longer; resolves with what went wrong. */
async function every(ms: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<string[]> {
  const faults: string[] = [];
  const under = new Set<Promise<unknown>>();
  while (!signal.aborted) {
    const one: Promise<unknown> = work()
      .catch((error: unknown) => faults.push(String(error)))
      .finally(() => under.delete(one));
    under.add(one);
    if (under.size > 50) await Promise.race(under);
    await delay(ms, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(under);
  return faults;
}

async function watch(nodeRed: NodeRedProcess, minutes: number): Promise<Minute[]> {
  const curve: Minute[] = [];
  console.log('minute   heap MB    RSS MB  lag p99 ms  events  commands  online');
  let before = await metricsOf(nodeRed);
  for (let minute = 1; minute <= minutes; minute += 1) {
    const samples: Map<string, number>[] = [];
    for (let sample = 0; sample < SAMPLES_PER_MINUTE; sample += 1) {
      await delay(60_000 / SAMPLES_PER_MINUTE);
      samples.push(await metricsOf(nodeRed));
    }
    const last = samples.at(-1)!;
    const one: Minute = {
      minute,
      heapMb: Math.min(...samples.map((each) => each.get('nodejs_heap_size_used_bytes')!)) / MB,
      rssMb: last.get('process_resident_memory_bytes')! / MB,
      lagP99Ms: 1000 * Math.max(...samples.map((each) => each.get('nodejs_eventloop_lag_p99_seconds')!)),
      events: sumOf(last, 'tpedm_intake_events_total') - sumOf(before, 'tpedm_intake_events_total'),
      commands:
        sumOf(last, 'tpedm_commands_total', 'state="SUCCEEDED"') -
        sumOf(before, 'tpedm_commands_total', 'state="SUCCEEDED"'),
      online: sumOf(last, 'tpedm_gateways', 'status="online"'),
    };
    curve.push(one);
    before = last;
    console.log(
      [one.minute, one.heapMb.toFixed(1), one.rssMb.toFixed(0), one.lagP99Ms.toFixed(0)]
        .concat([one.events, one.commands, one.online])
        .map((value, index) => String(value).padStart([6, 10, 10, 12, 8, 10, 8][index]!))
        .join(''),
    );
  }
  return curve;
}

/** What must hold once it is calm: who is connected is online, and every command has ended. */
async function truthAtTheEnd(nodeRed: NodeRedProcess, simulator: Simulator): Promise<string[]> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const metrics = await metricsOf(nodeRed);
    const wrong = [
      [sumOf(metrics, 'tpedm_gateways', 'status="online"'), simulator.status().total, 'gateways online'],
      [sumOf(metrics, 'tpedm_commands_open'), 0, 'commands without an end'],
      [sumOf(metrics, 'tpedm_flush_waiting'), 0, 'writes that wait'],
      [sumOf(metrics, 'tpedm_intake_events_total', 'outcome="failed"'), 0, 'events that were not stored'],
    ].filter(([is, should]) => is !== should);
    if (wrong.length === 0) return [];
    if (Date.now() > deadline) return wrong.map(([is, should, what]) => `${what}: ${is}, not ${should}`);
    await delay(1000);
  }
}

function growthOf(curve: readonly Minute[]): number {
  const quarter = Math.max(1, Math.floor(curve.length / 4));
  const second = median(curve.slice(quarter, 2 * quarter).map(({ heapMb }) => heapMb));
  return median(curve.slice(-quarter).map(({ heapMb }) => heapMb)) / second;
}
