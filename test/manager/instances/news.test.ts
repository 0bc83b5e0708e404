import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ClusterMessage,
  readClusterMessage,
  writeClusterMessage,
} from '../../../nodes/manager/cluster/messages.js';

const item = fc.tuple(
  fc.option(fc.string({ maxLength: 100, unit: 'grapheme' })),
  fc.option(fc.string({ maxLength: 20 })),
);

describe('instances: news', () => {
  it('arrives whole, in texts that PostgreSQL takes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ClusterMessage['kind']>('presence', 'command', 'device', 'catalogue', 'guard'),
        fc.array(item, { maxLength: 400 }),
        (kind, items) => {
          const texts = writeClusterMessage(
            'one',
            kind,
            items.map((item) => JSON.stringify(item)),
          );
          for (const text of texts) expect(Buffer.byteLength(text)).to.be.lessThan(8000);
          const read = texts.map((text) => readClusterMessage('other', text)!);
          expect(read.every((news) => news.kind === kind)).to.equal(true);
          expect(read.flatMap((news) => news.items)).to.deep.equal(items);
        },
      ),
    );
  });

  it('is not read by who wrote it', () => {
    const [text] = writeClusterMessage('one', 'presence', ['["gw",null]']);
    expect(readClusterMessage('one', text!)).to.equal(null);
  });

  it('passes over what somebody else notified', () => {
    for (const text of ['', 'hello', '{}', '[]', '{"from":1}', '{"from":"x","kind":"reboot","items":[]}']) {
      expect(readClusterMessage('one', text), text).to.equal(null);
    }
    expect(readClusterMessage('one', '{"from":"x","kind":"presence","items":[["a"]]}')).to.equal(null);
    expect(readClusterMessage('one', '{"from":"x","kind":"presence","items":[[1,2]]}')).to.equal(null);
  });
});
