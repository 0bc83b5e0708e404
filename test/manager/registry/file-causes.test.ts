import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { clientIdReason } from '../../../nodes/manager/protocol/client-id-reasons.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { fieldReason } from '../../../nodes/manager/registry/field-reasons.js';
import { cellReason } from '../../../nodes/manager/registry/files/cell-reasons.js';
import { gatewayFileReason } from '../../../nodes/manager/registry/files/gateway-file-reasons.js';
import { registrationReason } from '../../../nodes/manager/registry/registration-reasons.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { fileReason } from '../../../nodes/manager/shared/files/file-reasons.js';
import { jsonReason } from '../../../nodes/manager/shared/json-reasons.js';
import { fillIn, type Reason } from '../../../nodes/manager/shared/reason.js';
import type { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

const TEXTS: Readonly<Record<string, string>> = {
  ...clientIdReason.texts,
  ...fieldReason.texts,
  ...registrationReason.texts,
  ...gatewayFileReason.texts,
  ...cellReason.texts,
  ...fileReason.texts,
  ...jsonReason.texts,
};

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const many = (piece: string) => piece.repeat(100_001);

/** Files that are refused as a whole. */
const REFUSED: readonly (string | Buffer)[] = [
  7 as never,
  '',
  'name,site\na,b\n',
  'clientid,site,Location\na,b,c\n',
  'clientid,site,site\na,b,c\n',
  `clientid${',x'.repeat(300)}\n`,
  `clientid\n${many('x\n')}`,
  `clientid\n${'x'.repeat(21 * 1024 * 1024)}`,
  'clientid,password,salt\na,b,c\n',
  '[{"clientid":"a","password":"b","salt":"c"}]',
  'clientid,site\na,b\nsite,clientid\nc,d\n',
  'clientid,site\n"a,b\n',
  'clientid,site\na,5" b\n',
  'clientid,site\n"a"b,c\n',
  `clientid,note\na,${'x'.repeat(31_000)}\n`,
  '{"a":1}',
  '{"data":[],"data":[]}',
  `[${many('{},')}{}]`,
  `{${Array.from({ length: 20_002 }, (_, at) => `"${at}":0`).join()}}`,
  `[[${many('[0,0,0,0,0,0,0,0,0,0],')}0]]`,
  many('{"clientid":"a"}\n'),
  `${'['.repeat(80)}${']'.repeat(80)}`,
  '[{"clientid":1e400}]',
  `[${'1e30,'.repeat(5100)}1]`,
  ...[
    '[1',
    "['a'",
    '[“a”]',
    '[1] x',
    '[1 2]',
    '{"a" 1}',
    '{a:1}',
    '[,1]',
    '[a]',
    '[}',
    '[1,]',
    '["a',
    '[1] //',
  ],
  ...['["a\n"]', '["\\x"]'],
  Buffer.from('clientid,site\nkao,\xb0\xaa\xb6\xaf\n', 'latin1'),
  latin1('clientid,site\na,M\u00c3\u00bcnchen \u00c3\u00a4\u00c3\u00b6\u00c3\u00bc \xff\n'),
  latin1('\xff\xfe\x00\x00c\x00\x00\x00'),
  latin1('clientid\na\x00b and more text that is long enough\n'),
  Buffer.from('\ufeffclientid\na\u0000\n', 'utf8'),
  Buffer.from('\ufeffclientid\na\u0000b\n', 'utf16le'),
  'clientid\na\u0000\n',
  '\u00ef\u00bb\u00bfclientid\na\n',
  '--x\r\nContent-Disposition: form-data; name="f"\r\n\r\nclientid\n',
  ...['%PDF-1', '\x1f\x8b', 'BZh', '\xfd7zXZ', '\x28\xb5\x2f\xfd', '7z\xbc\xaf', 'Rar!', '\x89PNG'].map(
    latin1,
  ),
  ...['\xff\xd8\xff', 'GIF8', '{\\rtf', 'SQLite format 3', 'PAR1', 'MIME-Version:', '\x09\x08'].map(latin1),
  ...['\xd0\xcf\x11\xe0', 'PK\x03\x04', 'PK\x03\x04 xl/', 'PK\x03\x04 word/', 'PK\x03\x04 Index/'].map(
    latin1,
  ),
  ...['PK\x03\x04 opendocument.text', 'PK\x03\x04 opendocument.spreadsheet', '<html>', '<?xml?>'].map(latin1),
];

/** Refused as well, if they are said to be JSON. */
const REFUSED_AS_JSON: readonly string[] = [' ', '7'];

/** Files that are taken, with something wrong or odd in their rows. */
const TAKEN: readonly (string | Buffer)[] = [
  '[]',
  '{"data":[{"clientid":"a"}],"next":"b"}',
  '[1, {"clientid":{}}, {"clientid":"a","site":1}, {"clientid":"b","username":"","password":12345678}]',
  '[{"clientid":"a","tags":{}}, {"clientid":"b","tags":["x;y"]}, {"clientid":"c","enabled":{}}, {"clientid":"$d"}]',
  '[{"clientid":"a\\u0001"}, {"clientid":"\\ud800"}, {"clientid":1.5}, {"clientid":2}, {"clientid":"x","site":"\\ud800"}]',
  '[{"clientid":"a\\u200b"}, {"clientid":"NULL"}, {"clientid":"b","site":"1","site":"2"}, {"clientid":".."}, {"clientid":""}]',
  '[{"clientid":"a","site":{}}, {"clientid":"\\ufeffb"}, {"clientid":"c","username":"u\\u202ev"}]',
  `clientid,tags\na,${Array.from({ length: 51 }, (_, index) => index).join(';')}\nb,","\nc,'1E5;\n`,
  `clientid,site\na/b,\ntaken,\na,\na,\nA,\n=A1,\n#N/A,\n1.2E+11,\nNULL,\n'001,\n"b\ufffd",\n"ｇ",\nc,NULL\n[object Object],\nd,${'x'.repeat(101)}\n`,
  "clientid,enabled\na,maybe\nb,false\n'c,\nMAR-1,\nTRUE,\nM\u00c3\u00bcnchen,\nd,,x\nforeign,\ne\u0301,\n",
  'clientid,password\na,#N/A\nb,1.2E+11\nc,"=""x"""\nd,short\ne," long enough"\nf,"abcdefgh\ufffd"\ng,NULL\n h ,\ni,\'=hunter-22\n',
  'x\n# y\n,Client ID,colour,status,username\n1,a,,,\n# z\n,b\n,Client ID,colour,status,username\n2;c\n,e,,,"x\ty"\n',
  'clientid,site\n',
  'clientid|site\n---|---\n"a;b"|c\n',
  Buffer.from('clientid,site\na,M\u00fcnchen\n', 'latin1'),
];

/** The text that a cause stands for, with the causes in its values. */
function retold({ text, cause }: Reason): string {
  return cause === null ? text : fillIn(TEXTS[cause.code] ?? 'no such code', cause.params, retold);
}

/** All codes of a reason, with those in its values. */
function codesOf({ cause }: Reason): string[] {
  if (cause === null) return [];
  const inner = Object.values(cause.params).flatMap((value) =>
    typeof value === 'object' ? codesOf(value) : [],
  );
  return [cause.code, ...inner];
}

/** Everything that is told of the files above, with their beginnings. */
async function allTold(registry: Registry): Promise<[string, Reason][]> {
  const told: [string, Reason][] = [];
  const refuse = async (file: string | Buffer, format?: 'json') => {
    const error = (await errorOf(registry.import(file, format))) as TpeError;
    expect(error.details).to.include({ field: 'file' });
    told.push([String(file).slice(0, 40), error.reason]);
  };
  for (const file of REFUSED) await refuse(file);
  for (const file of REFUSED_AS_JSON) await refuse(file, 'json');
  for (const file of TAKEN) {
    const { faults, notes } = await registry.previewImport(file);
    for (const { reason: text, cause } of [...faults, ...notes]) told.push([text, { text, cause }]);
  }
  return told;
}

describe('registry: what is told of a file, for programs', () => {
  const open = opener('pglite');
  let database: Database;
  let registry: Registry;
  before(async () => {
    database = await open();
    registry = createRegistry(database);
    await registry.register({ clientid: 'taken' });
    await database.execute(
      "insert into mqtt_user (clientid, username, password, salt, enabled) values ('foreign', 'x', 'x', 'x', true)",
    );
  });
  after(() => database.close());

  it('says the same as its words', async () => {
    const codes = new Set<string>();
    for (const [about, reason] of await allTold(registry)) {
      expect(reason.cause, about).not.to.equal(null);
      expect(retold(reason), about).to.equal(reason.text);
      for (const code of codesOf(reason)) codes.add(code);
    }
    const all = [gatewayFileReason, cellReason, fileReason, jsonReason].flatMap(({ texts }) =>
      Object.keys(texts),
    );
    // One is about the name of an encoding, the other about JSON in which no fault is found.
    const others = ['encoding-unknown', 'json-none'];
    expect(all.filter((code) => !codes.has(code))).to.have.members(others);
  });

  it('has the values by name', async () => {
    const { faults, notes } = await registry.previewImport('Client ID,site\ntaken,\ngw,=A1\n');
    expect(faults.map(({ line, cause }) => [line, cause])).to.deep.equal([
      [2, { code: 'client-id-registered', params: { clientid: 'taken' } }],
      [3, { code: 'cell-formula', params: { column: 'site', given: '"=A1"' } }],
    ]);
    expect(notes.map(({ cause }) => cause)).to.deep.equal([
      { code: 'column-read-as', params: { name: '"Client ID"', column: 'clientid' } },
    ]);
    const { reason } = (await errorOf(registry.import('[1 2]'))) as TpeError;
    const missing = jsonReason('json-comma-missing');
    expect(reason).to.deep.equal(
      gatewayFileReason('file-no-json', {
        fault: jsonReason('json-at', { line: 1, column: 4, fault: missing }),
      }),
    );
  });

  it('says why one gateway cannot be registered or changed', async () => {
    const refused = async (promise: Promise<unknown>) => {
      const { reason, message } = (await errorOf(promise)) as TpeError;
      expect(retold(reason)).to.equal(message);
      return reason.cause;
    };
    expect(await refused(registry.register({ clientid: 'taken' }))).to.deep.equal({
      code: 'client-id-registered',
      params: { clientid: 'taken' },
    });
    expect(await refused(registry.register({ clientid: 'a/b' }))).to.deep.equal({
      code: 'client-id-special-character',
      params: { clientid: 'a/b', special: '/' },
    });
    expect(await refused(registry.register({ clientid: 'gw', password: 'short' }))).to.deep.equal({
      code: 'password-length',
      params: { field: 'password', length: 5, least: 8, most: 128 },
    });
    expect(await refused(registry.update('nobody "x"', { site: 'north' }))).to.deep.equal({
      code: 'client-id-not-registered',
      params: { clientid: 'nobody \\"x\\"' },
    });
    const encoding = await refused(registry.import(Buffer.from('clientid\ngw\n'), 'csv', 'klingon'));
    expect(encoding).to.deep.equal({ code: 'encoding-unknown', params: { name: '"klingon"' } });
  });
});
