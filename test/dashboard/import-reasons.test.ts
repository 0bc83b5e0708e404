import { expect } from 'chai';
import { translateBy } from '../../nodes/dashboard/client/i18n/translate-by.js';
import type { Database } from '../../nodes/manager/database/database.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../nodes/manager/registry/registry.js';
import type { Reason } from '../../nodes/manager/shared/reason.js';
import { asTpeError } from '../../nodes/manager/shared/tpe-error.js';
import { opener } from '../support/databases.js';
import { TRANSLATED_INTO, translationsIn } from '../support/reason-tables.js';

/** Something wrong or odd of each kind: as the page brings it, and what is told of it has to be in the language of the person. */
const FILES: (string | Buffer)[] = [
  '',
  'name,site\na,b\n',
  'clientid,site,Location\na,b,c\n',
  'clientid,site,site\na,b,c\n',
  `clientid${',x'.repeat(300)}\n`,
  `clientid\n${'x\n'.repeat(100_001)}`,
  `clientid\n${'x'.repeat(21 * 1024 * 1024)}`,
  'clientid,password,salt\na,b,c\n',
  'clientid,site\na,b\nsite,clientid\nc,d\n',
  'clientid,site\n"a,b\n',
  'clientid,site\na,5" b\n',
  'clientid,site\n"a"b,c\n',
  `clientid,note\na,${'x'.repeat(31_000)}\n`,
  '"x"',
  '[1',
  '{"a":1}',
  '{"data":[],"data":[]}',
  `[${'{},'.repeat(100_000)}{}]`,
  `${'['.repeat(80)}${']'.repeat(80)}`,
  '[]',
  '{"data":[{"clientid":"a"}],"next":"b"}',
  ...[
    "[{'a'",
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
    '["a\n"]',
    '["\\x"]',
    '[1] // x',
  ].map((text) => `[${text.slice(1)}`),
  '[1, {"clientid":{}}, {"clientid":"a","site":1}, {"clientid":"b","username":"","password":12345678}]',
  '[{"clientid":"a","tags":{}}, {"clientid":"b","tags":["x;y"]}, {"clientid":"c","enabled":{}}, {"clientid":"$d"}]',
  '[{"clientid":"a\\u0001"}, {"clientid":"\\ud800"}, {"clientid":1.5}, {"clientid":2}, {"clientid":"x","site":"\\ud800"}]',
  '[{"clientid":"a\\u200b"}, {"clientid":"NULL"}, {"clientid":"b","site":"1","site":"2"}, {"clientid":".."}, {"clientid":""}]',
  `clientid,tags\na,${Array.from({ length: 51 }, (_, index) => index).join(';')}\n`,
  'clientid,site\na/b,\ntaken,\na,\na,\nA,\n=A1,\n#N/A,\n1.2E+11,\nNULL,\n\'001,\n"b\ufffd",\n"ｇ",\nc,NULL\n[object Object],\n',
  "clientid,enabled\na,maybe\nb,false\n'c,\nMAR-1,\nTRUE,\nM\u00c3\u00bcnchen,\nd,,x\nforeign,\n",
  'clientid,password\na,#N/A\nb,1.2E+11\nc,"=""x"""\nd,short\ne," long enough"\nf,"abcdefgh\ufffd"\ng,NULL\n h ,\ni,\'=hunter-22\n',
  'x\n# y\n,Client ID,colour,status,username\n1,a,,,\n# z\n,b\n,Client ID,colour,status,username\n2;c\n,e,,,"x\ty"\n',
  'clientid,site\n',
  'clientid|site\n---|---\n"a;b"|c\n',
  Buffer.from('\ufeffclientid\na\n', 'utf16le'),
  Buffer.from('clientid,site\na,M\u00fcnchen\n', 'latin1'),
  Buffer.from('clientid,site\nkao,\xb0\xaa\xb6\xaf\n', 'latin1'),
  Buffer.from('clientid,site\na,M\u00fcnchen \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \xff\n', 'latin1'),
  Buffer.from('\xff\xfe\x00\x00c\x00\x00\x00', 'latin1'),
  Buffer.from('clientid\na\x00b and more text that is long enough\n', 'latin1'),
  ...[
    '%PDF-1',
    '\x1f\x8b',
    'BZh',
    '\xfd7zXZ',
    '\x28\xb5\x2f\xfd',
    '7z\xbc\xaf',
    'Rar!',
    '\x89PNG',
    '\xff\xd8\xff',
    'GIF8',
    '{\\rtf',
    'SQLite format 3',
    'PAR1',
    'MIME-Version:',
    '\x09\x08',
    '\xd0\xcf\x11\xe0',
    'PK\x03\x04',
    'PK\x03\x04 xl/',
    'PK\x03\x04 word/',
    'PK\x03\x04 Index/',
    'PK\x03\x04 opendocument.text',
    'PK\x03\x04 opendocument.spreadsheet',
    '<html>',
  ].map((beginning) => Buffer.from(beginning, 'latin1')),
];
/** Words of English alone. */
const ENGLISH = /\b(?:the|were|has|have|is not|are|which|with|stands|that|must|of a|nothing)\b/i;

describe('dashboard: what is told of a file that is brought', () => {
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

  it('is in the language of the person', async () => {
    const reasons = new Map<string, Reason>();
    const note = (reason: Reason) => reasons.set(reason.text, reason);
    for (const file of FILES) {
      await registry.previewImport(file).then(
        ({ faults, notes, encoding }) => {
          for (const { reason, cause } of [...faults, ...notes]) note({ text: reason, cause });
          if (encoding?.isSure === false)
            return registry.import(file).catch((error) => note(asTpeError(error).reason));
        },
        (error) => note(asTpeError(error).reason),
      );
    }
    expect(reasons.size).to.be.greaterThan(100);
    for (const language of TRANSLATED_INTO) {
      const texts = translationsIn(language);
      const english = [...reasons.values()].filter((reason) => {
        const translation = translateBy(texts, reason);
        return translation === reason.text || ENGLISH.test(translation.replace(/["„「].*?["“」]/g, ''));
      });
      expect(
        english.map(({ text }) => text),
        language,
      ).to.deep.equal([]);
    }
  });
});
