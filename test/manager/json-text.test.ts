import { expect } from 'chai';
import fc from 'fast-check';
import { jsonParts } from '../../nodes/manager/shared/json-text.js';

async function written(value: unknown): Promise<string> {
  const parts: string[] = [];
  for await (const part of jsonParts(value)) parts.push(part);
  return parts.join('');
}

describe('JSON written part by part', () => {
  it('is what it is written at once', async () => {
    const odd = fc.constantFrom(undefined, Symbol('s'), () => 1, new Date(0), Number.NaN, Buffer.from('a'));
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.jsonValue(),
        odd,
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value')),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(value, async (one) => {
        expect(await written(one)).to.equal(JSON.stringify(one) ?? '');
      }),
    );
  });

  it('comes in parts that are not much larger than a piece', async () => {
    const value = {
      operations: Array.from({ length: 3000 }, (_, index) => ({ index, text: 'x'.repeat(500) })),
    };
    const lengths: number[] = [];
    for await (const part of jsonParts(value)) lengths.push(part.length);
    expect(lengths.length).to.be.above(10);
    expect(Math.max(...lengths)).to.be.below(70_000);
  });
});
