import { expect } from 'chai';
import fc from 'fast-check';
import {
  compareVersionTexts,
  isAtLeast,
  minorOf,
  readVersion,
} from '../../../nodes/manager/updates/versions.js';

const numbers = fc.array(fc.nat({ max: 9999 }), { minLength: 1, maxLength: 4 });

describe('versions', () => {
  it('are compared by their numbers, however they are written', () => {
    const same = [
      ['1.5', '1.5.0'],
      ['v1.5', '1.5'],
      ['V1.05', '1.5.0.0'],
      ['2.2.0-594', '2.2.0.594'],
      ['2.5.0.-4404', '2.5.0-4404'],
      [' 1.5 ', '1.5'],
    ] as const;
    for (const [one, other] of same) expect(compareVersionTexts(one, other), one).to.equal(0);
    expect(compareVersionTexts('1.10', '1.9')).to.equal(1);
    expect(compareVersionTexts('2.3.0-99', '2.3.0-3571')).to.equal(-1);
  });

  it('are no versions where they cannot be read, and never a fault', () => {
    for (const text of [
      '',
      '1.0.0S06',
      'unknown',
      '1.2.3.4.5',
      '1..',
      '-1',
      'x'.repeat(10_000),
      '1.9999999999',
      null,
    ]) {
      expect(readVersion(text), String(text).slice(0, 20)).to.equal(null);
      expect(compareVersionTexts(text, '1.0')).to.equal(null);
    }
    fc.assert(fc.property(fc.string(), fc.string(), (one, other) => void compareVersionTexts(one, other)));
  });

  it('have an order: total, and the same from both sides', () => {
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const [left, right] = [one.join('.'), other.join('.')];
        const order = compareVersionTexts(left, right);
        expect(order).to.equal(-(compareVersionTexts(right, left) ?? Number.NaN) + 0);
        const difference = [0, 1, 2, 3]
          .map((at) => (one[at] ?? 0) - (other[at] ?? 0))
          .find((each) => each !== 0);
        expect(Math.sign(difference ?? 0)).to.equal(order);
        expect(isAtLeast(left, right)).to.equal((difference ?? 0) >= 0);
      }),
    );
  });

  it('have a minor version', () => {
    expect([minorOf('1.5.2'), minorOf('v1.05'), minorOf('2'), minorOf('x')]).to.deep.equal([
      '1.5',
      '1.5',
      '2.0',
      null,
    ]);
  });
});
