import { expect } from 'chai';
import * as fc from 'fast-check';
import { parseExactJson } from '../../nodes/manager/shared/exact-json.js';
import { jsonIn, parseJson, TooDeep, whyTooLarge } from '../../nodes/manager/shared/json-bounds.js';
import { parseInPieces, TooMany } from '../../nodes/manager/shared/json-pieces.js';
import { whyTextTooLarge } from '../../nodes/manager/shared/json-text-bounds.js';
import { errorOf } from '../support/errors.js';

const BOUNDS = { depth: 3, values: 10, characters: 20 };

describe('JSON from outside', () => {
  it('is nothing where it cannot be read', () => {
    expect(jsonIn('{"a":null}')).to.deep.equal({ a: null });
    expect(jsonIn('null')).to.equal(null);
    for (const text of ['', '{', 'undefined', '['.repeat(20_000)]) expect(jsonIn(text)).to.equal(undefined);
  });

  it('is refused where it is nested deeper than anybody needs, before anything is made of it', () => {
    expect(parseJson('[[[1]]]', 3)).to.deep.equal([[[1]]]);
    expect(parseJson('{"[[[[\\"[[[": "[[[{{{\\\\"}', 3)).to.deep.equal({ '[[[["[[[': '[[[{{{\\' });
    expect(parseJson(JSON.stringify([[1], [2], [3], [{}, {}, {}, {}]]), 3)).to.have.length(4);
    for (const text of ['[[[[1]]]]', '{"a":[{"b":[]}]}', '['.repeat(20_000)]) {
      expect(() => parseJson(text, 3)).to.throw(TooDeep);
    }
    expect(() => parseJson('{"a": "no end', 3)).to.throw(SyntaxError);
  });

  it('has bounds as a value, too, and one that holds itself ends', () => {
    expect(whyTooLarge([[['x']]], BOUNDS)).to.equal(null);
    expect(whyTooLarge([[[[]]]], BOUNDS)).to.match(/deeper than 3/);
    expect(whyTooLarge(new Array(11).fill(0), BOUNDS)).to.match(/more than 10 values/);
    expect(whyTooLarge({ ['x'.repeat(21)]: 1 }, BOUNDS)).to.match(/more than 20 characters/);
    const circle: unknown[] = [];
    circle.push(circle, circle);
    expect(whyTooLarge(circle, { depth: 1000, values: 1000, characters: 1 })).to.match(
      /more than 1000 values/,
    );
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level += 1) deep = [deep];
    expect(whyTooLarge(deep, { depth: 64, values: 1e6, characters: 1 })).to.match(/deeper than 64/);
  });

  it('is held against its bounds as a text, and none is refused that would be taken as a value', () => {
    const most = { depth: 3, values: 10 };
    for (const text of ['[[["x"]]]', `[${'1,'.repeat(8)}1]`, '["[[[[[,,,,,,,,,,,:::\\"[[{"]', '', '"no end'])
      expect(whyTextTooLarge(text, most), text).to.equal(null);
    expect(whyTextTooLarge('[ [ [ [', most)).to.equal('is nested deeper than 3 levels');
    for (const text of [
      `[${'{},'.repeat(10)}1]`,
      `[ ${'[ 1 ] , '.repeat(10)} 1]`,
      `{${'"a" : 1,'.repeat(10)}"b":2}`,
      `[[${'[],'.repeat(8)}[]]]`,
    ])
      expect(whyTextTooLarge(text, most), text).to.equal('has more than 10 values');
    const spaces = fc.constantFrom('', ' ', '\t');
    const bounds = fc.record({
      depth: fc.integer({ min: 1, max: 5 }),
      values: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), spaces, bounds, (value, space, few) => {
        const text = JSON.stringify(value, null, space);
        const asValue = whyTooLarge(JSON.parse(text), { ...few, characters: Number.POSITIVE_INFINITY });
        if (asValue === null) expect(whyTextTooLarge(text, few)).to.equal(null);
        // It may miss the first entries of lists alone, of which there are at most as many as lists.
        const twice = { depth: few.depth, values: 2 * few.values };
        const isFarTooLarge = whyTooLarge(JSON.parse(text), {
          ...twice,
          characters: Number.POSITIVE_INFINITY,
        });
        if (isFarTooLarge !== null) expect(whyTextTooLarge(text, few)).to.be.a('string');
      }),
    );
  });

  it('means the same read in pieces as at once', async () => {
    const large = fc.tuple(fc.jsonValue({ maxDepth: 5 }), fc.jsonValue({ maxDepth: 5 }), fc.nat(2));
    await fc.assert(
      fc.asyncProperty(large, async ([one, other, kind]) => {
        const filler = 'y"\\'.repeat(9000);
        const values = [
          [one, filler, other, [filler, one], other],
          { one, filler, 'a "name": {': { filler, other }, other },
          Array.from({ length: 4000 }, (_, index) => ({ index, one: 'x'.repeat(20) })),
        ];
        const text = JSON.stringify(values[kind], null, 1);
        expect(await parseInPieces(text)).to.deep.equal(parseExactJson(text));
      }),
      { numRuns: 60 },
    );
  });

  it('is refused in pieces as it is at once', async () => {
    const filler = JSON.stringify('y'.repeat(20_000));
    const broken = [
      `[${filler},${filler},]`,
      `[${filler},,${filler}]`,
      `[,${filler},${filler}]`,
      `[${filler} ${filler}]`,
      `[${filler},${filler}`,
      `[${filler},${filler}}`,
      `[${filler},${filler}] 1`,
      `{${filler},${filler}}`,
      `{"a": ${filler}, ${filler}}`,
      `{"a": ${filler}, "b" ${filler}${filler}}`,
      `{"a": ${filler}, b: ${filler}}`,
      `{"a": [${filler},${filler}], "b": }`,
      `[${filler},"${'y'.repeat(40_000)}]`,
    ];
    for (const text of broken) {
      expect(() => JSON.parse(text), text.replaceAll(filler, '…').slice(0, 100)).to.throw(SyntaxError);
      expect(await errorOf(parseInPieces(text)), text.replaceAll(filler, '…').slice(0, 100)).to.be.instanceOf(
        SyntaxError,
      );
    }
    const deep = `[${filler},${filler},${'['.repeat(20_000)}${']'.repeat(20_000)}]`;
    expect(await errorOf(parseInPieces(deep))).to.be.instanceOf(TooDeep);
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    const named = `{"__proto__": {"polluted": ${filler}}, "a": ${filler}}`;
    expect(Object.keys((await parseInPieces(named)) as object)).to.deep.equal(['__proto__', 'a']);
  });

  it('is refused in pieces where it has more than anybody has, before that is made', async () => {
    const texts = [
      `[${'{},'.repeat(1_600_000)}{}]`,
      `[${'1,'.repeat(100_000)}1]`,
      `[[${'{},'.repeat(1_500_000)}{}]]`,
      `{"a": [${Array.from({ length: 20 }, () => `[${'{},'.repeat(60_000)}{}]`).join()}]}`,
      `{${Array.from({ length: 30_000 }, (_, index) => `"name ${index}": 1`).join()}}`,
    ];
    for (const text of texts) {
      expect(await errorOf(parseInPieces(text)), text.slice(0, 20)).to.be.instanceOf(TooMany);
    }
    const most = `[${'{},'.repeat(99_999)}{}]`;
    expect(await parseInPieces(most)).to.have.lengthOf(100_000);
  });
});
