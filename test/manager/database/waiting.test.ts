import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import pg from 'pg';
import { checkOptions } from '../../../nodes/manager/composition/check-options.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { lockHolders } from '../../../nodes/manager/database/lock-holders.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { errorOf } from '../../support/errors.js';
import { patience } from '../../support/patience.js';
import { eachServer } from '../../support/postgres-servers.js';
import { TPEDM_TABLES } from '../../support/tpedm-schema.js';

const silent = { info: () => undefined };

eachServer('database: statements that are kept waiting', (server) => {
  const open: { end(): Promise<unknown> }[] = [];
  let name: string;
  let database: Database;
  let told: EventEmitter<{ told: [subject: string, text: string] }>;

  beforeEach(async () => {
    name = await server.database();
    told = new EventEmitter();
    await opened();
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.end();
    await database.close();
  });

  async function opened(role?: string): Promise<void> {
    database = await openDatabase({ kind: 'postgresql', url: server.url(name, role) }, (subject, text) =>
      told.emit('told', subject, text),
    );
  }

  async function session(application: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: server.url(name), application_name: application });
    client.on('error', () => undefined);
    await client.connect();
    open.push(client);
    return client;
  }

  /** Who says so: ours, within 10 s. */
  async function firstTold(): Promise<{ text: string; ms: number }> {
    const began = performance.now();
    const [, text] = await once(told, 'told');
    return { text, ms: performance.now() - began };
  }

  it('say within 10 s who holds what, and so does the error when their time is over', async () => {
    await migrate(database, silent);
    const holder = await session('nightly');
    await holder.query('begin; lock table tpe_command');
    const statement = errorOf(database.queryBatch(1, 'select from tpe_command', []));
    const { text, ms } = await firstTold();
    expect(ms).to.be.below(patience(10_500));
    expect(text).to.match(/waited \d+ s.*the table tpe_command.*role postgres, application 'nightly'/);
    expect(text).to.match(/Stop what that is until that is done.*pg_terminate_backend/);
    // As the time limit does it.
    await server.admin(
      `select pg_cancel_backend(pid) from pg_locks where not granted and database = (select oid from pg_database where datname = '${name}')`,
    );
    const error = await statement;
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'UNAVAILABLE');
    expect(error.message).to.match(/did not do it in time.*the table tpe_command.*nightly/);
  });

  it('say nothing of others that only take long', async () => {
    let texts = 0;
    told.on('told', () => {
      texts += 1;
    });
    await database.query('select pg_sleep(9)');
    expect(texts).to.equal(0);
  });

  const onNewest = (...test: Parameters<typeof it>) => void (server.isNewest && it(...test));

  onNewest(
    'name to a plain role a backup and an index that is being made, as what is to be waited for',
    async () => {
      await database.close();
      await server.admin(`create table big as select n from generate_series(1, 10) as n`, name);
      const role = await server.role();
      await server.admin(`alter table big owner to ${role}`, name);
      await opened(role);
      const old = await session('a long report');
      // What is made beside the work of others waits for all who see the table as it was.
      await old.query('begin isolation level repeatable read; select from pg_class');
      const [index, backup] = [await session('psql'), await session('pg_dump')];
      const made = index.query('create index concurrently one on big (n)').catch(() => undefined);
      for (;;) {
        const rows = await server.admin(`select from pg_stat_progress_create_index`, name);
        if (rows.length > 0) break;
      }
      await backup.query('begin; lock table big in access share mode');
      const statement = database.query('alter table big add column more text').catch(() => undefined);
      const { text } = await firstTold();
      expect(text).to.match(
        /application 'psql', from 127\.0\.0\.1, at CREATE INDEX|application 'psql', at CREATE INDEX/,
      );
      expect(text).to.contain("application 'pg_dump'");
      expect(text).to.match(/has an end of its own.*wait for it/);
      expect(text).to.not.contain('EMQX');
      await old.query('commit');
      await made;
      await backup.query('commit');
      await statement;
      await database.close();
      await server.admin(`drop owned by ${role}`, name);
    },
  );

  onNewest('are said of by the Test button too, which ends nobody', async () => {
    await server.admin(TPEDM_TABLES, name);
    // Duplicates are looked for where others refer to them.
    await server.admin('create table parts (owner varchar references mqtt_user (clientid))', name);
    const holder = await session('maintenance');
    await holder.query('begin; lock table mqtt_user');
    const findings = await checkOptions(
      {
        instance: 'test',
        database: { kind: 'postgresql', url: server.url(name) },
        broker: { kind: 'embedded', port: 0 },
      },
      null,
    );
    const found = findings.find(({ part }) => part === 'database');
    expect(found).to.have.property('ok', false);
    expect(found!.text).to.match(/PostgreSQL answered.*waits for the table mqtt_user.*maintenance/);
    expect((await holder.query('select 1 as one')).rows).to.deep.equal([{ one: 1 }]);
  });

  onNewest(
    'are never said to wait for an unknown thing, even when their wait ends at that moment',
    async () => {
      const [holder, waiter, looker] = [
        await session('maintenance'),
        await session('waiter'),
        await session('looker'),
      ];
      await holder.query('create table parts (n integer)');
      await holder.query('begin; lock table parts');
      const { pid } = (await waiter.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!;
      await waiter.query('set lock_timeout = 7');
      let isOver = false;
      const waits = (async () => {
        while (!isOver) await waiter.query('select from parts').catch(() => undefined);
      })();
      const lookout = {
        query: async (sql: string, values: unknown[]) => (await looker.query(sql, values)).rows,
      } as Pick<Database, 'query'>;
      const relations = new Set<string | null>();
      for (let look = 0; look < 1500; look += 1) {
        for (const { relation } of await lockHolders(lookout, pid)) relations.add(relation);
      }
      isOver = true;
      await waits;
      expect([...relations]).to.deep.equal(['parts']);
    },
  );
});
