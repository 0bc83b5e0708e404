import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Database } from '../../../nodes/manager/database/database.js';
import { isClientId } from '../../../nodes/manager/protocol/client-id.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Device, Registration } from '../../../nodes/manager/registry/device.js';
import { readCell, writeCell } from '../../../nodes/manager/registry/files/file-cell.js';
import { passwordFile } from '../../../nodes/manager/registry/files/password-file.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { SEPARATORS } from '../../../nodes/manager/shared/files/csv-records.js';
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
  const kept = ({ clientid, username, site, note, tags, redundancy, enabled }: Device) => ({
    clientid,
    username,
    site,
    note,
    tags,
    redundancy,
    enabled,
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
    files.push('| clientid | site | note |\n|---|:---:|---|\n| gw | "a ""b"", c;d|e" | n |\n');
    files.push(' clientid | site | note \n----------+----+---\n gw | "a ""b"", c;d|e" | n \n(1 row)\n');
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
    ["'gw-1,A,,", { clientid: "'gw-1" }, /"'gw-1" begins with an apostrophe/],
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
    [
      'gw-1,A\u2028B,one\u2028two,',
      { site: 'A B', note: 'one\u2028two' },
      /site "A\\u2028B" was read as "A B"/,
    ],
    ['gw-1,\\N,NULL,', { site: '', note: '', username: 'gw-1' }, /write where there is nothing .*: 2/],
    ["'NULL,'None,'\\N,", { clientid: 'NULL', site: 'None', note: '\\N' }, /apostrophe in front.*: 3/],
    ['gw-1,A,,"{a,""b c""}"', { tags: ['a', 'b c'] }, /was read as "a" \+ "b c"/],
    ['gw-1,A,,{a}', { tags: ['a'] }, /tags "\{a\}" was read as "a"/],
    ['gw-1,A,,{}', { tags: [] }, /was read as nothing/],
    ['gw-1,A,,"[""a"", ""b""]"', { tags: ['a', 'b'] }, /was read as/],
    [`gw-1,A,,"['a', 'b']"`, { tags: ['a', 'b'] }, /was read as/],
    ['gw-1,="",,', { site: '' }, /was read as ""/],
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
    ['gw-1,A,,System.Object[]', /tags "System\.Object\[\]" is what a program wrote in place of a list/],
    ['gw-1,[object Object],,', /in place of a list or an object/],
    ['NULL,A,,', /^2 clientid "NULL" is what programs write where there is nothing/],
    ['site,clientid,note,tags\nB,gw-2,,', /a second header on line 2, with other columns/],
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

  it('brings gateways in disabled where the file says so, in whatever words', async () => {
    const words: [string, boolean | null][] = [
      ...['true', 'TRUE', 'Wahr', 'yes', 'ja', '1', '1.0', 'x', 'on', '✓', 'はい', '是', '', 'NULL'].map(
        (word): [string, boolean] => [word, true],
      ),
      ...['false', 'FALSCH', 'No', 'nein', '0', 'off', 'disabled', '無効', '否', "'false", '="FALSE"'].map(
        (word): [string, boolean] => [word, false],
      ),
      ...['maybe', '2', '#N/A', 'true false'].map((word): [string, null] => [word, null]),
    ];
    const cells = words.map(([word], index) => `gw-${index};${word}`);
    const { devices, faults, notes } = await read(`clientid;Aktiv\n${cells.join('\n')}\n`);
    const found = new Map(devices.map(({ clientid, enabled }) => [clientid, enabled]));
    for (const [index, [word, enabled]] of words.entries())
      expect(found.get(`gw-${index}`) ?? null, word).to.equal(enabled);
    expect(faults).to.have.length(4);
    expect(faults[0]).to.match(/enabled "maybe" says neither yes nor no/);
    expect(notes.join('\n')).to.match(/disabled in the file: 11\b/);
    const json = await read(
      '[{"clientid":"a","enabled":false},{"clientid":"b","enabled":0},{"clientid":"c","enabled":"nein"},{"clientid":"d","enabled":true},{"clientid":"e","enabled":{}}]',
    );
    expect(json.faults).to.have.length(1);
    const [a, b, c, d] = json.devices;
    expect([a, b, c, d].map((device) => device?.enabled)).to.deep.equal([false, false, false, true]);
    const { credentials } = json.report;
    const { password } = credentials[0]!;
    expect(await registry.authenticate('a', 'a', password)).to.equal('disabled');
    await registry.update('a', { enabled: true });
    expect(await registry.authenticate('a', 'a', password)).to.equal('accepted');
  });

  it('reads redundancy sets under each of their names, and tells how large they are', async () => {
    for (const name of ['redundancy', 'Redundancy set', 'Redundanzgruppe', '冗長グループ', '備援群組']) {
      const { devices, faults, notes } = await read(
        `clientid;${name}\na;Pumps \nb;Pumps\nc;\nd;=1+1\ne;NULL\nf;Fans\n`,
      );
      expect(
        devices.map(({ redundancy }) => redundancy),
        name,
      ).to.deep.equal(['Pumps', 'Pumps', '', '', 'Fans']);
      expect(faults.join('\n'), name).to.match(/^5 redundancy .*formula/);
      expect(notes.join('\n'), name).to.match(/2 .*redundancy sets: 3\. The largest set, "Pumps", has 2:/);
      for (const { clientid } of devices) await registry.retire(clientid);
    }
    const { notes } = await read('clientid,redundancy\na,yes\nb,no\nc,yes\n');
    expect(notes.join('\n')).to.match(/The largest set, "yes", has 2:/);
    await database.execute('truncate clientid_profile, mqtt_user');
    expect((await read('clientid,redundancy\na,\n')).notes).to.deep.equal([]);
    await database.execute('truncate clientid_profile, mqtt_user');
    const json = await read('[{"clientid":"a","redundancy":12},{"clientid":"b","redundancy":{"set":"x"}}]');
    expect(json.devices.map(({ redundancy }) => redundancy)).to.deep.equal(['12']);
    expect(json.faults.join()).to.match(/"redundancy" must be a text, not object/);
  });

  it('tells of names that differ in nothing that a person sees, and refuses those that are one', async () => {
    const { notes, faults } = await read(
      'clientid\nGW-1\ngw-1\n gw-1 \n"gw-1\u00a0"\ngw\u200b-1\ne\u0301\n\u00e9\n',
    );
    expect(notes.join('\n')).to.match(/3 The client id "gw-1" differs from "GW-1" .*only in case/);
    expect(faults.map((fault) => fault.replace(/ .*stands on/, ' stands on'))).to.deep.equal([
      '4 stands on line 3 already.',
      '5 stands on line 3 already.',
      '6 stands on line 3 already.',
      '8 stands on line 7 already.',
    ]);
  });

  it('tells of a password that has what nobody sees, and not what it is', async () => {
    const { notes } = await read(
      'clientid,password\na," hunter-22"\nb,hunter\u200b-22\nc,hunter-22\nd,NULL\n',
    );
    expect(notes.map((text) => text.slice(0, 22))).to.deep.equal([
      '2 password has spaces ',
      '3 password has spaces ',
      '5 Values that programs',
    ]);
    expect(notes.join()).not.to.contain('hunter');
    expect(await registry.authenticate('a', 'a', ' hunter-22')).to.equal('accepted');
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
    expect(told).to.match(/3 Gateways that are disabled in the file: 1/);
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

    it('keeps each figure of a number, or refuses it', async () => {
      const { faults, notes, devices } = await read('[{"clientid":12345678901234567890},{"clientid":1.50}]');
      expect(faults.join('\n')).to.match(/^2 clientid is a number that cannot be kept/);
      expect(notes.join('\n')).to.match(/^1 clientid 12345678901234567890 is a number and was read as text/);
      expect(devices.map(({ clientid }) => clientid)).to.deep.equal(['12345678901234567890']);
    });

    it('refuses a field that stands twice, of which JSON.parse drops one', async () => {
      const large = `"note":"${'x'.repeat(1500)}"`;
      const files: [string, string[]][] = [
        ['[{"clientid":"a","Client ID":"b"},{"clientid":"ok"}]', ['1 "clientid"']],
        ['[{"clientid":"a","clientid":"b"},{"clientid":"ok"}]', ['1 "clientid"']],
        ['[{"clientid":"ok"},{"clientid":"a","site":"1","s\\u0069te":"2"}]', ['2 "site"']],
        ['{"clientid":"a","tags":["x"],"tags":["y"]}', ['1 "tags"']],
        ['{"clientid":"ok"}\n{"clientid":"a","note":"1","note":"2"}', ['2 "note"']],
        ['{"next":null,"data":[{"clientid":"a","site":"1","site":"2"},{"clientid":"ok"}]}', ['1 "site"']],
        [
          `[${Array.from({ length: 100 }, (_, at) => `{"clientid":"gw-${at}",${large}${at === 77 ? ',"site":1,"site":2' : ''}}`).join()}]`,
          ['78 "site"'],
        ],
      ];
      for (const [file, expected] of files) {
        const { faults } = await read(file);
        const told = faults.map((fault) => fault.replace(/^(\d+) .* field (".*") twice\.$/, '$1 $2'));
        expect(told, file.slice(0, 80)).to.deep.equal(expected);
        await database.execute('truncate clientid_profile, mqtt_user');
      }
      // No value is a name, and the same name in two objects is nothing.
      const sound = await read('[{"clientid":"site","site":"site"},{"clientid":"note","site":"site"}]');
      expect(sound.faults).to.deep.equal([]);
      const both = await errorOf(registry.import('{"data":[{"clientid":"a"}],"data":[{"clientid":"b"}]}'));
      expect(both.message).to.match(/it has the field "data" twice/);
    });

    it('takes an empty text as left out, as programs make it of an empty cell', async () => {
      const { faults, notes, devices } = await read('[{"clientid":"a","username":"","password":""}]');
      expect(faults).to.deep.equal([]);
      expect(notes.join()).to.match(/where there is nothing .*: 2/);
      expect(devices[0]).to.include({ username: 'a' });
    });

    it('takes names exactly as they are, also those that programs write for nothing', async () => {
      const { devices, notes } = await read('[{"clientid":"NULL"}]');
      expect(devices[0]).to.include({ clientid: 'NULL' });
      expect(notes.join()).to.match(/"NULL" is what programs write where there is nothing, and was taken/);
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
      'NULL',
      '\\N',
      'None',
      '{a}',
      '["a"]',
      'System.Object[]',
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
      redundancy: text(60),
      enabled: fc.boolean(),
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

    it('gives each cell again, whatever apostrophes and quotes stand around it', () => {
      const parts = ["'", '\u2018', '"', ';', ',', ' ', '=', 'a', 'TRUE', '[', ']'];
      let texts = [''];
      for (let length = 1; length <= 5; length += 1) {
        texts = texts.flatMap((text) => parts.map((part) => text + part));
        for (const text of texts) {
          const tags = text.split(';');
          const pairs = [
            [readCell('site', writeCell('site', text)).value, text],
            [readCell('clientid', writeCell('clientid', text)).value, text],
            [readCell('tags', writeCell('tags', tags)).value, tags],
          ] as const;
          for (const [found, meant] of pairs) {
            if (JSON.stringify(found) !== JSON.stringify(meant)) expect(found).to.deep.equal(meant);
          }
        }
      }
    });

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
