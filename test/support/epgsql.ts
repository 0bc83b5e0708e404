import { type EventEmitter, once } from 'node:events';
import pg from 'pg';

/** What pg has below its client: the messages of the protocol. */
interface Wire extends EventEmitter {
  parse(query: { name: string; text: string; types?: number[] }): void;
  describe(what: { type: 'S'; name: string }): void;
  bind(what: { statement: string; values: string[] }): void;
  execute(what: object): void;
  flush(): void;
  sync(): void;
}

/** A connection as EMQX 4.4 holds it: its driver prepares and does not end what it began with a Sync, until the first login. */
export interface OpenStatement {
  pid: number;
  /** Runs it; resolves with the rows, or rejects with the server's error. Afterwards nothing is open any more. */
  execute(values: string[]): Promise<(string | null)[][]>;
  close(): Promise<void>;
}

/** Connects, sends Parse, Describe and Flush, and leaves it at that. */
export async function openStatement(url: string, text: string): Promise<OpenStatement> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const wire = (client as unknown as { connection: Wire }).connection;
  for (const event of [
    'rowDescription',
    'dataRow',
    'commandComplete',
    'parseComplete',
    'errorMessage',
    'readyForQuery',
  ]) {
    wire.removeAllListeners(event);
  }
  client.on('error', () => undefined);
  wire.parse({ name: 'get_credential', text });
  wire.describe({ type: 'S', name: 'get_credential' });
  wire.flush();
  await answer(wire, 'parseComplete');
  return {
    pid: rows[0]!.pid,
    async execute(values) {
      const found: (string | null)[][] = [];
      const onRow = ({ fields }: { fields: (string | null)[] }) => found.push(fields);
      wire.on('dataRow', onRow);
      wire.bind({ statement: 'get_credential', values });
      wire.execute({});
      wire.sync();
      const done = once(wire, 'readyForQuery');
      try {
        await answer(wire, 'commandComplete');
        return found;
      } finally {
        await done;
        wire.off('dataRow', onRow);
      }
    },
    async close() {
      await client.end().catch(() => undefined);
    },
  };
}

/** What the server says next, of these two; an error that came while nobody waited too. */
async function answer(wire: Wire, event: string): Promise<void> {
  const ending = new AbortController();
  const failed = once(wire, 'errorMessage', { signal: ending.signal }).then(([error]) => {
    throw error as Error;
  });
  failed.catch(() => undefined);
  await Promise.race([once(wire, event, { signal: ending.signal }), failed]).finally(() => ending.abort());
}
