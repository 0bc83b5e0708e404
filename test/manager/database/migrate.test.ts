import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabase, opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { postgres } from '../../support/postgres.js';

const silent = { info: () => undefined };

async function lastRequestId(database: Database): Promise<number> {
  const [row] = await database.query<{ last_value: number }>('select last_value from tpe_request_id');
  return row!.last_value;
}

eachDatabase('database: migrations', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await openDatabase(await open.emptyOptions());
  });
  afterEach(() => database.close());

  it('make the schema once, and record each with its time', async () => {
    const log: string[] = [];
    await migrate(database, { info: (text) => log.push(text) });
    const records = await database.query<{ number: number; name: string; applied_at: Date }>(
      'select number, name, applied_at from tpe_migration order by number',
    );
    // A number may have been left out.
    const numbers = records.map((record) => record.number);
    expect(numbers).to.deep.equal([...new Set(numbers)].toSorted((one, other) => one - other));
    expect(records.map(({ name }) => Number(name.slice(0, 3)))).to.deep.equal(numbers);
    expect(records.map((record) => record.name)).to.include('001_tpedm_tables');
    expect(log).to.have.length(records.length);
    expect(records[0]!.applied_at.getTime()).to.be.closeTo(Date.now(), 60_000);
    await migrate(database, { info: (text) => log.push(text) });
    expect(log).to.have.length(records.length);
    const tables = await database.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
    );
    expect(tables.map((table) => table.name)).to.include.members([
      'clientid_profile',
      'dm_category',
      'dm_operation',
      'mqtt_user',
      'tpe_command',
    ]);
  });

  it('refuse a database that a newer version of the pack has had', async () => {
    await migrate(database, silent);
    await database.query("insert into tpe_migration (number, name) values (999, '999_from_the_future')");
    const error = await errorOf(migrate(database, silent));
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'CONFLICT');
    expect(error.message).to.match(/999_from_the_future.*Update the pack/);
  });

  it('keep nothing of one that fails, and say which and why', async () => {
    await database.execute('create table tpe_command (mine text)');
    const error = await errorOf(migrate(database, silent));
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'CONFLICT');
    expect(error.message).to.match(/004_commands.*"tpe_command" already exists/);
    expect(await database.query("select from pg_class where relname = 'tpe_request_id'")).to.deep.equal([]);
    await database.execute('drop table tpe_command');
    await migrate(database, silent);
    expect(await database.query('select * from tpe_command')).to.deep.equal([]);
  });

  it('never hand out a request id twice, even in a database that was made anew or restored', async () => {
    const before = Date.now();
    await migrate(database, silent);
    const first = await lastRequestId(database);
    expect(first).to.be.at.least(before - 1000);
    await database.query("select setval('tpe_request_id', 1000)");
    await migrate(database, silent);
    expect(await lastRequestId(database)).to.be.at.least(before - 1000);
    const ahead = Date.now() + 86_400_000;
    await database.query("select setval('tpe_request_id', $1)", [ahead]);
    await migrate(database, silent);
    expect(await lastRequestId(database)).to.equal(ahead);
  });
});

describe('database: migrations of a PostgreSQL server', () => {
  const open = opener('postgresql');

  it('may be started by many instances at once', async () => {
    const options = await open.emptyOptions();
    const databases = await Promise.all(Array.from({ length: 5 }, () => openDatabase(options)));
    const log: string[] = [];
    await Promise.all(databases.map((database) => migrate(database, { info: (text) => log.push(text) })));
    expect(new Set(log)).to.have.property('size', log.length);
    const [row] = await databases[0]!.query('select count(*) as count from tpe_migration');
    expect(row).to.deep.equal({ count: log.length });
    await Promise.all(databases.map((database) => database.close()));
  });

  describe('by a role that may not create extensions', () => {
    let database: Database;
    let name: string;

    before(async () => {
      const server = await postgres();
      const options = await open.emptyOptions();
      if (options.kind !== 'postgresql') throw new Error('not PostgreSQL');
      const url = new URL(options.url);
      name = url.pathname.slice(1);
      await server.admin("create role tpedm login password 'tpedm'");
      await server.admin('grant create on schema public to tpedm', name);
      url.username = 'tpedm';
      url.password = 'tpedm';
      database = await openDatabase({ kind: 'postgresql', url: url.href });
    });
    after(async () => {
      await database.close();
      const server = await postgres();
      await server.admin('drop owned by tpedm cascade', name);
      await server.admin('drop role tpedm');
    });

    it('say what to run as superuser, and go on when it was run', async () => {
      const error = await errorOf(migrate(database, silent));
      expect(error).to.be.instanceOf(TpeError).with.property('code', 'CONFLICT');
      expect(error.message).to.match(/permission denied.*CREATE EXTENSION pg_trgm;.*superuser/);
      await (await postgres()).admin('create extension pg_trgm', name);
      await migrate(database, silent);
    });
  });

  it('say that a server does not answer', async () => {
    const database = await openDatabase({ kind: 'postgresql', url: 'postgresql://u:p@127.0.0.1:1/db' });
    const error = await errorOf(migrate(database, silent));
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'UNAVAILABLE');
    expect(error.message).to.match(/ECONNREFUSED/);
    await database.close();
  });
});
