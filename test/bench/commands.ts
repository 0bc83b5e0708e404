import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { connectAsync } from 'mqtt';
import pg from 'pg';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import { isInstalled, LOGIN, openMosquitto } from '../manager/broker/mosquitto-rig.js';
import { newDatabase } from './database.js';
import { below, type Figure, median } from './figure.js';
import { startScript } from './load.js';

const IN_FLIGHT = [1, 8, 64, 512] as const;
const GATEWAYS = 512;
const ROUNDS = 3;
const MEASURED_MS = 2000;
const POOL = 10;

/** Asks one gateway, by its number; resolves when it has answered and that is recorded. */
interface Asker {
  ask(gateway: number): Promise<unknown>;
  close(): Promise<void>;
}

interface Round {
  /** ms. */
  median: number;
  p99: number;
  perSecond: number;
}

/**
 * Commands that are recorded in PostgreSQL before they are sent and when they are answered, over a real Mosquitto, against a bare mqtt.js
 * client that sends the same requests to the same gateways, waits for the answers, and commits a row before and after; by turns.
 */
export async function benchCommands(): Promise<Figure[]> {
  if (!isInstalled()) return [];
  const mosquitto = await openMosquitto();
  const gateways = await startScript('answering-gateways.js', {
    ...{ URL: mosquitto.url, USERNAME: LOGIN.username, PASSWORD: LOGIN.password, COUNT: String(GATEWAYS) },
  });
  const bare = await openBare(mosquitto.url);
  const ours = await openOurs(mosquitto.url);
  const figures: Figure[] = [];
  await Promise.all([measure(bare, 1, MEASURED_MS / 2), measure(ours, 1, MEASURED_MS / 2)]);
  for (const count of IN_FLIGHT) {
    const rounds: { ours: Round; bare: Round }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.push({
        ours: await measure(ours, count, MEASURED_MS),
        bare: await measure(bare, count, MEASURED_MS),
      });
    }
    figures.push(...figuresAt(count, rounds));
  }
  await ours.close();
  await bare.close();
  await gateways.close();
  await mosquitto.close();
  return figures;
}

function figuresAt(count: number, rounds: readonly { ours: Round; bare: Round }[]): Figure[] {
  const what = `${count} in flight`;
  const bareName = 'bare mqtt.js with two commits';
  return [
    { what: `${what}: round trip, median`, value: median(rounds.map(({ ours }) => ours.median)), unit: 'ms' },
    {
      what: `${what}: median, against ${bareName}`,
      value: median(rounds.map(({ ours, bare }) => ours.median / bare.median)),
      unit: 'x',
      goal: below(3),
    },
    {
      what: `${what}: slowest of 100, against ${bareName}`,
      value: median(rounds.map(({ ours, bare }) => ours.p99 / bare.p99)),
      unit: 'x',
    },
    { what: `${what}: commands`, value: median(rounds.map(({ ours }) => ours.perSecond)), unit: '/s' },
  ];
}

/** So many gateways are asked side by side, each again and again. */
async function measure({ ask }: Asker, count: number, ms: number): Promise<Round> {
  const times: number[] = [];
  const begun = performance.now();
  const busy = async (gateway: number) => {
    while (performance.now() - begun < ms) {
      const asked = performance.now();
      await ask(gateway);
      times.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: count }, (_, gateway) => busy(gateway)));
  const perSecond = (1000 * times.length) / (performance.now() - begun);
  times.sort((a, b) => a - b);
  return { median: median(times), p99: times[Math.floor(times.length * 0.99)]!, perSecond };
}

async function openBare(url: string): Promise<Asker> {
  const { options, database } = await newDatabase('bare_commands');
  await database.query('create table bench_command (id bigint primary key, answer text)');
  await database.close();
  const pool = new pg.Pool({ connectionString: options.url, max: POOL });
  const client = await connectAsync(url, { ...LOGIN, clientId: 'bare', protocolVersion: 4 });
  (client.stream as Socket).setNoDelay(true);
  const waiting = new Map<string, (answer: string) => void>();
  let requests = 0;
  client.on('message', (_topic, payload) => {
    const { 'request-id': id, payload: answer } = JSON.parse(payload.toString()) as Record<string, string>;
    waiting.get(id ?? '')?.(answer ?? '');
    waiting.delete(id ?? '');
  });
  await client.subscribeAsync('/tpedm/+/output', { qos: 1 });
  const roundTrip = (gateway: number, id: string) =>
    new Promise<string>((resolve) => {
      waiting.set(id, resolve);
      const headers = [{ 'request-expired-time': '2099-01-01 00:00:00' }, { 'request-id': id }];
      const body = JSON.stringify({ path: '/device/time', method: 'GET', headers, requestBody: {} });
      client.publish(`/tpedm/gw-${gateway + 1}/input`, body, { qos: 1 });
    });
  return {
    async ask(gateway) {
      requests += 1;
      const id = String(requests);
      const insert = 'insert into bench_command (id) values ($1)';
      await pool.query({ name: 'insert', text: insert, values: [id] });
      const answer = await roundTrip(gateway, id);
      const update = 'update bench_command set answer = $2 where id = $1';
      await pool.query({ name: 'update', text: update, values: [id, answer] });
    },
    async close() {
      await client.endAsync();
      await pool.end();
    },
  };
}

async function openOurs(url: string): Promise<Asker> {
  const { options, database } = await newDatabase('commands');
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
  return {
    async ask(gateway) {
      const record = await manager.commands.send({
        ...{ clientid: `gw-${gateway + 1}`, method: 'GET', path: '/device/time' },
      });
      if (record.state !== 'SUCCEEDED') throw new Error(JSON.stringify(record));
    },
    close: () => manager.close(),
  };
}
