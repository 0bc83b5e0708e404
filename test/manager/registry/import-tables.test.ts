import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Database } from '../../../nodes/manager/database/database.js';
import { SEPARATORS } from '../../../nodes/manager/files/csv-records.js';
import { isClientId } from '../../../nodes/manager/registry/client-id.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Device, Registration } from '../../../nodes/manager/registry/device.js';
import { passwordFile } from '../../../nodes/manager/registry/password-file.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { RUNS } from '../../support/hostile.js';

/** As spreadsheets and people save one and the same gateway, and something besides. */
describe('registry: tables as spreadsheets, editors and people save them', () => {
  const open = opener('pglite');
  let database: Database;
  let registry: Registry;
  before(async () => {
    database = await open();
    registry = createRegistry(database);
  });
  after(() => database.close());
  afterEach(() => database.execute('truncate clientid_profile, mqtt_user'));

  const all = async () => (await registry.list({ limit: 1000 })).devices;
  const kept = ({ clientid, username, site, note, tags }: Device) => ({
    clientid,
    username,
    site,
    note,
    tags,
  });
  /** What the preview and then the import tell, which is the same. */
  async function read(content: string | Buffer) {
    const preview = await registry.previewImport(content);
    const report = await registry.import(content);
    expect(report.registered).to.equal(preview.good);
    expect({ faults: report.faults, notes: report.notes }).to.deep.equal({
      faults: preview.faults,
      notes: preview.notes,
    });
    const lines = (list: typeof report.notes) => list.map(({ line, reason }) => `${line} ${reason}`);
    return { devices: await all(), notes: lines(report.notes), faults: lines(report.faults), report };
  }

  it('reads the files that spreadsheets made', async () => {
    const folder = join(__dirname, '../../../../test/fixtures/tables');
    const expected: Record<string, { ids: string[]; site: string; told: RegExp | null }> = {
      'excel-ansi.csv': { ids: ['ansi-ui-1'], site: 'München', told: /windows-1252/ },
      'excel-unicode.txt': { ids: ['u16-ui'], site: 'Hall 1, West', told: /utf-16le/ },
      'excel-text-formula.csv': {
        ids: ['0012345'],
        site: '',
        told: /^2 clientid "="0012345"" was read as "0012345"\.$/,
      },
      'excel-missing-trailing.csv': {
        ids: ['rag-1', 'rag-2'],
        site: 'A',
        told: /^2 Rows with fewer cells than the header: 1\./,
      },
      'sep-line.csv': { ids: ['sep-1'], site: 'A', told: null },
    };
    expect(readdirSync(folder).sort()).to.deep.equal(Object.keys(expected).sort());
    for (const [name, { ids, site, told }] of Object.entries(expected)) {
      const { devices, notes, faults } = await read(readFileSync(join(folder, name)));
      expect(faults, name).to.deep.equal([]);
      expect(
        devices.map(({ clientid }) => clientid),
        name,
      ).to.deep.equal(ids);
      expect(devices[0]!.site, name).to.equal(site);
      if (told === null) expect(notes, name).to.deep.equal([]);
      else expect(notes.join('\n'), name).to.match(told);
      await database.execute('truncate clientid_profile, mqtt_user');
    }
  });

  it('knows the same table by any separator, line end and header', async () => {
    const files: string[] = [];
    for (const separator of SEPARATORS) {
      for (const end of ['\n', '\r\n', '\r', '\u2028']) {
        for (const first of [
          '',
          `sep=${separator}${end}`,
          `"sep=${separator}"${end}`,
          end,
          `${separator}${end}`,
        ]) {
          const row = (...cells: string[]) => `${cells.join(separator)}${end}`;
          files.push(
            first + row('clientid', 'site', 'note') + row('gw', '"a ""b"", c;d|e"', 'n') + row('', '', ''),
          );
        }
      }
    }
    const headers = [
      'Client ID',
      'client-id',
      'CLIENT_ID',
      'clientID',
      'ClientId',
      'Client-ID',
      'クライアントID',
      '用戶端 ID',
    ];
    for (const header of headers) files.push(`${header},SITE,Notes\ngw,"a ""b"", c;d|e",n\n`);
    files.push('Standort;Client-ID;Bemerkung\n"a ""b"", c;d|e";gw;n\n');
    files.push('Gateways of plant 2;;\n;;\n# made by hand\nclientid;site;note\ngw;"a ""b"", c;d|e";n\n');
    for (const file of files) {
      const { devices, faults } = await read(file);
      expect(faults, JSON.stringify(file)).to.deep.equal([]);
      expect(
        devices.map(({ clientid, site, note }) => [clientid, site, note]),
        JSON.stringify(file),
      ).to.deep.equal([['gw', 'a "b", c;d|e', 'n']]);
      await registry.retire('gw');
    }
  });

  /** A row below `clientid,site,note,tags`: what it becomes, and what is told of it. */
  const CHANGED: [string, Partial<Device>, RegExp | null][] = [
    ['gw-1,A,,a;b', { clientid: 'gw-1', tags: ['a', 'b'] }, null],
    ['gw-1,A,,"a, b"', { tags: ['a', 'b'] }, /tags "a, b" was read as "a" \+ "b"/],
    ['gw-1,A,,a、b', { tags: ['a', 'b'] }, /was read as/],
    ['="0012345",A,,', { clientid: '0012345' }, /clientid .*0012345.* was read as "0012345"/],
    ['"=""0012345""",A,,', { clientid: '0012345' }, /was read as "0012345"/],
    ['=“0012345”,A,,', { clientid: '0012345' }, /was read as "0012345"/],
    ["'0012345,A,,", { clientid: '0012345' }, /apostrophe in front.*: 1/],
    ["'gw-1,A,,", { clientid: "'gw-1" }, null],
    ['“gw-1”,A,,', { clientid: 'gw-1' }, /clientid "“gw-1”" was read as "gw-1"/],
    ["'gw-1','A',,", { clientid: 'gw-1', site: 'A' }, /clientid "'gw-1'" was read as "gw-1"/],
    ['gw-1,A,,\nclientid,site,note,tags', { clientid: 'gw-1' }, /3 The header stands here again/],
    ['gw\u200b-1\u200f,A,,', { clientid: 'gw-1' }, /"gw\\u200b-1\\u200f" was read as "gw-1"/],
    ['\ufeffgw-1,A,,', { clientid: 'gw-1' }, /\\ufeff/],
    ['"gw-1\u00a0",A,,', { clientid: 'gw-1' }, /was read as "gw-1"/],
    ['ＧＷ－１,A,,', { clientid: 'GW-1' }, /was read as "GW-1"/],
    [
      'gw-1,Mu\u0308nchen,,',
      { site: 'M\u00fcnchen' },
      /site "M.*nchen" was read in the usual form of Unicode/,
    ],
    [' gw-1 ,A,,', { clientid: 'gw-1' }, /spaces around them: 1/],
    ['" gw-1 ",A,,', { clientid: 'gw-1' }, /" gw-1 " was read as "gw-1"/],
    ['gw-1', { clientid: 'gw-1', site: '' }, /fewer cells.*: 1/],
    ['gw-1,A,,,,,', { clientid: 'gw-1' }, null],
    ['01-Mar,A,,', { clientid: '01-Mar' }, /"01-Mar" looks like what a spreadsheet makes/],
    ['WAHR,A,,', { clientid: 'WAHR' }, /looks like what a spreadsheet makes/],
    ['gw-1,+49 89 123,,', { site: '+49 89 123' }, null],
    ['gw-1,A,"two\r\nlines",', { note: 'two\r\nlines' }, null],
  ];
  for (const [row, device, told] of CHANGED) {
    it(`reads ${JSON.stringify(row)}, and tells what it changed`, async () => {
      const { devices, notes, faults } = await read(`clientid,site,note,tags\n${row}\n`);
      expect(faults).to.deep.equal([]);
      expect(devices[0]).to.deep.include(device);
      if (told === null) expect(notes).to.deep.equal([]);
      else expect(notes.join('\n')).to.match(told);
    });
  }

  const REFUSED: [string, RegExp][] = [
    ['=A1&"x",A,,', /not CSV.*line 2/],
    ['"=HYPERLINK(""http://x"",""gw"")",A,,', /^2 clientid .*is a formula/],
    ['=A1,A,,', /is a formula/],
    ['1.23E+11,A,,', /"1\.23E\+11" is a number that a spreadsheet shortened/],
    ['"1,23E+11",A,,', /shortened/],
    ['#N/A,A,,', /error value/],
    ['gw-1,#NAME?,,', /site "#NAME\?" is an error value/],
    ['gw-1,#REF!,,', /error value/],
    ['gw-1,#BEZUG!,,', /error value/],
    ['gw-1,#DIV/0!,,', /error value/],
    ['gw-1,Err:502,,', /error value/],
    ['gw-1,A,,,more', /5 cells, but the header has 4/],
    ['gw-1;A;n;t', /";" between its cells/],
    ['gw-1\tA', /"\\t" between its cells/],
    ['"gw-1,A', /not CSV: a quote is not closed that opens on line 2/],
    ['gw-1,5" pipe,,', /not CSV: a quote stands within.*line 2/],
  ];
  for (const [row, reason] of REFUSED) {
    it(`refuses ${JSON.stringify(row)}, and says why`, async () => {
      const told = await read(`clientid,site,note,tags\n${row}\ngood,,,\n`).then(
        ({ faults, devices }) => {
          expect(devices.map(({ clientid }) => clientid)).to.deep.equal(['good']);
          return faults;
        },
        (error: Error) => [error.message],
      );
      expect(told).to.have.length(1);
      expect(told[0]).to.match(reason);
    });
  }

  it('never tells a password, whatever a spreadsheet made of it', async () => {
    const { faults, notes } = await read(
      'clientid,password\na,1.23E+11\nb,#NAME?\nc,"=""hunter22"""\nd,"=hunter-22"\ne, hunter 22 \nf,hunter2\ufffd2\n',
    );
    expect(faults).to.have.length(4);
    expect([...faults, ...notes].join('\n'))
      .not.to.contain('hunter')
      .and.not.to.contain('1.23');
    expect(await registry.authenticate('d', 'd', '=hunter-22')).to.equal('accepted');
    expect(await registry.authenticate('e', 'e', 'hunter 22')).to.equal('accepted');
  });

  it('refuses a table of users with hashes, which would become passwords', async () => {
    const error = await errorOf(
      registry.import('id,clientid,username,password,salt,is_superuser\n1,a,a,0123abcd,ff,f\n'),
    );
    expect(error.message).to.match(/"salt".*hashes/);
  });

  it('tells of columns what it makes of them', async () => {
    const { notes, faults } = await read(
      ',Client ID,pasword,model_name,Enabled\n0,gw-1,x,UC,TRUE\n1,gw-2,,,false\n',
    );
    expect(faults.join('\n')).to.match(/^1 "pasword" is no column/);
    const told = notes.join('\n');
    expect(told).to.match(/1 The column "Client ID" was read as clientid/);
    expect(told).to.match(/passes over.*model_name/);
    expect(told).to.match(/column 1, which has no name: 2/);
    expect(told).to.match(/3 It is disabled in the file/);
    const twice = await errorOf(registry.import('clientid,Client ID\na,b\n'));
    expect(twice.message).to.match(/column "clientid" twice, as "clientid" and "Client ID"/);
    expect((await read('clientid,site\n')).notes.join()).to.match(/no row below/);
    expect((await read('clientid,site\n# a comment\ngw-9,A\n')).notes.join()).to.match(
      /2 A comment was left out/,
    );
  });

  describe('JSON', () => {
    const READ: [string, string, string[], RegExp | null][] = [
      ['a list', '[{"clientid":"a"},{"clientid":"b"}]', ['a', 'b'], null],
      ['a list with a mark', '\ufeff[{"clientid":"a"}]', ['a'], null],
      ['one gateway', '{"clientId":"a"}', ['a'], null],
      [
        'an answer of REST',
        '{"status":true,"data":[{"clientid":"a","connection_status":false}],"next":"x"}',
        ['a'],
        /list "data"[\s\S]*one page/,
      ],
      ['one on each line', '{"clientid":"a"}\n{"clientid":"b"}\n\n', ['a', 'b'], null],
      ['numbers', '[{"clientid":12345}]', ['12345'], /clientid 12345 is a number/],
      [
        'cells of a spreadsheet',
        '[{"clientid":"=\\"0012345\\"","tags":"x,y"}]',
        ['0012345'],
        /was read as "0012345"/,
      ],
      [
        'unseen characters',
        '[{"clientid":"a\u200b"}]',
        ['a\u200b'],
        /a\\u200b" has spaces, quotes or characters that nobody sees/,
      ],
    ];
    for (const [name, text, ids, told] of READ) {
      it(`reads ${name}`, async () => {
        const { devices, faults, notes } = await read(text);
        expect(faults).to.deep.equal([]);
        expect(devices.map(({ clientid }) => clientid)).to.deep.equal(ids);
        if (told === null) expect(notes).to.deep.equal([]);
        else expect(notes.join('\n')).to.match(told);
      });
    }

    const FAULTS: [string, RegExp][] = [
      ['[\n  {"clientid": "a"},\n]', /line 3, column 1: a comma stands before "\]"/],
      ["[{'clientid': 'a'}]", /line 1, column 3: .*double quotes/],
      ['[{“clientid”: "a"}]', /line 1, column 3: a typographic quote/],
      ['[{"clientid": "a"} {"clientid": "b"}]', /line 1, column 20: a comma is missing/],
      ['[{"clientid": a}]', /line 1, column 15: there is no value/],
      ['[{"clientid": "a"}', /line 1, column 19: it ends too early, "\[" is not closed/],
      ['[{clientid: "a"}]', /line 1, column 3: a name in double quotes/],
      ['[{"clientid": "a"}] // end', /line 1, column 21: JSON has no comments/],
      ['[{"note": "a\nb"}]', /line 1, column 11: .*line break/],
      ['[{"note": "C:\\x"}]', /backslash/],
      ['[{"clientid": 007}]', /line 1, column 15/],
    ];
    for (const [text, reason] of FAULTS) {
      it(`says where ${JSON.stringify(text)} is no JSON`, async () => {
        expect((await errorOf(registry.import(text))).message).to.match(reason);
      });
    }

    it('refuses numbers whose figures JSON has lost', async () => {
      const { faults } = await read(
        '[{"clientid":12345678901234567890},{"clientid":1.50},{"clientid":"a","Client ID":"b"}]',
      );
      expect(faults.join('\n')).to.match(
        /1 clientid is a number that cannot be kept[\s\S]*2 clientid is a number[\s\S]*3 .*"clientid" twice/,
      );
    });
  });

  describe('what was exported', () => {
    const nasty = fc.constantFrom(
      '=1+1',
      "'",
      "''",
      '0012345',
      '1.23E+11',
      '#N/A',
      '="x"',
      '“x”',
      ' x ',
      '\u200b',
      'e\u0301',
      'ｘ',
      'MAR-1',
      'TRUE',
      '1/2',
      'a,b',
      'a;b',
      '"',
      '\ufeff',
      '\u00a0',
      '-',
      '@',
      '\u2028',
      '#',
      '//',
      'sep=;',
      'Ã¼',
      '\t',
      '\u200d',
      '1:30',
      '123456789012345678',
    );
    const text = (most: number) =>
      fc
        .array(
          fc.oneof(
            nasty,
            fc.string({ unit: 'grapheme', maxLength: 8 }),
            fc.string({ unit: 'binary', maxLength: 4 }),
          ),
          { maxLength: 5 },
        )
        .map((parts) =>
          [
            ...parts
              .join('')
              .toWellFormed()
              // PGlite gives no text back that begins with a byte order mark.
              .replaceAll(/\ufffd|^\ufeff+/g, '')
              .replace(/\p{Cc}/gu, ''),
          ]
            .slice(0, most)
            .join(''),
        );
    const registration = fc.record({
      clientid: text(60).filter(isClientId),
      username: text(60).filter((name) => name !== ''),
      site: text(60),
      note: text(60).map((note) => note.replaceAll('~', '\r\n')),
      tags: fc.array(
        text(20).map((tag) => tag.replaceAll(';', '')),
        { maxLength: 4 },
      ),
    });

    for (const format of ['csv', 'json'] as const) {
      it(`gives the same gateways again, whatever they are called (${format})`, async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.uniqueArray(registration, {
              selector: ({ clientid }) => clientid,
              minLength: 1,
              maxLength: 8,
            }),
            fc.constantFrom(...SEPARATORS),
            async (registrations: Registration[], separator) => {
              await database.execute('truncate clientid_profile, mqtt_user');
              await registry.import(JSON.stringify(registrations), 'json');
              const before = await all();
              const { text } = await registry.exportPart({ filter: {}, format, separator });
              if (format === 'csv') expect(text.startsWith('\ufeffclientid')).to.equal(true);
              await database.execute('truncate clientid_profile, mqtt_user');
              const { faults } = await registry.import(Buffer.from(text));
              expect(faults, JSON.stringify(faults)).to.deep.equal([]);
              expect((await all()).map(kept)).to.deep.equal(before.map(kept));
            },
          ),
          { numRuns: Math.max(60, Math.ceil(RUNS / 4)) },
        );
      });
    }

    it('keeps digits and dates as text for spreadsheets', async () => {
      for (const clientid of ['0012345', '123456789012345', 'MAR-1', '1E5'])
        await registry.register({ clientid });
      const csv = await registry.export({}, 'csv');
      for (const clientid of ['0012345', '123456789012345', 'MAR-1', '1E5'])
        expect(csv).to.match(new RegExp(`^'${clientid},`, 'm'));
    });

    it('is a password file that a person can enter and import can read', async () => {
      const { credentials } = await registry.import('clientid,site\ngw-1,A\n0012,B\n');
      const settings = {
        host: 'mqtt.example.com',
        port: 8883,
        tls: true,
        inputTopic: (id: string) => `/tpedm/${id}/input`,
        outputTopic: (id: string) => `/tpedm/${id}/output`,
      };
      const file = await passwordFile(credentials, settings, ';');
      const [header, row] = file.split('\r\n');
      expect(header).to.equal(
        '\ufeffclientid;username;password;host;port;tls;caCertificate;mqttVersion;requestTopic;responseTopic;qos;retain',
      );
      expect(row).to.match(
        /^gw-1;gw-1;[\w-]{32};mqtt\.example\.com;8883;on;[^;]+;3\.1\.1;\/tpedm\/gw-1\/input;\/tpedm\/gw-1\/output;1;off$/,
      );
      for (const { clientid } of credentials) await registry.retire(clientid);
      const again = await read(Buffer.from(file));
      expect(again.faults).to.deep.equal([]);
      for (const { clientid, username, password } of credentials)
        expect(await registry.authenticate(clientid, username, password)).to.equal('accepted');
    });
  });
});
