import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  exactJson,
  parseExactJson,
  readJson,
  storedJson,
  TooManyLongNumbers,
  UncarriedNumber,
  unsendableNumber,
} from '../../nodes/manager/shared/exact-json.js';
import { parseInPieces } from '../../nodes/manager/shared/json-pieces.js';
import { errorOf } from '../support/errors.js';

/** JSON numbers as they may be written anywhere. */
const token = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.maxSafeInteger().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,25})?([eE][+-]?\d{1,3})?$/),
);

describe('JSON numbers', () => {
  it('are read as what they are, or as the text of their digits', () => {
    const same = ['0', '-0', '1', '1.50', '1e2', '0.1', '9007199254740991', '28.950000000000003', '1e300'];
    for (const text of [...same, '0.1000000000000000055511151231257827', '1.7976931348623157e308', '5e-324'])
      expect(readJson(text), text).to.deep.equal({ value: Number(text), asText: [] });
    for (const text of [
      ...['9007199254740993', '-9007199254740992', '18446744073709551615', '123456789012345678901234567890'],
      ...[
        '1e400',
        '-1e400',
        '1e-400',
        '0.12345678901234567891',
        '1152921504606846976',
        '1.00000000000000000001',
      ],
    ])
      expect(readJson(text), text).to.deep.equal({ value: text, asText: [''] });
    expect(readJson('1e20').value).to.equal('1e20');
  });

  it('are told with their place, and nothing else is touched', () => {
    const text = '{"a":[1,{"b/c":18446744073709551615}],"t":"18446744073709551615","__proto__":{"x":1e999}}';
    const { value, asText } = readJson(text);
    expect(asText).to.deep.equal(['/a/1/b~1c', '/__proto__/x']);
    expect(JSON.stringify(value)).to.equal(
      '{"a":[1,{"b/c":"18446744073709551615"}],"t":"18446744073709551615","__proto__":{"x":"1e999"}}',
    );
    expect(({} as { x?: unknown }).x).to.equal(undefined);
  });

  it('count once, where a field stands twice', () => {
    for (const [text, value] of [
      ['{"a":18446744073709551615,"a":5}', 5],
      ['{"a":18446744073709551615,"a":"x"}', 'x'],
      ['{"a":18446744073709551615,"a":18446744073709551614}', '18446744073709551614'],
      ['{"a":{"b":18446744073709551615},"a":{}}', undefined],
    ] as const) {
      const { a } = readJson(text).value as { a: { b?: unknown } };
      expect(typeof a === 'object' ? a.b : a, text).to.equal(value);
    }
  });

  it('go out as they came in, whatever they are, or are refused with their place', () => {
    fc.assert(
      fc.property(token, fc.jsonValue({ maxDepth: 2 }), (number, other) => {
        const text = `{"n":[${number}],"other":${JSON.stringify(other)}}`;
        let value: unknown;
        try {
          value = parseExactJson(text);
        } catch (error) {
          expect(error).to.be.instanceOf(UncarriedNumber);
          expect((error as Error).message).to.contain('"/n/0"');
          return;
        }
        const written = exactJson(value);
        const again = JSON.parse(written) as { n: number[] };
        expect(again.n[0]).to.equal(Number(number));
        // Whole numbers to the last digit.
        if (/^-?\d+$/.test(number))
          expect(BigInt(written.slice(6, written.indexOf(']')))).to.equal(BigInt(number));
      }),
      { numRuns: 2000 },
    );
  });

  it('are carried as BigInt where they are whole, in large texts too', async () => {
    const filler = 'y'.repeat(20_000);
    const text = `{"one":[${JSON.stringify(filler)},${JSON.stringify(filler)},{"n":18446744073709551615}],"two":${JSON.stringify(filler)}}`;
    const value = await parseInPieces(text);
    expect((value as { one: { n: unknown }[] }).one[2]!.n).to.equal(18446744073709551615n);
    expect(exactJson(value)).to.equal(text);
    const refused = await errorOf(
      parseInPieces(text.replace('18446744073709551615', '0.12345678901234567891')),
    );
    expect(refused).to.be.instanceOf(UncarriedNumber);
    expect(refused.message).to.contain('"/one/2/n"');
  });

  it('are written as numbers also where somebody has given BigInt a toJSON', () => {
    const holder = BigInt.prototype as { toJSON?: () => string };
    holder.toJSON = function (this: bigint) {
      return String(this);
    };
    try {
      expect(exactJson({ a: [18446744073709551615n], b: 'bigint:5' })).to.equal(
        '{"a":[18446744073709551615],"b":"bigint:5"}',
      );
    } finally {
      delete holder.toJSON;
    }
  });

  it('are what they were when they come from the database', () => {
    for (const [text, value] of [
      ['18446744073709551615', '18446744073709551615'],
      [`1${'0'.repeat(300)}`, 1e300],
      ['0.00000012345678901234567', 1.2345678901234566e-7],
      ['{"a": [1, -9223372036854775808]}', { a: [1, '-9223372036854775808'] }],
    ] as const)
      expect(storedJson(text), text.slice(0, 50)).to.deep.equal(value);
    expect(storedJson(`[${Array(5000).fill('18446744073709551615').join()}]`)).to.have.length(5000);
  });

  it('that nobody sends so many of are refused, before they take long', () => {
    for (const number of ['18446744073709551615', '1e-400', '0.1000000000000000055511151231257827'])
      expect(() => readJson(`[${Array(6000).fill(number).join()}]`)).to.throw(TooManyLongNumbers);
  });

  it('that a flow has lost are seen', () => {
    for (const [value, path] of [
      [{ a: [1, 18446744073709552000] }, ['a', 1]],
      [{ a: Number.NaN }, ['a']],
      [{ a: Number.POSITIVE_INFINITY }, ['a']],
      [{ a: 2 ** 53 }, ['a']],
      [{ a: 10n ** 50n }, ['a']],
    ] as const)
      expect(unsendableNumber(value)?.path, String(path)).to.deep.equal(path);
    for (const value of [1, 2 ** 53 - 1, 1e300, 0.1, 2n ** 64n, { a: new Date(2 ** 40) }, null, 'x'])
      expect(unsendableNumber({ a: [value] })).to.equal(null);
  });
});
