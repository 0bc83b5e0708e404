import { expect } from 'chai';
import fc from 'fast-check';
import { packMessage, unpackMessage } from '../../nodes/dashboard/wire/packed-rows.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';

const answer = (value: unknown): WidgetMessage => ({ type: 'answer', number: 7, value });
/** As it comes by the socket. */
const sent = (message: WidgetMessage) =>
  unpackMessage(JSON.parse(JSON.stringify(packMessage(message))) as ReturnType<typeof packMessage>);

describe('dashboard: rows by the socket', () => {
  it('name their fields once', () => {
    const items = Array.from({ length: 25 }, (_, no) => ({
      clientid: `gw-${no}`,
      status: 'offline',
      site: 'A',
    }));
    const plain = JSON.stringify(answer({ items, next: null }));
    const packed = JSON.stringify(packMessage(answer({ items, next: null })));
    expect(packed.length).to.be.below(plain.length * 0.6);
    expect(sent(answer({ items, next: null }))).to.deep.equal(answer({ items, next: null }));
  });

  it('arrive as they were, whatever they have', () => {
    const key = fc.oneof(
      fc.constantFrom('clientid', 'items', '__proto__', 'type', ''),
      fc.string({ maxLength: 3 }),
    );
    const row = fc.dictionary(key, fc.jsonValue(), { maxKeys: 5 });
    const items = fc.array(fc.oneof({ weight: 9, arbitrary: row }, fc.jsonValue()), { maxLength: 12 });
    fc.assert(
      fc.property(fc.oneof(fc.record({ items, next: fc.string() }), fc.jsonValue()), (value) => {
        const plain = JSON.parse(JSON.stringify(answer(value))) as WidgetMessage;
        expect(JSON.stringify(sorted(sent(plain)))).to.equal(JSON.stringify(sorted(plain)));
      }),
    );
  });
});

/** The same with the fields of all objects in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return fields.map(([name, one]) => [name, sorted(one)]);
}
