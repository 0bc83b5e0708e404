import { Ajv } from 'ajv';
import { expect } from 'chai';
import fc from 'fast-check';
import { countQuickly } from '../../nodes/manager/shared/quick-length.js';
import { parser } from '../../nodes/manager/shared/validate.js';
import { costOf } from '../support/thread-time.js';

describe('the length of a text', () => {
  it('is bounded as ajv bounds it, with the same words', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ä', '😀', '\ud83d', '\ude00'), maxLength: 12 });
    fc.assert(
      fc.property(text, fc.nat(8), (value, maxLength) => {
        const schema = { type: 'object', properties: { a: { type: 'string', maxLength } } };
        const theirs = new Ajv().compile(schema);
        const ours = countQuickly(new Ajv()).compile(schema);
        expect(ours({ a: value })).to.equal(theirs({ a: value }));
        expect(ours.errors).to.deep.equal(theirs.errors);
      }),
    );
  });

  it('costs nothing where the text is much too long', () => {
    const parse = parser({ type: 'object', properties: { a: { type: 'string', maxLength: 9 } } }, 'it');
    const value = { a: 'x'.repeat(10_000_000) };
    const cost = costOf(() => {
      for (let time = 0; time < 100; time += 1) {
        expect(() => parse(value)).to.throw('it.a must NOT have more than 9 characters');
      }
    });
    // Counted, each would take 20 ms and more.
    expect(cost).to.be.below(1000);
  });
});
