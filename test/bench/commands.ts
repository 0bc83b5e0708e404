import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { connectAsync } from 'mqtt';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import { isInstalled, LOGIN, openMosquitto } from '../manager/broker/mosquitto-rig.js';
import type { BenchLine } from './bench.js';
import { newDatabase } from './database.js';
import { startScript } from './load.js';

const GATEWAYS = 64;
const ONE_BY_ONE = 300;
const MEASURED_MS = 4000;

/** Asks one gateway, by its number; resolves when it has answered. */
type Ask = (gateway: number) => Promise<unknown>;

interface Figures {
  /** ms. */
  median: number;
  p99: number;
  perSecond: number;
}

/**
 * Commands that are recorded in PostgreSQL before they are sent and when they are answered, over a real Mosquitto, against a
 * bare mqtt.js client that sends the same requests to the same gateways and waits for the answers.
 */
export async function benchCommands(): Promise<BenchLine[]> {
  if (!isInstalled()) return [];
  const mosquitto = await openMosquitto();
  const closeGateways = await startScript('answering-gateways.js', {
    ...{ URL: mosquitto.url, USERNAME: LOGIN.username, PASSWORD: LOGIN.password, COUNT: String(GATEWAYS) },
  });
  const bare = await measureBare(mosquitto.url);
  const recorded = await measureManager(mosquitto.url);
  await closeGateways();
  await mosquitto.close();
  return [
    { what: 'command round trip over Mosquitto: median', value: recorded.median, unit: 'ms' },
    {
      what: 'command round trip: median, against bare mqtt.js',
      value: recorded.median / bare.median,
      unit: 'x',
      goal: 'below 3',
    },
    {
      what: 'command round trip: slowest of 100, against bare mqtt.js',
      value: recorded.p99 / bare.p99,
      unit: 'x',
    },
    { what: `commands to ${GATEWAYS} gateways at once`, value: recorded.perSecond, unit: '/s' },
    {
      what: `commands to ${GATEWAYS} gateways at once, against bare mqtt.js`,
      value: (100 * recorded.perSecond) / bare.perSecond,
      unit: '%',
    },
  ];
}

async function measure(ask: Ask): Promise<Figures> {
  for (let index = 0; index < 50; index += 1) await ask(0);
  const times: number[] = [];
  for (let index = 0; index < ONE_BY_ONE; index += 1) {
    const begun = performance.now();
    await ask(0);
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const begun = performance.now();
  let done = 0;
  const busy = async (gateway: number) => {
    while (performance.now() - begun < MEASURED_MS) {
      await ask(gateway);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: GATEWAYS }, (_, gateway) => busy(gateway)));
  return {
    median: times[Math.floor(times.length / 2)]!,
    p99: times[Math.floor(times.length * 0.99)]!,
    perSecond: (1000 * done) / (performance.now() - begun),
  };
}

async function measureBare(url: string): Promise<Figures> {
  const client = await connectAsync(url, { ...LOGIN, clientId: 'bare', protocolVersion: 4 });
  (client.stream as Socket).setNoDelay(true);
  const waiting = new Map<string, () => void>();
  let requests = 0;
  client.on('message', (_topic, payload) => {
    const { 'request-id': id } = JSON.parse(payload.toString()) as { 'request-id': string };
    waiting.get(id)?.();
    waiting.delete(id);
  });
  await client.subscribeAsync('/tpedm/+/output', { qos: 1 });
  const figures = await measure(
    (gateway) =>
      new Promise<void>((resolve) => {
        requests += 1;
        const id = String(requests);
        waiting.set(id, resolve);
        const headers = [{ 'request-expired-time': '2099-01-01 00:00:00' }, { 'request-id': id }];
        const body = JSON.stringify({ path: '/device/time', method: 'GET', headers, requestBody: {} });
        client.publish(`/tpedm/gw-${gateway + 1}/input`, body, { qos: 1 });
      }),
  );
  await client.endAsync();
  return figures;
}

async function measureManager(url: string): Promise<Figures> {
  const { options, database } = await newDatabase('bench_commands');
  await database.query(
    `insert into clientid_profile (clientid) select 'gw-' || number from generate_series(1, $1) as number`,
    [GATEWAYS],
  );
  await database.close();
  const manager = await openDeviceManager({
    database: options,
    broker: { kind: 'mqtt', url, ...LOGIN, sharedGroup: 'bench' },
    instance: 'bench',
    log: { info: () => undefined, warn: (text) => console.error(text) },
  });
  const figures = await measure(async (gateway) => {
    const record = await manager.commands.send({
      ...{ clientid: `gw-${gateway + 1}`, method: 'GET', path: '/device/time' },
    });
    if (record.state !== 'SUCCEEDED') throw new Error(JSON.stringify(record));
  });
  await manager.close();
  return figures;
}
