import { expect } from 'chai';
import type { OperationRow } from '../../../nodes/manager/catalogue/catalogue.js';
import { createCatalogue } from '../../../nodes/manager/catalogue/create-catalogue.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { seedCatalogue } from '../../../nodes/manager/catalogue/seed-catalogue.js';
import type { Database, Queryable } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabase } from '../../support/databases.js';

const OFFERED = OPERATIONS.filter(({ refusedBecause }) => refusedBecause === null);

eachDatabase('the catalogue in the tables of TPEDM', (open) => {
  let database: Database;
  const rows = () => createCatalogue(database).operationRows();

  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  it('offers all that can be done over MQTT, in the form that TPEDM knows', async () => {
    await seedCatalogue(database);
    const catalogue = createCatalogue(database);
    const categories = await catalogue.categories();
    expect(categories.slice(0, 2)).to.deep.equal([
      { id: 1, name: 'Software Management' },
      { id: 2, name: 'Application Management' },
    ]);
    expect(await rows()).to.have.length(OFFERED.length);
    const maintenance = categories.find(({ name }) => name === 'Device Maintenance')!;
    const some = await catalogue.operationRows(maintenance.id);
    const commandOf = (name: string) => JSON.parse(some.find((row) => row.name === name)!.command);
    expect(commandOf('Reset to Factory Default').path).to.equal('/system/reset-default?mode=factory');
    expect(commandOf('Reboot device now')).to.deep.equal({
      path: '/system/reboot',
      method: 'PUT',
      headers: [{ 'request-expired-time': '{expired-time}' }, { 'request-id': '{request-id}' }],
      requestBody: { now: true },
    });
    expect(some.every(({ categoryid }) => categoryid === maintenance.id)).to.equal(true);
  });

  it('tells of each row the id by which its operation is described and sent', async () => {
    await seedCatalogue(database);
    const catalogue = createCatalogue(database);
    const categories = new Map((await catalogue.categories()).map(({ id, name }) => [id, name]));
    for (const { categoryid, name, operation } of await rows()) {
      const known = catalogue.get(operation ?? '');
      expect(known, name).to.deep.include({ category: categories.get(categoryid), name });
    }
    expect(new Set((await rows()).map(({ operation }) => operation)).size).to.equal(OFFERED.length);
  });

  it('changes nothing when it is there already, and does not even write', async () => {
    await seedCatalogue(database);
    const before = await rows();
    const writes = () => {
      throw new Error('a transaction was opened');
    };
    await seedCatalogue({ ...database, transaction: writes, query: database.query.bind(database) });
    expect(await rows()).to.deep.equal(before);
  });

  it('gives operations their names where an earlier version had none for them', async () => {
    await seedCatalogue(database);
    const before = await rows();
    await database.query(
      `update dm_operation set name = 'Get /jobs' where name = (select name from dm_operation
         where command like '%"/jobs"%' limit 1)`,
    );
    const mine = before.find(({ name }) => name === 'List roles')!;
    await database.query(`update dm_operation set name = 'Who may what' where id = $1`, [mine.id]);
    await seedCatalogue(database);
    const after = await rows();
    expect(after.find(({ id }) => id === mine.id)?.name).to.equal('Who may what');
    expect(after.filter(({ name }) => name !== 'Who may what').map(({ name }) => name)).to.have.members(
      before.map(({ name }) => name),
    );
    expect(after).to.have.length(before.length + 1);
  });

  it('adopts the rows of a TPEDM, and leaves those of users alone', async () => {
    const tpedm = OPERATIONS.filter((operation) => operation.tpedm);
    await asTpedmHasIt(database, tpedm);
    await database.query(
      `insert into dm_operation (id, categoryid, name, command) values (900, 1, 'Mine', 'my own')`,
    );
    const before = await rows();
    await seedCatalogue(database);
    const after = await rows();
    expect(after.filter(({ id }) => before.some((row) => row.id === id))).to.deep.equal(before);
    expect(after).to.have.length(OFFERED.length + 1);
    expect(duplicates(after)).to.deep.equal([]);
    const names = (await createCatalogue(database).categories()).map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('puts back what is missing, and only that', async () => {
    await seedCatalogue(database);
    await database.query(`delete from dm_operation where name = 'Reboot device now'`);
    await database.query(`update dm_operation set command = 'changed' where name = 'GET /device/general'`);
    await seedCatalogue(database);
    const after = await rows();
    expect(after).to.have.length(OFFERED.length);
    expect(after.find(({ name }) => name === 'GET /device/general')?.command).to.equal('changed');
  });

  it('knows no category that is not a number', async () => {
    for (const id of [-1, 1.5, Number.NaN, 2 ** 31]) {
      const fault = await createCatalogue(database)
        .operationRows(id)
        .catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(TpeError).and.to.include({ code: 'INVALID_INPUT' });
    }
    expect(await createCatalogue(database).operationRows(123_456)).to.deep.equal([]);
  });

  // PGlite belongs to one process.
  if (open.kind === 'postgresql') {
    it('is filled once when instances start together', async () => {
      const options = await open.options();
      const both = await Promise.all([openDatabase(options), openDatabase(options)]);
      try {
        await Promise.all([...both, ...both].map(seedCatalogue));
        const all = await createCatalogue(both[0]).operationRows();
        expect(all).to.have.length(OFFERED.length);
        expect(duplicates(all)).to.deep.equal([]);
      } finally {
        await Promise.all(both.map((one) => one.close()));
      }
    });
  }
});

/** With ids of its own, so that the sequences lag behind. */
async function asTpedmHasIt(queryable: Queryable, operations: typeof OPERATIONS): Promise<void> {
  const categories = [...new Set(operations.map(({ category }) => category))];
  await queryable.query(
    `insert into dm_category (id, name) select place, name from unnest($1::text[]) with ordinality as c (name, place)`,
    [categories],
  );
  await queryable.query(
    `insert into dm_operation (id, categoryid, name, command)
     select place, categoryid, name, '{ "path": "as TPEDM wrote it" }'
     from unnest($1::int[], $2::text[]) with ordinality as o (categoryid, name, place)`,
    [operations.map(({ category }) => categories.indexOf(category) + 1), operations.map(({ name }) => name)],
  );
}

function duplicates(rows: OperationRow[]): string[] {
  const names = rows.map(({ categoryid, name }) => `${categoryid} ${name}`);
  return names.filter((name, place) => names.indexOf(name) !== place);
}
