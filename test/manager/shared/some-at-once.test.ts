import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { someAtOnce } from '../../../nodes/manager/shared/some-at-once.js';
import { heapInUse } from '../../support/heap.js';

describe('some at once', () => {
  it('works on each, never on more than it may at once', async () => {
    let running = 0;
    let most = 0;
    const squares: number[] = [];
    const begun = await someAtOnce([1, 2, 3, 4, 5, 6, 7], 3, async (item, index) => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      squares[index] = item * item;
      running -= 1;
    });
    strictEqual(begun, 7);
    strictEqual(most, 3);
    deepStrictEqual(squares, [1, 4, 9, 16, 25, 36, 49]);
  });

  it('takes items only as fast as they are worked on', async () => {
    let taken = 0;
    let ended = 0;
    async function* items() {
      for (; taken < 20; taken += 1) yield taken;
    }
    await someAtOnce(items(), 4, async () => {
      await turn();
      ok(taken - ended <= 5);
      ended += 1;
    });
    strictEqual(ended, 20);
  });

  it('keeps nothing of the works that ended while a slow one goes on', async () => {
    let release = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    let grown = 0;
    async function* items() {
      for (let item = 0; item < 2000; item += 1) yield item;
      const before = heapInUse();
      for (let item = 0; item < 60_000; item += 1) yield item;
      grown = heapInUse() - before;
      release();
    }
    await someAtOnce(items(), 2, (_item, index) => (index === 0 ? slow : Promise.resolve()));
    ok(grown < 2e6, `${grown} bytes more`);
  });

  it('begins nothing new after a fault, and throws it when what runs has ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = someAtOnce([0, 1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      await turn();
      if (item === 1) throw new Error('broken');
      await turn();
      ended.push(item);
    });
    await rejects(work, /broken/);
    deepStrictEqual(begun, [0, 1, ...begun.slice(2)]);
    ok(begun.length <= 3);
    deepStrictEqual(
      ended,
      begun.filter((item) => item !== 1),
    );
  });

  it('throws the fault of the items before that of the work', async () => {
    async function* items() {
      yield 1;
      throw new Error('no more items');
    }
    const work = async () => {
      throw new Error('broken');
    };
    await rejects(someAtOnce(items(), 5, work), /no more items/);
  });

  it('ends with its signal, and waits for what runs', async () => {
    const ending = new AbortController();
    let ended = 0;
    const begun = await someAtOnce(
      [1, 2, 3, 4],
      1,
      async (item) => {
        if (item === 2) ending.abort();
        await turn();
        ended += 1;
      },
      ending.signal,
    );
    strictEqual(begun, 2);
    strictEqual(ended, 2);
  });
});
