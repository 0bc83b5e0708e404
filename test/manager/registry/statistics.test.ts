import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { eachDatabase } from '../../support/databases.js';

const PROFILE = {
  hostName: null,
  serialNumber: null,
  biosVersion: null,
  description: null,
  deviceType: null,
  raw: {},
};

eachDatabase('registry: statistics', (open) => {
  let database: Database;
  let registry: Registry;

  before(async () => {
    database = await open();
    registry = createRegistry(database);
    for (const [clientid, site, tags, modelName, version] of [
      ['a', 'north', ['x', 'y'], 'UC', '1.5'],
      ['b', 'north', ['x'], 'UC', '1.5'],
      ['c', '', [], 'AIG', '1.5'],
      ['d', '', [], null, null],
    ] as const) {
      await registry.register({ clientid, site, tags: [...tags] });
      const versions = { tpeVersion: version, firmwareVersion: version };
      if (modelName !== null) await registry.storeProfile(clientid, { ...PROFILE, modelName, ...versions });
    }
    await database.query("update clientid_profile set connection_status = true where clientid in ('a', 'd')");
    await database.query("insert into tpe_update_plan values ('h', '[{}]', '[]')");
    await database.query(
      `insert into tpe_update (clientid, scanned_at, model_name, firmware_version, tpe_version, plan, has_update)
       values ('a', now(), 'UC', '1.5', '1.5', 'h', true), ('b', now(), 'UC', '1.5', '1.5', 'h', false)`,
    );
  });
  after(() => database.close());

  it('count by model, version, site and tag, the most frequent first', async () => {
    expect(await registry.statistics()).to.deep.equal({
      models: [
        { model: 'UC', total: 2, online: 1 },
        { model: 'AIG', total: 1, online: 0 },
        { model: null, total: 1, online: 1 },
      ],
      versions: [
        { model: 'UC', firmwareVersion: '1.5', tpeVersion: '1.5', total: 2, online: 1 },
        { model: 'AIG', firmwareVersion: '1.5', tpeVersion: '1.5', total: 1, online: 0 },
        { model: null, firmwareVersion: null, tpeVersion: null, total: 1, online: 1 },
      ],
      sites: [
        { site: '', total: 2, online: 1, offline: 0 },
        { site: 'north', total: 2, online: 1, offline: 0 },
      ],
      tags: [
        { tag: 'x', total: 2 },
        { tag: 'y', total: 1 },
      ],
      withUpdate: 1,
    });
  });

  it('and lists find the gateways with an update, until they run something else', async () => {
    const found = async (hasUpdate: boolean) =>
      (await registry.list({ hasUpdate })).devices.map(({ clientid }) => clientid);
    expect(await found(true)).to.deep.equal(['a']);
    expect(await found(false)).to.deep.equal(['b', 'c', 'd']);
    await registry.storeProfile('a', {
      ...PROFILE,
      modelName: 'UC',
      tpeVersion: '1.5',
      firmwareVersion: '1.5',
    });
    expect(await found(true)).to.deep.equal(['a']);
    await registry.storeProfile('a', {
      ...PROFILE,
      modelName: 'UC',
      tpeVersion: '1.5',
      firmwareVersion: '1.6',
    });
    expect(await found(true)).to.deep.equal([]);
    expect((await registry.statistics()).withUpdate).to.equal(0);
  });
});

eachDatabase('registry: sites of a large fleet', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
  });
  after(() => database.close());

  it('of more than can be listed, those where most is wrong are among them, however small', async () => {
    await database.query(
      `insert into clientid_profile (clientid, site, connection_status)
       select 'gw-' || n, 'site ' || lpad((n % 150)::text, 3, '0'), true from generate_series(0, 599) as n`,
    );
    await database.query(
      `insert into clientid_profile (clientid, site, connection_status) values ('small-1', 'hut', false), ('small-2', 'hut', false)`,
    );
    await database.query("update tpe_presence set status = 'offline' where clientid like 'small-%'");
    const { sites } = await createRegistry(database).statistics();
    expect(sites).to.have.length(100);
    expect(sites.at(-1)).to.deep.equal({ site: 'hut', total: 2, online: 0, offline: 2 });
    expect(sites[0]).to.deep.equal({ site: 'site 000', total: 4, online: 4, offline: 0 });
  });
});

eachDatabase('registry: preview of an import', (open) => {
  let database: Database;
  let registry: Registry;

  before(async () => {
    database = await open();
    registry = createRegistry(database);
    await registry.register({ clientid: 'there' });
    await database.query(
      "insert into mqtt_user (clientid, enabled) values ('foreign', true), ('left', false)",
    );
  });
  after(() => database.close());

  it('tells what import then does, and writes nothing', async () => {
    const csv = [
      'clientid,password,site,tags,redundancy',
      'new-1,,north,a;b,pumps',
      'there,,,',
      'foreign,,,',
      'left,a long password,,',
      'bad/one,,,',
      'new-1,,,',
    ].join('\n');
    const preview = await registry.previewImport(csv, 'csv');
    expect(preview.good).to.equal(2);
    expect(preview.sample).to.deep.equal([
      {
        clientid: 'new-1',
        username: 'new-1',
        site: 'north',
        note: '',
        tags: ['a', 'b'],
        redundancy: 'pumps',
        hasPassword: false,
      },
      { clientid: 'left', username: 'left', site: '', note: '', tags: [], redundancy: '', hasPassword: true },
    ]);
    expect((await registry.counts()).total).to.equal(1);

    const report = await registry.import(csv, 'csv');
    expect(report.registered).to.equal(preview.good);
    expect(report.faults).to.deep.equal(preview.faults);
    expect(report.total).to.equal(preview.total);
  });
});
