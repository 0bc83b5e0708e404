import { expect } from 'chai';
import type { Database, Row } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Device } from '../../../nodes/manager/registry/device.js';
import { readCursor } from '../../../nodes/manager/registry/device-cursor.js';
import type { DeviceFilter } from '../../../nodes/manager/registry/device-filter.js';
import type { DeviceQuery } from '../../../nodes/manager/registry/device-query.js';
import { type PageStatement, pageStatements } from '../../../nodes/manager/registry/page-statements.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { DEVICE_SORTS, type DeviceSort } from '../../../nodes/manager/registry/sort-names.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

/** The first page of 50, and one more to know whether there is another. */
const FIRST = { after: null, limit: 51 };

/** So many rows with values that repeat, are missing, and are no versions. */
async function fill(database: Database, rows: number): Promise<void> {
  await database.query(
    `insert into clientid_profile (clientid, connection_status, host_name, model_name, serial_number,
       firmware_version, tpe_version, site, tags, redundancy, created_at, connection_status_updated_at)
     select 'gw-' || lpad(n::text, 6, '0'), n % 3 = 0, case when n % 7 > 0 then 'Host ' || n % 50 end,
       (array['UC-8112A-ME-T-LX-EU', 'UC-3111-T-EU-LX', 'AIG-301 (TPC)', null])[1 + n % 4],
       case when n % 11 > 0 then 'IMOXA' || n * 7 % 1000 end, (array['1.9', '1.10', 'v2.0.1', 'none', null])[1 + n % 5],
       (array['2.2.0-594', '2.10.0-1', '2.2.0-3074'])[1 + n % 3], (array['Taipei', 'Brea', 'Köln', ''])[1 + n % 4],
       array[(array['north', 'south'])[1 + n % 2]], case when n % 9 < 2 then 'Pumps ' || n / 9 % 20 else '' end, 1700000000 + n % 100,
       case when n % 5 > 0 then 1767225600 else 0 end
     from generate_series(1, $1::integer) n`,
    [rows],
  );
  await database.query(
    `update tpe_presence set since = '2026-01-01T00:00:00Z'::timestamptz + right(clientid, 6)::integer % 60 * interval '1.000001 second'
     where since is not null`,
  );
  await database.query(
    `insert into mqtt_user (clientid, username, enabled)
     select clientid, 'user of ' || clientid, right(clientid, 1) <> '0' from clientid_profile`,
  );
}

eachDatabase('registry: lists', (open) => {
  let database: Database;
  let registry: Registry;

  before(async () => {
    database = await open();
    registry = createRegistry(database);
    await fill(database, 500);
  });
  after(() => database.close());

  async function walk(query: DeviceQuery, between?: () => Promise<void>): Promise<Device[]> {
    const devices: Device[] = [];
    let cursor: string | undefined;
    do {
      const page = await registry.list({ ...query, ...(cursor !== undefined && { cursor }) });
      devices.push(...page.devices);
      cursor = page.next ?? undefined;
      await between?.();
    } while (cursor !== undefined);
    return devices;
  }

  const ids = (devices: readonly Device[]) => devices.map((device) => device.clientid);

  for (const sort of DEVICE_SORTS) {
    it(`pages by ${sort}, up and down, every gateway once`, async () => {
      const up = await walk({ sort, limit: 77 });
      const down = await walk({ sort, limit: 78, descending: true });
      expect(new Set(ids(up)).size).to.equal(500);
      expect(ids(down)).to.deep.equal(ids(up).toReversed());
      expect(ids((await registry.list({ sort, limit: 500 })).devices)).to.deep.equal(ids(up));
    });
  }

  it('sorts versions by their numbers, times by time, and what is missing first', async () => {
    const versions = async (sort: DeviceSort) => [
      ...new Set((await walk({ sort })).map((device) => device[sort as 'tpeVersion'])),
    ];
    expect(await versions('tpeVersion')).to.deep.equal(['2.2.0-594', '2.2.0-3074', '2.10.0-1']);
    const firmware = await versions('firmwareVersion');
    expect(firmware.slice(-3)).to.deep.equal(['1.9', '1.10', 'v2.0.1']);
    expect(firmware.slice(0, 2)).to.have.members(['none', null]);
    const since = (await walk({ sort: 'since' })).map((device) => device.since ?? '');
    expect(since).to.deep.equal(since.toSorted());
    expect(since[0]).to.equal('');
    const models = (await walk({ sort: 'modelName' })).map((device) => device.modelName ?? '');
    expect(models).to.deep.equal(models.toSorted());
  });

  it('gives a page of 50 and a cursor, and none behind the last', async () => {
    const first = await registry.list({});
    expect(first.devices).to.have.length(50);
    expect(first.next).to.match(/^[\w-]+$/);
    const exact = await registry.list({ limit: 500 });
    expect(exact.devices).to.have.length(500);
    expect(exact.next).to.equal(null);
    expect(await registry.list({ site: 'nowhere' })).to.deep.equal({ devices: [], next: null });
  });

  it('neither skips nor repeats a gateway that stays, while others come and go', async () => {
    let number = 0;
    const stay = new Set(ids(await walk({ sort: 'hostName' })));
    const seen = await walk({ sort: 'hostName', limit: 50 }, async () => {
      number += 1;
      const host = `Host ${number}`;
      await registry.register({ clientid: `new-${number}` });
      await database.query('update clientid_profile set host_name = $2 where clientid = $1', [
        `new-${number}`,
        host,
      ]);
      if (number > 1) await registry.retire(`new-${number - 1}`);
    });
    await registry.retire(`new-${number}`);
    const old = ids(seen).filter((clientid) => !clientid.startsWith('new-'));
    expect(old).to.have.length(500);
    expect(new Set(old)).to.deep.equal(stay);
    expect(new Set(ids(seen)).size).to.equal(seen.length);
  });

  it('goes on behind a gateway that was retired meanwhile', async () => {
    for (const name of ['a', 'b', 'c'])
      await registry.register({ clientid: `leaving-${name}`, site: 'leaving' });
    const page = await registry.list({ site: 'leaving', limit: 1 });
    await registry.retire('leaving-a');
    const rest = await registry.list({ site: 'leaving', cursor: page.next! });
    expect(ids(rest.devices)).to.deep.equal(['leaving-b', 'leaving-c']);
    for (const name of ['b', 'c']) await registry.retire(`leaving-${name}`);
  });

  it('refuses a cursor that is none, or of another order', async () => {
    const cursor = (await registry.list({ sort: 'site', limit: 1 })).next!;
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const refused: DeviceQuery[] = [
      { cursor },
      { sort: 'site', descending: true, cursor },
      { sort: 'site', cursor: 'garbage' },
      { sort: 'site', cursor: '' },
      { sort: 'site', cursor: `${cursor}!` },
      { sort: 'site', cursor: 'x'.repeat(100_000) },
      { sort: 'site', cursor: forged(null) },
      { sort: 'site', cursor: forged(['site', false, 'Brea']) },
      { sort: 'site', cursor: forged(['site', false, 7, 'gw-1']) },
      { sort: 'site', cursor: forged(['site', false, 'a\u0000', 'gw-1']) },
      { sort: 'since', cursor: forged(['since', false, 'tomorrow?', 'gw-1']) },
      { sort: 'since', cursor: forged(['since', false, '2026-13-45 00:00:00+00', 'gw-1']) },
      { sort: 'createdAt', cursor: forged(['createdAt', false, '9999999999999999999', 'gw-1']) },
      { sort: 'tpeVersion', cursor: forged(['tpeVersion', false, '{1,', 'gw-1']) },
    ];
    for (const query of refused) {
      const error = await errorOf(registry.list(query));
      expect(error, JSON.stringify(query).slice(0, 200)).to.have.property('code', 'INVALID_INPUT');
      expect(error.message).to.match(/cursor/);
    }
    expect((await registry.list({ sort: 'site', cursor })).devices).to.have.length(50);
  });

  it('refuses a limit, a sort or a filter that is none', async () => {
    const refused = [
      { limit: 0 },
      { limit: 1001 },
      { limit: 1.5 },
      { limit: Number.NaN },
      { sort: 'password' as DeviceSort },
      { sort: 'toString' as DeviceSort },
      { status: 'asleep' as 'online' },
      { search: 'a\u0000' },
      { search: 7 as unknown as string },
      { tag: '\ud800' },
      { enabled: 'yes' as unknown as boolean },
      { clientids: 'gw-1' as unknown as string[] },
      { clientids: [] },
      { colour: 'red' } as DeviceQuery,
    ];
    for (const query of refused) {
      expect(await errorOf(registry.list(query)), JSON.stringify(query)).to.have.property(
        'code',
        'INVALID_INPUT',
      );
    }
  });

  it('finds by every filter what has it, alone and together, and counts the same', async () => {
    const all = await walk({ limit: 1000 });
    const cases: [DeviceFilter, (device: Device) => boolean][] = [
      [{}, () => true],
      [{ status: 'online' }, (device) => device.status === 'online'],
      [{ status: 'never_seen' }, (device) => device.status === 'never_seen'],
      [{ model: 'UC-' }, (device) => device.modelName?.startsWith('UC-') === true],
      [{ model: 'AIG-301 (' }, (device) => device.modelName?.startsWith('AIG-301 (') === true],
      [{ firmware: '1.10' }, (device) => device.firmwareVersion === '1.10'],
      [{ firmware: 'none' }, (device) => device.firmwareVersion === 'none'],
      // The same numbers, and another text.
      [{ firmware: '2.0.1' }, () => false],
      [
        { firmware: 'v2.0.1', tpe: '2.10.0-1', model: 'UC-' },
        ({ firmwareVersion, tpeVersion, modelName }) =>
          firmwareVersion === 'v2.0.1' && tpeVersion === '2.10.0-1' && modelName?.startsWith('UC-') === true,
      ],
      [{ tag: 'north' }, (device) => device.tags.includes('north')],
      [{ site: 'Köln' }, (device) => device.site === 'Köln'],
      [{ redundancy: 'Pumps 7' }, (device) => device.redundancy === 'Pumps 7'],
      [
        { redundancy: ' Pumps 7 ', enabled: true },
        (device) => device.redundancy === 'Pumps 7' && device.enabled,
      ],
      [{ redundancy: 'Pumps' }, () => false],
      [{ enabled: false }, (device) => !device.enabled],
      [{ enabled: true }, (device) => device.enabled],
      [
        { clientids: ['gw-000007', 'gw-000001', 'nobody', 'a\u0000'] },
        (device) => /00000[17]$/.test(device.clientid),
      ],
      [{ search: 'host 4' }, (device) => device.hostName?.startsWith('Host 4') === true],
      [{ search: 'KÖLN' }, (device) => device.site === 'Köln'],
      [{ search: 'imoxa77' }, (device) => device.serialNumber?.startsWith('IMOXA77') === true],
      [{ search: '', site: '', redundancy: ' ' }, () => true],
      [
        { status: 'online', model: 'UC', tag: 'south', site: 'Brea', search: 'gw', enabled: true },
        (device) =>
          device.status === 'online' &&
          device.modelName?.startsWith('UC') === true &&
          device.tags.includes('south') &&
          device.site === 'Brea' &&
          device.enabled,
      ],
    ];
    for (const [filter, has] of cases) {
      const expected = all.filter(has);
      expect(ids(await walk({ ...filter, limit: 100 })), JSON.stringify(filter)).to.deep.equal(ids(expected));
      const counts = await registry.counts(filter);
      const byStatus = (status: string) => expected.filter((device) => device.status === status).length;
      expect(counts).to.deep.equal({
        total: expected.length,
        online: byStatus('online'),
        offline: byStatus('offline'),
        never_seen: byStatus('never_seen'),
      });
    }
  });

  it('takes % and _ and \\ in a search for themselves', async () => {
    await registry.register({ clientid: 'percent', note: '100% _done_ C:\\temp' });
    for (const search of ['100%', '_done_', 'C:\\temp', '% _']) {
      expect(ids((await registry.list({ search })).devices)).to.deep.equal(['percent']);
    }
    for (const search of ['1%0', 'd_ne', '\\%'])
      expect((await registry.list({ search })).devices).to.deep.equal([]);
    await registry.retire('percent');
  });

  it('has names in the order that people read them in, and those that need a person first', async () => {
    const names = [
      'Plant 10',
      'plant 2',
      'PLANT 010 b',
      'Österreich 1',
      'oslo',
      'Zug 100000000000000000',
      'Zug 99',
      '工場 12',
      '工場 3',
    ];
    const [first, ...others] = names.keys();
    for (const [place, name] of names.entries()) {
      await registry.register({ clientid: `order-${place}`, site: name, tags: ['ordered'] });
    }
    const sites = async (sort: DeviceSort) =>
      (await walk({ tag: 'ordered', sort, limit: 4 })).map((device) => device.site);
    expect(await sites('site')).to.deep.equal([
      'oslo',
      'Österreich 1',
      'plant 2',
      'Plant 10',
      'PLANT 010 b',
      'Zug 99',
      'Zug 100000000000000000',
      '工場 3',
      '工場 12',
    ]);
    await database.query(
      `update tpe_presence set status = case clientid when $1 then 'online' else 'offline' end
      where clientid = any($2::text[])`,
      [`order-${first}`, [`order-${first}`, 'order-7', 'order-8']],
    );
    const states = (await walk({ tag: 'ordered', sort: 'status', limit: 2 })).map(
      (device) => device.clientid,
    );
    const never = others.filter((place) => place < 7).map((place) => `order-${place}`);
    expect(states).to.deep.equal(['order-7', 'order-8', ...never, `order-${first}`]);
    for (const place of names.keys()) await registry.retire(`order-${place}`);

    for (const clientid of ['unit-10', 'unit-9', 'unit-09', 'unit-1'])
      await registry.register({ clientid, site: 'units' });
    for (const filter of [
      { site: 'units' },
      { search: 'unit-' },
      { status: 'never_seen', site: 'units' },
    ] as const) {
      const found = await walk({ ...filter, sort: 'name', limit: 1 });
      expect(ids(found), JSON.stringify(filter)).to.deep.equal(['unit-1', 'unit-09', 'unit-9', 'unit-10']);
      expect(ids(await walk({ ...filter, sort: 'site', limit: 1 }))).to.deep.equal(ids(found));
    }
    for (const clientid of ['unit-10', 'unit-9', 'unit-09', 'unit-1']) await registry.retire(clientid);
  });

  it('finds by a tag and by the beginning of an address, with all else that is asked', async () => {
    for (const clientid of ['there-1', 'there-2', 'there-3'])
      await registry.register({ clientid, tags: ['Roof unit'] });
    await registry.update('there-3', { note: 'was 10.20.30.41 before' });
    await database.query(
      `update tpe_presence set ip_address = case clientid when 'there-1' then '10.20.30.40'
      when 'there-2' then 'fe80::1:2' else '192.168.1.7' end where clientid = any($1::text[])`,
      [['there-1', 'there-2', 'there-3']],
    );
    const found = async (query: DeviceQuery) => ids((await registry.list(query)).devices);
    expect(await found({ search: 'roof U' })).to.deep.equal(['there-1', 'there-2', 'there-3']);
    for (const sort of DEVICE_SORTS) {
      expect(await found({ search: '10.20.30', sort }), sort).to.have.members(['there-1', 'there-3']);
      expect(await found({ search: '10.20.30.40', sort, tag: 'Roof unit' }), sort).to.deep.equal(['there-1']);
    }
    expect(await found({ search: 'fe80:' })).to.deep.equal(['there-2']);
    expect(await found({ search: '168.1.7' })).to.deep.equal([]);
    expect(await registry.counts({ search: '10.20.30' })).to.include({ total: 2, never_seen: 2 });
    for (const clientid of ['there-1', 'there-2', 'there-3']) await registry.retire(clientid);
  });

  it('gives a page by its number', async () => {
    for (const query of [{}, { search: 'gw-0' }, { sort: 'site', tag: 'north' }] as DeviceQuery[]) {
      const all = ids(await walk({ ...query, limit: 500 }));
      for (const skip of [0, 25, all.length - 10, all.length, 1_000_000]) {
        const page = await registry.list({ ...query, skip, limit: 25 });
        expect(ids(page.devices), JSON.stringify({ ...query, skip })).to.deep.equal(
          all.slice(skip, skip + 25),
        );
        expect(page.next === null).to.equal(skip + 25 >= all.length);
      }
    }
    expect(await errorOf(registry.list({ skip: -1 }))).to.have.property('code', 'INVALID_INPUT');
  });

  it('goes through all that match', async () => {
    const seen: string[] = [];
    for await (const device of registry.each({ tag: 'north' })) seen.push(device.clientid);
    expect(seen).to.deep.equal(ids(await walk({ tag: 'north', limit: 1000 })));
  });
});

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Scan Direction'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

eachDatabase('registry: lists of a large fleet', (open) => {
  let database: Database;

  before(async () => {
    database = await open();
    await fill(database, 20_000);
    await database.query('vacuum (analyze) clientid_profile');
    await database.query('vacuum (analyze) tpe_presence');
    await database.query('vacuum (analyze) mqtt_user');
  });
  after(() => database.close());

  async function plan(sql: string, parameters: readonly unknown[], isRun = false): Promise<Plan[]> {
    const [row] = await database.query<Row & { 'QUERY PLAN': { Plan: Plan }[] }>(
      `explain (format json, analyze ${isRun}) ${sql}`,
      parameters,
    );
    const flat = (node: Plan): Plan[] => [node, ...(node.Plans ?? []).flatMap(flat)];
    return flat(row!['QUERY PLAN'][0]!.Plan);
  }

  const INDEXES: Record<DeviceSort, RegExp> = {
    clientid: /clientid|presence_pkey/,
    name: /by_(name|attention)$/,
    status: /by_attention$/,
    since: /by_since$/,
    hostName: /by_host_key$/,
    modelName: /by_model$/,
    serialNumber: /by_serial$/,
    site: /by_site_key$/,
    redundancy: /by_redundancy_key$/,
    tpeVersion: /by_tpe$/,
    firmwareVersion: /by_firmware$/,
    biosVersion: /by_bios$/,
    createdAt: /by_created$/,
  };

  for (const sort of DEVICE_SORTS) {
    it(`walk the index for ${sort} from the cursor on, up and down`, async () => {
      for (const descending of [false, true]) {
        const registry = createRegistry(database);
        const { next } = await registry.list({ sort, descending, limit: 1000 });
        const after = readCursor(next!, { sort, descending });
        const [{ sql, parameters }] = pageStatements({}, { sort, descending }, { after, limit: 51 }) as [
          PageStatement,
        ];
        const nodes = await plan(sql, parameters);
        const scan = nodes.find((node) => (descending ? /</ : />/).test(node['Index Cond'] ?? ''));
        expect(scan, JSON.stringify(nodes)).to.include({
          'Scan Direction': descending ? 'Backward' : 'Forward',
        });
        expect(scan!['Index Name']).to.match(INDEXES[sort]);
        expect(nodes.map((node) => node['Node Type'])).to.not.include('Seq Scan');
      }
    });
  }

  it('find few by where they are without reading all', async () => {
    await database.query(
      "update tpe_presence set ip_address = '10.1.' || right(clientid, 6)::integer / 250 || '.' || right(clientid, 6)::integer % 250",
    );
    await database.query('vacuum (analyze) tpe_presence');
    const { sql, parameters } = pageStatements(
      { search: '10.1.77.7' },
      { sort: 'status', descending: false },
      FIRST,
    ).at(-1)!;
    const nodes = await plan(sql, parameters);
    expect(nodes.map((node) => node['Index Name']).join())
      .to.match(/by_address/)
      .and.to.match(/by_text/);
    expect(nodes.map((node) => node['Node Type'])).to.not.include('Seq Scan');
  });

  it('find few by what they are called without reading all', async () => {
    for (const filter of [
      { search: 'GW-012345' },
      { model: 'AIG-999' },
      { tag: 'nobody has it' },
      { firmware: '7.7.7' },
      { tpe: '7.7.7' },
    ]) {
      const { sql, parameters } = pageStatements(filter, { sort: 'clientid', descending: false }, FIRST).at(
        -1,
      )!;
      const nodes = await plan(sql, parameters);
      expect(nodes.map((node) => node['Index Name']).join()).to.match(
        /by_text|by_model|by_tag|by_firmware|by_tpe/,
      );
    }
  });

  /** How many rows of tables are read for a page, which is full. */
  async function rowsRead(filter: DeviceQuery, sort: DeviceSort): Promise<number> {
    let rows = 0;
    for (const { sql, parameters } of pageStatements(filter, { sort, descending: false }, FIRST)) {
      const [whole, ...nodes] = await plan(sql, parameters, true);
      for (const node of [whole!, ...nodes]) {
        if (node['Relation Name'] === undefined) continue;
        rows += (node['Actual Rows']! + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']!;
      }
      if (whole!['Actual Rows'] === 51) return rows;
    }
    throw new Error('there is no full page');
  }

  it('find a page of many that come last in the order without reading all before them', async () => {
    expect(await rowsRead({ search: 'gw-019' }, 'clientid')).to.be.below(10_000);
  });

  it('find a page of those that are all over the fleet without looking for the others', async () => {
    for (const sort of DEVICE_SORTS) expect(await rowsRead({ search: 'gw-0' }, sort), sort).to.be.below(1000);
  });

  it('go through many that come last, in each order, every gateway once', async () => {
    const registry = createRegistry(database);
    const found = 1000;
    for (const sort of DEVICE_SORTS) {
      for (const descending of [false, true]) {
        const clientids = new Set<string>();
        let cursor: string | undefined;
        do {
          const page = await registry.list({ search: 'gw-019', sort, descending, limit: 300, cursor });
          for (const { clientid } of page.devices) clientids.add(clientid);
          cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        expect(clientids.size, sort).to.equal(found);
      }
    }
  });
});

eachDatabase('registry: searches right after many were registered', (open) => {
  let database: Database;
  /** A list of waiting entries of 256 kB, and what the search itself reads. */
  const MOST_BLOCKS = 60;

  before(async () => {
    database = await open();
    await fill(database, 6000);
  });
  after(() => database.close());

  it('do not read through the entries of all of them', async () => {
    const [row] = await database.query<Row & { 'QUERY PLAN': { Plan: { 'Shared Hit Blocks': number } }[] }>(
      `explain (format json, analyze, buffers) select from clientid_profile where find_text like '%nobody%'`,
    );
    expect(row!['QUERY PLAN'][0]!.Plan['Shared Hit Blocks']).to.be.below(MOST_BLOCKS);
  });
});
