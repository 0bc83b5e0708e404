import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import type { Database } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import { isUnavailable } from '../../../nodes/manager/database/unavailable.js';
import { watchAvailability } from '../../../nodes/manager/database/watch-availability.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { CA_CERTIFICATE } from '../../support/certificates.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { type PostgresServer, postgres } from '../../support/postgres.js';

type PostgresqlOptions = Extract<DatabaseOptions, { kind: 'postgresql' }>;
const TLS = 'select ssl as tls from pg_stat_ssl where pid = pg_backend_pid()';

describe('database: a PostgreSQL server', () => {
  const open = opener('postgresql');
  let server: PostgresServer;
  let options: PostgresqlOptions;

  before(async () => {
    server = await postgres();
    options = (await open.options()) as PostgresqlOptions;
  });

  it('leaves the types of other users of pg alone', async () => {
    const database = await openDatabase(options);
    expect(await database.query('select 1::int8 as number')).to.deep.equal([{ number: 1 }]);
    const other = new pg.Client({ connectionString: options.url });
    await other.connect();
    expect((await other.query('select 1::int8 as number')).rows).to.deep.equal([{ number: '1' }]);
    await other.end();
    await database.close();
  });

  it('shows under its name, and ends statements that take too long', async () => {
    const database = await openDatabase(options);
    const [row] = await database.query(
      "select current_setting('application_name') as name, current_setting('statement_timeout') as longest",
    );
    expect(row).to.deep.equal({ name: 'tpedm', longest: '30s' });
    await database.execute(`do $$ begin
      if current_setting('statement_timeout') <> '0' then raise exception 'a migration has no time limit'; end if;
    end $$`);
    const [after] = await database.query("select current_setting('statement_timeout') as longest");
    expect(after).to.deep.equal({ longest: '30s' });
    await database.close();
  });

  describe('a statement of few items', () => {
    const TIMES_PLANNED = `
      select name, generic_plans as kept, custom_plans as made from pg_prepared_statements
      where statement like '%from unnest($1::integer[]) as item (id)%' and statement not like '%planned%'`;
    const FIND = `
      select found.id from unnest($1::integer[]) as item (id) join wanted found on found.id = item.id order by found.id`;
    const now = Date.now;
    let database: Database;

    before(async () => {
      database = await openDatabase(options);
      await database.execute('create table wanted (id integer primary key)');
      await database.query('insert into wanted select generate_series(1, 10)');
      await database.query('analyze wanted');
    });
    afterEach(() => {
      Date.now = now;
    });
    after(() => database.close());

    const find = async (ids: number[]) => {
      const rows = await database.queryBatch<{ id: number }>(ids.length, FIND, [ids]);
      return rows.map(({ id }) => id);
    };
    const planned = () =>
      database.queryBatch<{ name: string; kept: number; made: number }>(1, TIMES_PLANNED, []);

    it('gives what one of many gives', async () => {
      expect(await find([3, 99, 1])).to.deep.equal([1, 3]);
      expect(await find(Array.from({ length: 1000 }, (_, id) => id))).to.have.length(10);
    });

    it('is planned once', async () => {
      for (let id = 1; id <= 5; id += 1) expect(await find([id])).to.deep.equal([id]);
      const [row] = await planned();
      expect(row).to.include({ made: 0 });
      expect(row!.kept).to.be.at.least(5);
    });

    it('is planned again when the tables have grown', async () => {
      await find([1]);
      const { name } = (await planned())[0]!;
      const plan = async () =>
        JSON.stringify(await database.queryBatch(1, `explain execute ${name} ('{1}')`, []));
      expect(await plan()).to.contain('Seq Scan on wanted');
      await database.query('insert into wanted select generate_series(11, 50000)');
      Date.now = () => now() + 11_000;
      expect(await find([49_999])).to.deep.equal([49_999]);
      expect(await plan()).to.match(/Index Only Scan/);
    });

    it('that fails keeps no other from running, and neither does a lost connection', async () => {
      const broken = await errorOf(database.queryBatch(1, 'select $1::integer[] as x from nowhere', [[1]]));
      expect(broken.message).to.contain('nowhere');
      expect(await find([1])).to.deep.equal([1]);
      await server.admin(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tpedm'",
      );
      // Whose connection it was that is gone, may hear of it first.
      await find([1]).catch(() => undefined);
      expect(await find([1])).to.deep.equal([1]);
    });
  });

  it('does not take more connections than it was told', async () => {
    const database = await openDatabase({ ...((await open.options()) as PostgresqlOptions), poolSize: 2 });
    const count =
      "select count(*) as count from pg_stat_activity, pg_sleep(0.02) where datname = current_database() and application_name = 'tpedm'";
    const counts = await Promise.all(
      Array.from({ length: 8 }, () => database.query<{ count: number }>(count)),
    );
    expect(Math.max(...counts.map(([row]) => row!.count))).to.equal(2);
    await database.close();
  });

  it('takes as many as docker/README.md says, and not more', async () => {
    const database = await openDatabase({ ...((await open.options()) as PostgresqlOptions) });
    const told = new EventEmitter();
    const isListening = once(told, 'listening');
    const onListening = () => told.emit('listening');
    const listening = database.listen!('tpedm', { onNotification: () => undefined, onListening });
    await isListening;
    const count =
      "select count(*) as count from pg_stat_activity, pg_sleep(0.05) where datname = current_database() and application_name = 'tpedm'";
    const ask = (index: number) =>
      index % 2 === 0
        ? database.query<{ count: number }>(count)
        : database.queryBatch<{ count: number }>(1, count, []);
    const counts = await Promise.all(Array.from({ length: 80 }, (_, index) => ask(index)));
    expect(Math.max(...counts.map(([row]) => row!.count))).to.equal(17);
    await listening.close();
    await database.close();
  });

  describe('by TLS', () => {
    let folder: string;
    let caFile: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'tpedm-ca-'));
      caFile = join(folder, 'ca.pem');
      writeFileSync(caFile, CA_CERTIFICATE);
    });
    after(() => rmSync(folder, { recursive: true }));

    /** Whether the connection was encrypted; rejects when there was none. */
    async function connect(host: string, sslmode: string | null, certificates?: string): Promise<boolean> {
      const url = new URL(options.url);
      url.hostname = host;
      if (sslmode !== null) url.searchParams.set('sslmode', sslmode);
      const database = await openDatabase({
        kind: 'postgresql',
        url: url.href,
        ...(certificates !== undefined && { caFile: certificates }),
      });
      try {
        const [row] = await database.query<{ tls: boolean }>(TLS);
        return row!.tls;
      } finally {
        await database.close();
      }
    }

    it('encrypts as the URL asks, and verifies the server where it can', async () => {
      expect(await connect('localhost', null)).to.equal(false);
      expect(await connect('localhost', 'disable')).to.equal(false);
      expect(await connect('localhost', 'require')).to.equal(true);
      expect(await connect('localhost', null, caFile)).to.equal(true);
      expect(await connect('localhost', 'verify-full', caFile)).to.equal(true);
      expect(await connect('127.0.0.1', 'verify-ca', caFile)).to.equal(true);
    });

    it('refuses a server that is not who it should be', async () => {
      expect((await errorOf(connect('localhost', 'verify-full'))).message).to.match(/certificate/);
      expect((await errorOf(connect('127.0.0.1', 'verify-full', caFile))).message).to.match(/altnames/);
      expect((await errorOf(connect('127.0.0.1', null, caFile))).message).to.match(/altnames/);
    });
  });

  describe('that goes away', () => {
    let database: Database;

    beforeEach(async () => {
      database = await openDatabase(options);
    });
    afterEach(async () => {
      await server.start().catch(() => undefined);
      await database.close();
    });

    it('is unavailable until it is back, and then works as before', async () => {
      const registry = createRegistry(watchAvailability(database, () => undefined));
      await registry.register({ clientid: 'kept' });
      const idle = await Promise.all([database.query('select 1'), database.query('select pg_sleep(0.01)')]);
      expect(idle).to.have.length(2);
      const cut = errorOf(database.query('select pg_sleep(60)'));
      const transaction = errorOf(
        database.transaction(async (open) => {
          await open.query("update clientid_profile set note = 'half' where clientid = 'kept'");
          await server.stop();
          await open.query("update clientid_profile set note = 'done' where clientid = 'kept'");
        }),
      );
      expect(isUnavailable(await cut)).to.equal(true);
      expect(isUnavailable(await transaction)).to.equal(true);
      expect(isUnavailable(await errorOf(database.query('select 1')))).to.equal(true);
      const told = await errorOf(registry.get('kept'));
      expect(told).to.have.property('code', 'UNAVAILABLE');
      expect(await errorOf(registry.each({})[Symbol.asyncIterator]().next())).to.have.property(
        'code',
        'UNAVAILABLE',
      );
      await server.start();
      expect((await registry.get('kept'))?.note).to.equal('');
    });

    it('does not end the process with a connection that is lost between two statements', async () => {
      const [row] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
      await server.admin(`select pg_terminate_backend(${row!.pid})`);
      const lost = await errorOf(
        database.transaction(async (transaction) => {
          const [own] = await transaction.query<{ pid: number }>('select pg_backend_pid() as pid');
          await server.admin(`select pg_terminate_backend(${own!.pid})`);
          await transaction.query('select 1');
        }),
      );
      expect(isUnavailable(lost)).to.equal(true);
      expect(await database.query('select 1 as one')).to.deep.equal([{ one: 1 }]);
    });
  });

  it('is not asked again on a connection that it has ended with the answer to a statement', async () => {
    const database = await openDatabase(options);
    const dying = database.query<{ pid: number }>('select pg_terminate_backend(pg_backend_pid())');
    expect(isUnavailable(await errorOf(dying))).to.equal(true);
    expect(await database.query('select 1 as one')).to.deep.equal([{ one: 1 }]);
    await database.close();
  });

  it('that is shut down in the moment in which it lets us in is unavailable, and does not end the process', async () => {
    const message = (type: string, content: string) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(4 + Buffer.byteLength(content));
      return Buffer.concat([Buffer.from(type), length, Buffer.from(content)]);
    };
    const goodbye = ['SFATAL', 'C57P01', 'Mterminating connection due to administrator command', ''];
    const leaving = createServer((socket) => {
      socket.once('data', () =>
        socket.end(
          Buffer.concat([
            message('R', '\0\0\0\0'),
            message('Z', 'I'),
            message('E', goodbye.map((field) => `${field}\0`).join('')),
          ]),
        ),
      );
    }).listen(0, '127.0.0.1');
    await once(leaving, 'listening');
    const { port } = leaving.address() as { port: number };
    const database = await openDatabase({ kind: 'postgresql', url: `postgresql://u:p@127.0.0.1:${port}/db` });
    expect(isUnavailable(await errorOf(database.query('select 1')))).to.equal(true);
    expect(isUnavailable(await errorOf(database.queryBatch(1, 'select 1', [])))).to.equal(true);
    await database.close();
    leaving.close();
  });

  it('that takes the connection and says nothing is unavailable within seconds', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as { port: number };
    const database = await openDatabase({ kind: 'postgresql', url: `postgresql://u:p@127.0.0.1:${port}/db` });
    expect(isUnavailable(await errorOf(database.query('select 1')))).to.equal(true);
    await database.close();
    mute.close();
  });
});
