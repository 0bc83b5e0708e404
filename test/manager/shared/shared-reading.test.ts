import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { shareByInput, shareReading } from '../../../nodes/manager/shared/shared-reading.js';

describe('shared reading', () => {
  it('serves all who ask at once by one, which began after they asked', async () => {
    let begun = 0;
    const ends: (() => void)[] = [];
    const ask = shareReading(async () => {
      begun += 1;
      const own = begun;
      await new Promise<void>((resolve) => ends.push(resolve));
      return own;
    });
    const first = ask();
    const others = [ask(), ask(), ask()];
    await turn();
    expect(begun).to.equal(1);
    ends[0]!();
    expect(await first).to.equal(1);
    while (ends.length < 2) await turn();
    const last = ask();
    ends[1]!();
    expect(await Promise.all(others)).to.deep.equal([2, 2, 2]);
    while (ends.length < 3) await turn();
    ends[2]!();
    expect(await last).to.equal(3);
  });

  it('gives each a copy of its own', async () => {
    const ask = shareReading(async () => ({ total: 3, models: [{ model: 'UC-8112' }] }));
    const [own, , other] = await Promise.all([ask(), ask(), ask()]);
    own!.total = 0;
    own!.models.pop();
    expect(other).to.deep.equal({ total: 3, models: [{ model: 'UC-8112' }] });
  });

  it('tells all of a failure, and reads again for the next one', async () => {
    let times = 0;
    const ask = shareReading(async () => {
      times += 1;
      if (times <= 2) throw new Error(`failure ${times}`);
      return times;
    });
    const outcomes = [ask(), ask(), ask()].map((one) => one.catch((error: Error) => error.message));
    expect(await Promise.all(outcomes)).to.deep.equal(['failure 1', 'failure 2', 'failure 2']);
    expect(await ask()).to.equal(3);
  });

  it('rests for as long as it took several times over, so that it takes a part of the time only', async () => {
    const begun: number[] = [];
    const WORK_MS = 20;
    const ask = shareReading(async () => {
      begun.push(performance.now());
      const until = performance.now() + WORK_MS;
      while (performance.now() < until) await turn();
    });
    for (let times = 0; times < 3; times += 1) await ask();
    expect(begun[1]! - begun[0]!).to.be.above(4 * WORK_MS);
    expect(begun[2]! - begun[1]!).to.be.above(4 * WORK_MS);
  });

  it('keeps those of other inputs apart, however many there are', async () => {
    const ask = shareByInput(async (first, second) => `${first} ${second}`);
    const all = await Promise.all(Array.from({ length: 50 }, (_, index) => ask(index, 1)));
    expect(all).to.deep.equal(Array.from({ length: 50 }, (_, index) => `${index} 1`));
  });
});
