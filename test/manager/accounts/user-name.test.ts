import { expect } from 'chai';
import * as fc from 'fast-check';
import { newUserName } from '../../../nodes/manager/accounts/user-name.js';
import { foldedName } from '../../../nodes/manager/shared/folded-name.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

describe('accounts: names', () => {
  it('that people take for one have one key', () => {
    for (const [one = '', other = ''] of [
      ['jörg', 'JÖRG'],
      ['jörg', 'JO\u0308RG'],
      ['kate', '\u212aate'],
      ['straße', 'STRASSE'],
      ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
      ['admin', 'ａｄｍｉｎ'],
      ['admin', 'ad\u00admin'],
      ['file', 'ﬁle'],
      ['ｱﾀﾞ', 'アダ'],
    ]) {
      expect(foldedName(one), one).to.equal(foldedName(other));
    }
    expect(foldedName('ada')).not.to.equal(foldedName('adá'));
  });

  it('have a key that is its own, whatever the case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (name) => {
        const key = foldedName(name);
        expect(foldedName(key)).to.equal(key);
        for (const other of [name.toUpperCase(), name.normalize('NFD'), name.normalize('NFKC')])
          expect(foldedName(other)).to.equal(key);
      }),
      { numRuns: 2000 },
    );
  });

  it('are written in one script, or in those of one language', () => {
    for (const name of [
      'vera',
      'Jörg-7',
      'a.b@example.com',
      'Иван',
      'Ελένη',
      '田中さくら',
      'タナカT',
      '王小明',
      '김철수',
      'נועה',
      'สมชาย',
      '7up',
    ])
      expect(newUserName(name)).to.equal(name);
    for (const name of ['k\u0430te', 'Ив\u0061н', 'pa\u03c1a', '王Иван', 'ada\u3164', 'a\u200bb'])
      expect(() => newUserName(name), name).to.throw(TpeError, '"name"');
    expect(newUserName('ａｄａ')).to.equal('ada');
    expect(() => newUserName('ＡＤＭＩＮ')).to.throw(TpeError, 'choose another name');
  });
});
