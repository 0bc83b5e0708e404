import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { createJointRead } from '../../../nodes/manager/database/joint-read.js';
import { errorOf } from '../../support/errors.js';

/** Reads that end when the test says so. */
function slowReads() {
  const reads: { keys: readonly string[]; end(): void; fail(error: Error): void }[] = [];
  const jointRead = createJointRead<string>(
    (keys) =>
      new Promise((resolve, reject) => {
        const found = keys.filter((key) => key !== 'nobody').map((key) => [key, `of ${key}`] as const);
        reads.push({ keys, end: () => resolve(new Map(found)), fail: reject });
      }),
  );
  return { reads, jointRead };
}

describe('a joint read', () => {
  it('reads for one caller at once, and for those who come meanwhile together', async () => {
    const { reads, jointRead } = slowReads();
    const first = jointRead('a');
    const others = ['b', 'nobody', 'b'].map(jointRead);
    expect(reads.map(({ keys }) => keys)).to.deep.equal([['a']]);
    reads[0]!.end();
    expect(await first).to.equal('of a');
    await turn();
    expect(reads.map(({ keys }) => keys)).to.deep.equal([['a'], ['b', 'nobody']]);
    reads[1]!.end();
    expect(await Promise.all(others)).to.deep.equal(['of b', undefined, 'of b']);
  });

  it('reads again for who asks while the same is read, since it may have changed', async () => {
    const { reads, jointRead } = slowReads();
    const both = [jointRead('a'), jointRead('a')];
    reads[0]!.end();
    await both[0];
    await turn();
    expect(reads.map(({ keys }) => keys)).to.deep.equal([['a'], ['a']]);
    reads[1]!.end();
    expect(await both[1]).to.equal('of a');
  });

  it('tells a failure to all for whom it read, and goes on', async () => {
    const { reads, jointRead } = slowReads();
    const failed = errorOf(jointRead('a'));
    const next = jointRead('b');
    reads[0]!.fail(new Error('the database is away'));
    expect((await failed).message).to.equal('the database is away');
    await turn();
    reads[1]!.end();
    expect(await next).to.equal('of b');
  });
});
