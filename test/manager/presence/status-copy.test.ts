import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { Database, Row } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { applyPresenceEvents } from '../../../nodes/manager/presence/apply-events.js';
import { createStatusCopy } from '../../../nodes/manager/presence/status-copy.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { connected, disconnected } from '../../support/client-events.js';
import { eachDatabaseOptions } from '../../support/databases.js';

interface StatusRow extends Row {
  clientid: string;
  connection_status: boolean;
  connection_status_updated_at: number | null;
}

const AT = 1_790_000_000_500;

eachDatabaseOptions("presence: what TPEDM's own tools read and write", (freshDatabase) => {
  let database: Database;
  let registry: Registry;
  const faults: string[] = [];
  const copyOf = (from: Pick<Database, 'query'>) =>
    createStatusCopy({ database: from, onFault: (text) => faults.push(text), everyMs: 1 });

  beforeEach(async () => {
    database = await openDatabase(await freshDatabase());
    registry = createRegistry(database);
    faults.length = 0;
    for (const clientid of ['a', 'b', 'c']) await registry.register({ clientid });
  });
  afterEach(async () => {
    await database.close();
    expect(faults).to.deep.equal([]);
  });

  const apply = (...events: Parameters<typeof applyPresenceEvents>[1]) =>
    applyPresenceEvents(database, events, false);
  const read = async () => {
    const rows = await database.query<StatusRow>(
      'select clientid, connection_status, connection_status_updated_at from clientid_profile order by clientid',
    );
    return rows.map((row) => [row.clientid, row.connection_status, row.connection_status_updated_at]);
  };
  const statusOf = async (clientid: string) => (await registry.get(clientid))?.status;

  it('is in its columns some moments after each change', async () => {
    await apply(connected('a', AT), connected('b', AT));
    await apply(disconnected('b', AT, AT + 5000));
    const copied = new EventEmitter();
    const copy = copyOf({
      async query(...statement) {
        const rows = await database.query<never>(...statement);
        copied.emit('copied');
        return rows;
      },
    });
    for (const clientid of ['a', 'b']) copy.note(clientid);
    await once(copied, 'copied');
    expect(await read()).to.deep.equal([
      ['a', true, 1_790_000_000],
      ['b', false, 1_790_000_005],
      ['c', false, null],
    ]);
    await copy.close();
  });

  it('is there when the manager has ended, also for thousands of gateways', async () => {
    await database.query(
      `insert into clientid_profile (clientid, connection_status) select 'many-' || n, false from generate_series(1, 1200) n`,
    );
    const many = Array.from({ length: 1200 }, (_, index) => `many-${index + 1}`);
    await apply(...many.map((clientid) => connected(clientid, AT)));
    const copy = copyOf(database);
    for (const clientid of many) copy.note(clientid);
    await copy.close();
    expect((await read()).filter(([, online]) => online)).to.have.length(1200);
  });

  it('is made good for a manager that was killed before it had copied', async () => {
    await apply(connected('a', AT), connected('c', AT));
    const copy = copyOf(database);
    await copy.catchUp();
    await copy.close();
    expect((await read()).map(([, online]) => online)).to.deep.equal([true, false, true]);
  });

  it('is what was written last, with several managers that copy and gateways that are removed meanwhile', async () => {
    const copies = [copyOf(database), copyOf(database), copyOf(database)];
    let at = AT;
    for (let round = 0; round < 30; round += 1) {
      at += 2000;
      await apply(...['a', 'b', 'c'].map((clientid) => connected(clientid, at)));
      for (const copy of copies) for (const clientid of ['a', 'b', 'c']) copy.note(clientid);
      if (round % 10 === 5) {
        await registry.retire('c');
        await registry.register({ clientid: 'c' });
      }
      if (round % 2 === 1) await apply(disconnected('b', at, at + 1000));
      for (const copy of copies) copy.note('b');
    }
    for (const copy of copies) await copy.close();
    const seconds = Math.floor(at / 1000);
    expect(await read()).to.deep.equal([
      ['a', true, seconds],
      ['b', false, seconds + 1],
      ['c', true, seconds],
    ]);
  });

  it('is repaired where a restore or a replica left the triggers out', async () => {
    await database.execute(`
      alter table clientid_profile disable trigger all;
      insert into clientid_profile (clientid, connection_status, connection_status_updated_at) values ('restored', true, 1650000000);
      delete from clientid_profile where clientid = 'c';
      alter table clientid_profile enable trigger all`);
    expect([await statusOf('restored'), (await registry.counts({})).total]).to.deep.equal([undefined, 3]);
    const copy = copyOf(database);
    await copy.catchUp();
    await copy.close();
    expect([await statusOf('restored'), (await registry.counts({})).total]).to.deep.equal(['online', 3]);
    await registry.retire('restored');
  });

  it('believes them when they register, change, rename and remove gateways', async () => {
    await database.query(
      `insert into clientid_profile (clientid, connection_status, connection_status_updated_at)
       values ('d', true, 1650000000), ('e', false, 1650000000), ('f', null, null)`,
    );
    expect(await Promise.all(['d', 'e', 'f'].map(statusOf))).to.deep.equal([
      'online',
      'offline',
      'never_seen',
    ]);
    await database.query("update clientid_profile set connection_status = true where clientid = 'e'");
    expect(await registry.get('e')).to.include({ status: 'online', reason: 'set by another program' });
    await database.query("update clientid_profile set clientid = 'g' where clientid = 'e'");
    expect([await statusOf('e'), await statusOf('g')]).to.deep.equal([undefined, 'online']);
    await database.query("delete from clientid_profile where clientid = 'g'");
    expect(await database.query("select from tpe_presence where clientid in ('e', 'g')")).to.deep.equal([]);
    await database.execute('truncate clientid_profile');
    expect(await registry.counts({})).to.include({ total: 0 });
    await database.query("insert into clientid_profile (clientid) values ('a')");
    expect(await statusOf('a')).to.equal('never_seen');
  });
});
