import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Device, ImportReport } from '../../../nodes/manager/registry/device.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

eachDatabase('registry: import and export', (open) => {
  let database: Database;
  let registry: Registry;

  before(async () => {
    database = await open();
    registry = createRegistry(database);
  });
  after(() => database.close());
  afterEach(() => database.execute('truncate clientid_profile, mqtt_user'));

  const csv = (...lines: string[]) => registry.import(lines.join('\n'), 'csv');
  const json = (rows: unknown) => registry.import(JSON.stringify(rows), 'json');
  const all = async () => (await registry.list({ limit: 1000 })).devices;
  const faultsOf = ({ faults }: ImportReport) => faults.map((fault) => [fault.line, fault.clientid]);

  describe('of CSV', () => {
    it('registers each row, with passwords given and generated', async () => {
      const report = await csv(
        'clientid,username,password,site,note,tags,redundancy',
        'gw-1,user,correct horse,Taipei,"a ""quoted"" note",north;pilot,pumps A/B',
        'gw-2,,,,,,',
      );
      expect(report).to.deep.include({ total: 2, registered: 2, faults: [] });
      expect(report.credentials.map(({ clientid, generated }) => ({ clientid, generated }))).to.deep.equal([
        { clientid: 'gw-2', generated: true },
      ]);
      const [one, two] = await all();
      expect(one).to.deep.include({
        site: 'Taipei',
        note: 'a "quoted" note',
        tags: ['north', 'pilot'],
        username: 'user',
        redundancy: 'pumps A/B',
      });
      expect(two).to.deep.include({
        site: '',
        note: '',
        tags: [],
        redundancy: '',
        username: 'gw-2',
        status: 'never_seen',
      });
      expect(await registry.authenticate('gw-1', 'user', 'correct horse')).to.equal('accepted');
      const { username, password } = report.credentials[0]!;
      expect(await registry.authenticate('gw-2', username, password)).to.equal('accepted');
    });

    it('reads what spreadsheets and editors make of it', async () => {
      const files = [
        '\ufeffclientid,site,note\r\ngw-1,Köln,"two\r\nlines"\r\n',
        'clientid;site;note\r\ngw-1;Köln;"two\r\nlines"',
        '"ClientID" , " SITE", Note\n "gw-1" , Köln ,"two\r\nlines"\n\n\n',
        'note,clientid,site\r"two\r\nlines",gw-1,Köln\r,,\r',
        'clientid,site,note,\ngw-1,Köln,"two\r\nlines",\n',
      ];
      for (const file of files) {
        const report = await registry.import(file, 'csv');
        expect(report, JSON.stringify(file)).to.deep.include({ total: 1, registered: 1, faults: [] });
        expect(await registry.get('gw-1')).to.deep.include({ site: 'Köln', note: 'two\r\nlines' });
        await registry.retire('gw-1');
      }
    });

    it('names each bad row with its line and its fault, and takes the good ones', async () => {
      await registry.register({ clientid: 'taken' });
      await database.query("insert into mqtt_user (clientid, username) values ('foreign', 'theirs')");
      const report = await csv(
        'clientid,username,password,site,note,tags', // 1
        'good-1,,,,,', // 2
        'a/b,,,,,', // 3
        '"multi', // 4
        'line",,,,,', // 5
        'good-1,,,,,', // 6
        'taken,,,,,', // 7
        'foreign,,,,,', // 8
        ',,,Taipei,,', // 9
        `${'x'.repeat(101)},,,,,`, // 10
        'gw-a,,short,,,', // 11
        `gw-b,,,${'s'.repeat(101)},,`, // 12
        '', // 13
        'gw-c,,,,,,surplus', // 14
        'gw-d,,,,,,surplus', // 15
        '"good-2","","","","two', // 16
        'lines",""', // 17
        'gw-e,\u0007,,,,', // 18
        'good-3,,,,,a;b', // 19
      );
      expect(report.total).to.equal(15);
      expect(report.registered).to.equal(3);
      expect(faultsOf(report)).to.deep.equal([
        [3, 'a/b'],
        [4, 'multi\nline'],
        [6, 'good-1'],
        [7, 'taken'],
        [8, 'foreign'],
        [9, null],
        [10, 'x'.repeat(101)],
        [11, 'gw-a'],
        [12, 'gw-b'],
        [14, 'gw-c'],
        [15, 'gw-d'],
        [18, 'gw-e'],
      ]);
      const reasons = new Map(report.faults.map((fault) => [fault.line, fault.reason]));
      expect(reasons.get(3)).to.match(/"\/"/);
      expect(reasons.get(4)).to.match(/control characters/);
      expect(reasons.get(6)).to.match(/line 2 already/);
      expect(reasons.get(7)).to.match(/"taken" is registered already/);
      expect(reasons.get(8)).to.match(/mqtt_user/);
      expect(reasons.get(9)).to.match(/client id/);
      expect(reasons.get(10)).to.match(/101 characters/);
      expect(reasons.get(11)).to.match(/password.*8 to 128/);
      expect(reasons.get(12)).to.match(/site.*101/);
      expect(reasons.get(14)).to.match(/7 cells.*6/);
      expect(reasons.get(15)).to.match(/7 cells.*6/);
      expect(reasons.get(18)).to.match(/username.*control/);
      expect(JSON.stringify(report.faults)).to.not.include('short');
      expect((await all()).map((device) => device.clientid)).to.deep.equal([
        'good-1',
        'good-2',
        'good-3',
        'taken',
      ]);
      expect(await registry.get('foreign')).to.equal(null);
    });

    it('names a column that it does not know, and leaves it out', async () => {
      const report = await csv('clientid,pasword,hostName,status', 'gw-1,correct horse,Moxa,online');
      expect(report.registered).to.equal(1);
      expect(report.faults).to.have.length(1);
      expect(report.faults[0]).to.include({ line: 1, clientid: null });
      expect(report.faults[0]!.reason).to.match(/"pasword".*password/);
      expect(report.credentials[0]).to.include({ clientid: 'gw-1', generated: true });
      expect(await registry.get('gw-1')).to.include({ hostName: null, status: 'never_seen' });
    });
  });

  describe('of JSON', () => {
    it('registers each element, and names each bad one by its place', async () => {
      const report = await json([
        {
          clientid: 'gw-1',
          username: null,
          password: 'correct horse',
          tags: ['a'],
          enabled: false,
          hostName: 'x',
        },
        { clientid: 7.5 },
        'gw-2',
        null,
        ['gw-3'],
        { clientid: 'gw-4', tags: { north: true } },
        { clientid: 'gw-5', site: { $ne: '' } },
        {},
        { clientid: 'gw-1' },
        { clientid: 'gw-6\u0000' },
        { clientid: '\ud800' },
        { clientid: 'gw-7', colour: 'red', password: 12345678 },
        { clientid: 'gw-8', colour: 'blue' },
      ]);
      expect(report).to.include({ total: 13, registered: 2 });
      expect(faultsOf(report)).to.deep.equal([
        [2, null],
        [3, null],
        [4, null],
        [5, null],
        [6, 'gw-4'],
        [7, 'gw-5'],
        [8, null],
        [9, 'gw-1'],
        [10, 'gw-6\u0000'],
        [11, '\ufffd'],
        [12, null],
        [12, 'gw-7'],
      ]);
      expect(report.faults.find((fault) => fault.line === 9)!.reason).to.match(/line 1 already/);
      expect((await all()).map((device) => device.clientid)).to.deep.equal(['gw-1', 'gw-8']);
      expect(await registry.authenticate('gw-1', 'gw-1', 'correct horse')).to.equal('disabled');
    });
  });

  it('refuses a file that cannot be read as a whole, and writes nothing', async () => {
    const broken: [string, 'csv' | 'json', RegExp][] = [
      ['', 'csv', /empty/],
      ['\n\n', 'csv', /empty/],
      ['name,site\ngw-1,A', 'csv', /no column "clientid".*"name"/],
      ['clientid,site,site\ngw-1,A,B', 'csv', /"site" twice/],
      ['clientid\ngw-1\n"gw-2', 'csv', /not CSV.*line 3/i],
      ['clientid,note\ngw-1,ok\ngw-2,5" pipe\n', 'csv', /not CSV.*line 3/i],
      ['\u0089PNG\r\n\u001a\n\u0000\u0000', 'csv', /picture/],
      ['', 'json', /not JSON/],
      ['[{"clientid":"gw-1"}', 'json', /not JSON/],
      ['{"site":"gw-1"}', 'json', /no list/],
      ['"gw-1"', 'json', /no list/],
      [`clientid\ngw-1\n${'x'.repeat(21 * 1024 * 1024)}`, 'csv', /20 MB/],
      [`clientid\n${'x\n'.repeat(100_001)}`, 'csv', /100000 rows/],
    ];
    for (const [text, format, reason] of broken) {
      const error = await errorOf(registry.import(text, format));
      expect(error, text.slice(0, 40)).to.be.instanceOf(TpeError).with.property('code', 'INVALID_INPUT');
      expect(error.message).to.match(reason);
    }
    expect(await all()).to.deep.equal([]);
  });

  it('does not tell what stands at the fault of a file: passwords are in it, and what is told is kept in the audit', async () => {
    const broken: [string, 'csv' | 'json'][] = [
      ['clientid,password\ngw-1,hunter2"y\n', 'csv'],
      ['clientid,password\ngw-1,"hunter2"y\n', 'csv'],
      ['[{"clientid": "gw-1", "password": hunter2}]', 'json'],
      ['[{"clientid": "gw-1", "password": "hunter2"},]', 'json'],
      ['[{"password": "hunter2" "clientid": "gw-1"}]', 'json'],
      [`[{"site": "${'x'.repeat(40_000)}"}, {"password": hunter2}]`, 'json'],
    ];
    for (const [text, format] of broken) {
      const { message } = await errorOf(registry.import(text, format));
      expect(message).to.match(/is not (JSON|CSV): \w/);
      expect(message, text.slice(0, 60)).not.to.contain('hunter').and.not.to.contain('ter2');
    }
  });

  it('takes 10,000 rows in one go, and each of them works', async () => {
    const rows = Array.from(
      { length: 10_000 },
      (_, index) => `gw-${index},site ${index % 10},tag-${index % 3};all`,
    );
    const report = await csv('clientid,site,tags', ...rows, 'gw-5000,again,', 'bad/one,,');
    expect(report).to.deep.include({ total: 10_002, registered: 10_000 });
    expect(faultsOf(report)).to.deep.equal([
      [10_002, 'gw-5000'],
      [10_003, 'bad/one'],
    ]);
    expect(report.credentials).to.have.length(10_000);
    expect(new Set(report.credentials.map((credential) => credential.password)).size).to.equal(10_000);
    const { clientid, username, password } = report.credentials[9_999]!;
    expect(clientid).to.equal('gw-9999');
    expect(await registry.authenticate(clientid, username, password)).to.equal('accepted');
    expect(await registry.counts({ tag: 'all' })).to.include({ total: 10_000, never_seen: 10_000 });
    const again = await csv('clientid,site,tags', ...rows);
    expect(again).to.include({ total: 10_000, registered: 0 });
    expect(again.faults).to.have.length(10_000);
  });

  it('of the same gateways at the same time registers each of them once', async () => {
    const rows = Array.from({ length: 300 }, (_, index) => ({ clientid: `gw-${index}` }));
    const reports = await Promise.all([
      json(rows),
      json(rows.toReversed()),
      json(rows),
      registry.register({ clientid: 'gw-7' }).catch(() => null),
    ]);
    const registered = reports.map((report) =>
      report !== null && 'registered' in report ? report.registered : report === null ? 0 : 1,
    );
    expect(registered.reduce((sum, count) => sum + count)).to.equal(300);
    expect((await registry.counts()).total).to.equal(300);
  });

  it('writes nothing when the database fails in the middle', async () => {
    const failing = createRegistry({
      ...database,
      transaction: (work) =>
        database.transaction((transaction) => {
          let statements = 0;
          return work({
            ...transaction,
            query: (sql, parameters) => {
              statements += 1;
              if (statements === 3) throw Object.assign(new Error('gone'), { code: '57P01' });
              return transaction.query(sql, parameters);
            },
          });
        }),
    });
    const rows = Array.from({ length: 1500 }, (_, index) => ({ clientid: `gw-${index}` }));
    const error = await errorOf(failing.import(JSON.stringify(rows), 'json'));
    expect(error).to.have.property('code', '57P01');
    expect(await all()).to.deep.equal([]);
    expect(await database.query('select count(*) as count from mqtt_user')).to.deep.equal([{ count: 0 }]);
  });

  describe('of what was exported', () => {
    const kept = ({ clientid, username, site, note, tags, redundancy, enabled }: Device) => ({
      clientid,
      username,
      site,
      note,
      tags,
      redundancy,
      enabled,
    });
    const awkward = [
      { clientid: '=1-1', site: '+1', note: '-1', tags: ['@x', '=y'], username: '@user', redundancy: '=A' },
      { clientid: '-gw', note: '\ttab', tags: ['+'], redundancy: '1/2' },
      { clientid: "'=already guarded", note: "'plain", site: "''=twice", redundancy: 'NULL' },
      { clientid: 'quotes"and,commas;', note: 'line 1\nline 2\r\nline 3\r', site: ' spaces ' },
      { clientid: ' leading', note: '\n=1', site: '\uff1dwide', username: ' trailing ', redundancy: '0012' },
      {
        clientid: '\u{1f600}',
        note: '\ufeffbom',
        site: 'Köln',
        tags: ['a b', 'c,d', '"e"'],
        redundancy: '\u5099\u63f4, "A"',
      },
    ];

    for (const format of ['csv', 'json'] as const) {
      it(`gives the same gateways again (${format})`, async () => {
        for (const registration of awkward) await registry.register(registration);
        await registry.update('-gw', { enabled: false });
        const before = await all();
        const file = await registry.export({}, format);
        for (const { clientid } of before) await registry.retire(clientid);
        const report = await registry.import(file, format);
        expect(report.faults).to.deep.equal([]);
        expect(report.credentials).to.have.length(awkward.length);
        expect((await all()).map(kept)).to.deep.equal(before.map(kept));
      });
    }

    it('has no cell that a spreadsheet would run', async () => {
      for (const registration of awkward) await registry.register(registration);
      await registry.storeProfile('-gw', {
        hostName: '=cmd|calc',
        modelName: '@SUM(1)',
        serialNumber: null,
        tpeVersion: null,
        firmwareVersion: null,
        biosVersion: null,
        description: null,
        deviceType: null,
        raw: {},
      });
      const cells = (parse(await registry.export({}, 'csv'), { bom: true }) as string[][]).flat();
      expect(cells).to.include("'=cmd|calc").and.to.include("'@SUM(1)").and.to.include("'=1-1");
      expect(cells.filter((cell) => /^[=+\-@\t\r\n\uff1d]/.test(cell))).to.deep.equal([]);
    });

    it('has what the gateways reported and no secrets, of those that were asked for', async () => {
      for (let index = 0; index < 1500; index += 500) {
        await json(
          Array.from({ length: 500 }, (_, row) => ({
            clientid: `gw-${index + row}`,
            site: index === 0 ? 'A' : 'B',
          })),
        );
      }
      const everything = JSON.parse(await registry.export({}, 'json'));
      expect(everything).to.have.length(1500);
      // A login that was refused, and a broker that is away, are told for a while, and are nothing of the gateway. Causes are in the words.
      const {
        refusedLogin: _refusedLogin,
        presenceAsOf: _presenceAsOf,
        cause: _cause,
        warningCause: _warningCause,
        ...exported
      } = (await registry.get('gw-0'))!;
      expect(everything[0]).to.have.all.keys(Object.keys(exported));
      const rows = parse(await registry.export({ site: 'B' }, 'csv'), { bom: true, columns: true }) as Record<
        string,
        string
      >[];
      expect(rows).to.have.length(1000);
      expect(Object.keys(rows[0]!)).to.include.members(['clientid', 'hostName', 'tpeVersion', 'status']);
      expect(Object.keys(rows[0]!)).to.not.include.members(['password']);
      expect(JSON.parse(await registry.export({ site: 'C' }, 'json'))).to.deep.equal([]);
      expect(parse(await registry.export({ site: 'C' }, 'csv'))).to.have.length(1);
      expect(await errorOf(registry.export({ status: 'asleep' as 'online' }, 'csv'))).to.have.property(
        'code',
        'INVALID_INPUT',
      );
    });
  });
});
