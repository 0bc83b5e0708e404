import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { decodeText } from '../../../nodes/manager/shared/files/decode-text.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
/** A file with one gateway, whose site is given in bytes. */
const withSite = (site: string, id = 'gw') =>
  Buffer.concat([Buffer.from(`clientid,site\r\n${id},`), hex(site), Buffer.from('\r\n')]);

const MUNICH = 'clientid;site;note\r\ngw;München;Größe\r\n';

describe('registry: files in any encoding', () => {
  const open = opener('pglite');
  let database: Database;
  let registry: Registry;
  before(async () => {
    database = await open();
    registry = createRegistry(database);
  });
  after(() => database.close());
  afterEach(() => database.execute('truncate clientid_profile, mqtt_user'));

  const sites = async () => (await registry.list({ limit: 100 })).devices.map(({ site }) => site);

  const FOUND: [string, Buffer, string, string][] = [
    ['UTF-8', Buffer.from(MUNICH), 'utf-8', 'München'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${MUNICH}`), 'utf-8', 'München'],
    ['UTF-16 of Excel', utf16(`\ufeff${MUNICH.replaceAll(';', '\t')}`), 'utf-16le', 'München'],
    ['UTF-16 without a mark', utf16(MUNICH), 'utf-16le', 'München'],
    ['UTF-16, big end first', bigEndian(`\ufeff${MUNICH}`), 'utf-16be', 'München'],
    ['the same without a mark', bigEndian(MUNICH), 'utf-16be', 'München'],
    [
      'UTF-16 with Japanese, without a mark',
      utf16('clientid,site\ngw,東京　工場\n'),
      'utf-16le',
      '東京　工場',
    ],
    ['Windows-1252', latin1(MUNICH), 'windows-1252', 'München'],
    [
      'Windows-1252 with its own signs',
      hex('636c69656e7469642c736974650a67772c9353fc6493202d2080'),
      'windows-1252',
      '“Süd“ - €',
    ],
    ['Spanish', latin1('clientid,site\ngw,"Málaga, España n.º 4"\n'), 'windows-1252', 'Málaga, España n.º 4'],
    ['Nordic', latin1('clientid,site\ngw,Århus Ørsted Göteborg\n'), 'windows-1252', 'Århus Ørsted Göteborg'],
    ['French', latin1('clientid,site\ngw,Étang à Genève façade\n'), 'windows-1252', 'Étang à Genève façade'],
    ['Shift_JIS', withSite('938c8b9e8d488fea'), 'shift_jis', '東京工場'],
    ['Shift_JIS, katakana', withSite('837c8393837631 8d868b40'), 'shift_jis', 'ポンプ1号機'],
    [
      'Big5',
      withSite('a578a55fbc74ad7e'),
      'big5',
      '台北廠房'.replace('房', new TextDecoder('big5').decode(hex('ad7e'))),
    ],
    [
      'a Macintosh',
      Buffer.from('clientid,site\rgw,M\u009fnchen Gr\u009a\u00a7e\r', 'latin1'),
      'macintosh',
      'München Größe',
    ],
    ['MS-DOS', latin1('clientid;site\r\ngw;M\u0081nchen\r\n'), 'cp850', 'München'],
    ['ISO-2022-JP', hex('636c69656e7469642c736974650a67772c1b2442456c357e1b28420a'), 'iso-2022-jp', '東京'],
  ];
  for (const [name, bytes, encoding, site] of FOUND) {
    it(`reads ${name}, and says so where it is not UTF-8`, async () => {
      const preview = await registry.previewImport(bytes);
      const report = await registry.import(bytes);
      expect(await sites()).to.deep.equal([site]);
      for (const told of [preview, report]) {
        expect(told.encoding).to.include({ name: encoding, isSure: true });
        expect(told.faults).to.deep.equal([]);
        const notes = told.notes.map(({ reason }) => reason).join();
        if (encoding === 'utf-8') expect(notes).to.equal('');
        else expect(notes).to.contain(encoding);
      }
    });
  }

  const UNSURE: [string, Buffer, string, string][] = [
    ['高雄 in Big5, which is Korean and Chinese as well', withSite('b0aab6af'), 'big5', '高雄'],
    ['北京 in GB2312', withSite('b1b1bea9'), 'gb2312', '北京'],
    ['서울 in EUC-KR', withSite('bcadbfef'), 'euc-kr', '서울'],
    ['東京 in EUC-JP', withSite('c5ecb5fe'), 'EUC-JP', '東京'],
    ['Łódź in Windows-1250', withSite('a3f3649f'), 'windows-1250', 'Łódź'],
    ['Москва in Windows-1251', withSite('cceef1eae2e0'), 'windows-1251', 'Москва'],
    ['Москва in KOI8-R', withSite('edcfd3cbd7c1'), 'koi8-r', 'Москва'],
    ['10 € in ISO 8859-15', withSite('3130a441'), 'iso-8859-15', '10€A'],
  ];
  for (const [name, bytes, encoding, site] of UNSURE) {
    it(`asks which encoding it is: ${name}`, async () => {
      const error = await errorOf(registry.import(bytes));
      expect(error).to.be.instanceOf(TpeError).with.property('code', 'INVALID_INPUT');
      expect(error.message)
        .to.match(/not sure which encoding/)
        .and.to.match(/"encoding"/);
      const preview = await registry.previewImport(bytes);
      expect(preview.encoding?.isSure).to.equal(false);
      expect(await sites()).to.deep.equal([]);
      const named = await registry.previewImport(bytes, 'csv', encoding);
      expect(named.encoding?.isSure).to.equal(true);
      expect(named.sample[0]?.site).to.equal(site);
      expect((await registry.import(bytes, 'csv', encoding)).registered).to.equal(1);
      expect(await sites()).to.deep.equal([site]);
    });
  }

  const ZIP = (...names: string[]) =>
    Buffer.from(`PK\u0003\u0004\u0014\u0000${names.join('\u0000')}`, 'latin1');
  const REFUSED: [string, Buffer | string, RegExp, string?][] = [
    [
      'an Excel workbook',
      ZIP('[Content_Types].xml', 'xl/workbook.xml'),
      /Excel workbook \(\.xlsx\).*CSV UTF-8/,
    ],
    [
      'a LibreOffice sheet',
      ZIP('mimetypeapplication/vnd.oasis.opendocument.spreadsheet'),
      /\.ods.*CSV UTF-8/,
    ],
    ['a Numbers sheet', ZIP('Index/Document.iwa'), /Numbers.*CSV UTF-8/],
    ['a ZIP archive', ZIP('gateways.csv'), /ZIP archive: unpack/],
    ['an old workbook', hex('d0cf11e0a1b11ae10000'), /old Excel workbook.*CSV UTF-8/],
    ['gzip', hex('1f8b0800'), /gzip: unpack/],
    ['a PDF', Buffer.from('%PDF-1.7\n%âãÏÓ'), /PDF/],
    ['a picture', hex('89504e470d0a1a0a0000'), /picture/],
    [
      'a page saved as .xls',
      Buffer.from('\ufeff<html xmlns:x="urn:excel"><table><tr><td>clientid</td></tr></table></html>'),
      /HTML.*\.xls.*CSV UTF-8/,
    ],
    ['a page in UTF-16', utf16('\ufeff<html><table></table></html>'), /HTML/],
    ['XML', Buffer.from('<?xml version="1.0"?><Workbook/>'), /XML/],
    [
      'a form',
      Buffer.from('--x1\r\nContent-Disposition: form-data; name="f"\r\n\r\nclientid\r\na\r\n--x1--'),
      /multipart.*--data-binary/,
    ],
    ['UTF-32', hex('fffe000063000000'), /UTF-32.*UTF-8/],
    ['UTF-32, big end first', hex('0000feff00000063'), /UTF-32/],
    [
      'UTF-32 without a mark',
      Buffer.concat(
        [...'clientid\ngw-1\n'].map((one) => hex(`${one.charCodeAt(0).toString(16).padStart(2, '0')}000000`)),
      ),
      /UTF-32/,
    ],
    ['UTF-8 that is cut off', hex('efbbbf636c69656e7469640a67c3'), /no sound utf-8.*cut off/],
    ['UTF-16 that is cut off', hex('fffe63006c0069'), /no sound utf-16le/],
    [
      'UTF-8 in which a byte is wrong',
      Buffer.concat([
        Buffer.from('clientid,site\ngw,München 東京\ngw-2,Br'),
        hex('fc'),
        Buffer.from('cke\n'),
      ]),
      /no sound utf-8/,
    ],
    [
      'zero bytes',
      Buffer.concat([
        Buffer.from('clientid,note\ngw,aaaaaaaaaaaaaaaaaa'),
        Buffer.from([0]),
        Buffer.from('b\n'),
      ]),
      /zero byte at place 36/,
    ],
    ['text that had been UTF-16', 'c\u0000l\u0000i\u0000', /NUL character.*Buffer/],
    ['text whose mark became letters', 'ï»¿clientid\ngw\n', /wrong encoding.*Buffer/],
    ['text that had been a workbook', 'PK\u0003\u0004xl/workbook.xml', /\.xlsx/],
    ['an encoding that nobody knows', Buffer.from('clientid\ngw\n'), /"klingon" is no encoding/, 'klingon'],
    ['the wrong encoding', latin1(MUNICH), /no sound utf-8/, 'utf-8'],
  ];
  for (const [name, content, reason, encoding] of REFUSED) {
    it(`refuses ${name}, and says what it is`, async () => {
      for (const read of [registry.import, registry.previewImport]) {
        const error = await errorOf(read(content, undefined, encoding));
        expect(error).to.be.instanceOf(TpeError).with.property('code', 'INVALID_INPUT');
        expect(error.message).to.match(reason);
      }
      expect(await sites()).to.deep.equal([]);
    });
  }

  it('refuses rows whose characters were lost before, and says what to do', async () => {
    const report = await registry.import('clientid,site\ngw-1,M\ufffdnchen\ngw-2,Berlin\n');
    expect(report.registered).to.equal(1);
    expect(report.faults).to.have.length(1);
    expect(report.faults[0]).to.include({ line: 2, clientid: 'gw-1' });
    expect(report.faults[0]!.reason).to.match(/site "M\ufffdnchen".*U\+FFFD.*Buffer/);
    const json = await registry.import('[{"clientid":"gw-3","site":"M\ufffdnchen"}]');
    expect(json.faults[0]!.reason).to.match(/U\+FFFD/);
  });

  it('says where UTF-8 was read in another encoding before', async () => {
    const { notes } = await registry.previewImport('clientid,site\ngw-1,MÃ¼nchen\n');
    expect(notes.map(({ line, reason }) => `${line} ${reason}`).join()).to.match(
      /^2 site "MÃ¼nchen" looks as if UTF-8/,
    );
  });

  describe('names as people have them', () => {
    const NAMES: Record<string, string[]> = {
      shift_jis: [
        '東京',
        '大阪工場',
        'ポンプ',
        'ﾎﾟﾝﾌﾟ',
        '第１工場',
        '北海道',
        '冷却塔A',
        '変電所',
        '予備',
        '札幌',
        '神戸',
      ],
      big5: [
        '台北',
        '高雄',
        '台中市',
        '新竹科學園區',
        '變電所',
        '泵房',
        '第一廠',
        '水處理',
        '備用',
        '屋頂',
        '測試',
      ],
      gb18030: ['北京', '上海', '深圳', '泵房', '水处理', '测试', '备用', '仓库', '广州市'],
      'euc-kr': ['서울', '부산', '공장', '펌프실', '대전광역시'],
      'iso-8859-1': [
        'München',
        'Straße',
        'Öl',
        'Málaga',
        'São Paulo',
        'Genève',
        'Århus',
        'naïve',
        '5 °C',
        'GRÖSSE',
        'Höhe 5m²',
      ],
    };
    /** What TextDecoder reads from one or two bytes, the other way round. */
    function encoder(encoding: string): (text: string) => Buffer {
      if (encoding === 'iso-8859-1') return latin1;
      const bytes = new Map<string, number[]>();
      const learn = (...given: number[]) => {
        try {
          const read = new TextDecoder(encoding, { fatal: true }).decode(Uint8Array.from(given));
          if ([...read].length === 1 && !bytes.has(read)) bytes.set(read, given);
        } catch {
          // They stand for nothing.
        }
      };
      for (let lead = 0; lead < 256; lead += 1) {
        learn(lead);
        for (let trail = 0x40; lead >= 0x80 && trail < 256; trail += 1) learn(lead, trail);
      }
      return (text) => Buffer.from([...text].flatMap((one) => bytes.get(one) ?? []));
    }

    for (const [encoding, names] of Object.entries(NAMES)) {
      it(`are read right or asked about, and never become others: ${encoding}`, async () => {
        const encode = encoder(encoding);
        const all = names.map((name, index) => `clientid,site\ngw-${index},${name}\n`);
        for (const text of [
          ...all,
          `clientid,site\n${names.map((name, index) => `gw-${index},${name}\n`).join('')}`,
        ]) {
          const { text: read, isSure } = await decodeText(encode(text));
          if (isSure) expect(read).to.equal(text);
          expect((await decodeText(encode(text), encoding)).text).to.equal(text);
        }
      });
    }
  });
});
