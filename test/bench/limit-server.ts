import { createServer } from 'node:http';
import pg from 'pg';

// The limit: what a bare Node.js server can do that parses the same bodies and answers when they are committed. COMMITS=shared collects
// what comes while the last statement runs into one upsert of a narrow row for each gateway, on one connection. COMMITS=single runs one
// upsert with a commit of its own for each webhook, on CONNECTIONS connections.

const { DATABASE_URL, PORT, COMMITS, CONNECTIONS } = process.env;

interface Change {
  clientid: string;
  connected: boolean;
  at: number;
}

interface Waiting extends Change {
  resolve(): void;
  reject(error: unknown): void;
}

const CONFLICT = `on conflict (clientid) do update set connected = excluded.connected, at = excluded.at
  where bench_presence.at < excluded.at`;
const ALL = `insert into bench_presence (clientid, connected, at)
  select * from unnest($1::text[], $2::boolean[], $3::bigint[]) ${CONFLICT}`;
const ONE = `insert into bench_presence (clientid, connected, at) values ($1, $2, $3) ${CONFLICT}`;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(CONNECTIONS ?? 1) });
const queue: Waiting[] = [];
let isRunning = false;

function changeIn(text: string): Change {
  const body = JSON.parse(text) as Record<string, unknown>;
  const { event, clientid } = body;
  const connected = event === 'client.connected';
  const at = connected ? body.connected_at : body.disconnected_at;
  if (typeof clientid !== 'string' || typeof at !== 'number') throw new Error('not a webhook of this bench');
  return { clientid, connected, at };
}

async function writeAll(): Promise<void> {
  isRunning = true;
  await new Promise<void>((resolve) => setImmediate(resolve));
  while (queue.length > 0) {
    const batch = queue.splice(0);
    // One statement changes a row once.
    const last = [...new Map(batch.map((one) => [one.clientid, one])).values()];
    const values = [
      last.map(({ clientid }) => clientid),
      last.map(({ connected }) => connected),
      last.map(({ at }) => at),
    ];
    try {
      await pool.query({ name: 'all', text: ALL, values });
      for (const one of batch) one.resolve();
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }
  isRunning = false;
}

function take(text: string): Promise<unknown> {
  const change = changeIn(text);
  if (COMMITS === 'single')
    return pool.query({ name: 'one', text: ONE, values: [change.clientid, change.connected, change.at] });
  return new Promise<void>((resolve, reject) => {
    queue.push({ ...change, resolve, reject });
    if (!isRunning) void writeAll();
  });
}

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    take(Buffer.concat(chunks).toString('utf8')).then(
      () => {
        response.setHeader('content-type', 'application/json');
        response.end('{"status":true,"data":{"outcome":"taken"}}');
      },
      (error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      },
    );
  });
}).listen(Number(PORT), '127.0.0.1', () => console.log('listening'));
