import type { Socket } from 'node:net';
import { connectAsync } from 'mqtt';
import pg from 'pg';
import { end, takeOrders } from './asking.js';

// The limit: a bare mqtt.js client that sends the same requests over the broker at URL and waits for the same answers. It commits a narrow
// row in DATABASE_URL before it sends, and again when it has the answer; those that wait share a statement and its commit. The table has
// PAST rows already.

const { DATABASE_URL, URL: url = '', USERNAME: username, PASSWORD: password, PAST } = process.env;

const INSERT = 'insert into bench_command (id) select * from unnest($1::bigint[])';
const UPDATE = `update bench_command command set answer = item.answer
  from unnest($1::bigint[], $2::text[]) as item (id, answer) where command.id = item.id`;

interface Row {
  id: number;
  answer: string;
}

/** Writes what comes while the last statement runs by one statement, on a connection of its own. */
function sharedCommits(
  text: string,
  valuesOf: (rows: readonly Row[]) => unknown[],
): (row: Row) => Promise<void> {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 1 });
  let waiting: { row: Row; resolve(): void }[] = [];
  let isRunning = false;
  const writeAll = async () => {
    isRunning = true;
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await pool.query({ name: 'all', text, values: valuesOf(batch.map(({ row }) => row)) });
      for (const one of batch) one.resolve();
    }
    isRunning = false;
  };
  return (row) =>
    new Promise((resolve) => {
      waiting.push({ row, resolve });
      if (!isRunning) writeAll().catch(end);
    });
}

async function main(): Promise<void> {
  const insert = sharedCommits(INSERT, (rows) => [rows.map(({ id }) => id)]);
  const update = sharedCommits(UPDATE, (rows) => [
    rows.map(({ id }) => id),
    rows.map(({ answer }) => answer),
  ]);
  const client = await connectAsync(url, { username, password, clientId: 'bare', protocolVersion: 4 });
  (client.stream as Socket).setNoDelay(true);
  const waiting = new Map<string, (answer: string) => void>();
  client.on('message', (_topic, payload) => {
    const { 'request-id': id = '', payload: answer = '' } = JSON.parse(payload.toString()) as Record<
      string,
      string
    >;
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  await client.subscribeAsync('/bare/+/output', { qos: 1 });
  const roundTrip = (gateway: number, id: string) =>
    new Promise<string>((resolve) => {
      waiting.set(id, resolve);
      const headers = [{ 'request-expired-time': '2099-01-01 00:00:00' }, { 'request-id': id }];
      const body = JSON.stringify({ path: '/device/time', method: 'GET', headers, requestBody: {} });
      client.publish(`/bare/gw-${gateway}/input`, body, { qos: 1 });
    });
  let requests = Number(PAST);
  takeOrders(async (gateway) => {
    requests += 1;
    const id = requests;
    await insert({ id, answer: '' });
    await update({ id, answer: await roundTrip(gateway, String(id)) });
  });
}

main().catch(end);
