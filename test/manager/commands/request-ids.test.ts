import { expect } from 'chai';
import { createRequestIds } from '../../../nodes/manager/commands/request-ids.js';
import type { Database } from '../../../nodes/manager/database/database.js';

/** A sequence that answers when it is told to. */
function sequence() {
  const asked: { count: number; answer(): void; fail(error: Error): void }[] = [];
  let last = 0;
  const query = (_sql: string, [count]: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      asked.push({
        count: Number(count),
        answer() {
          const first = last + 1;
          last += Number(count);
          resolve(Array.from({ length: Number(count) }, (_, index) => ({ id: String(first + index) })));
        },
        fail: reject,
      });
    });
  return { asked, database: { query } as unknown as Database };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('commands: request ids', () => {
  it('are given once each, in the order of the sequence, to however many ask at once', async () => {
    const { asked, database } = sequence();
    const next = createRequestIds(database);
    const ids = Promise.all(Array.from({ length: 1000 }, next));
    for (let round = 0; round < 10; round += 1) {
      for (const one of asked.splice(0)) one.answer();
      await turn();
    }
    const given = (await ids).map(Number);
    expect(new Set(given).size).to.equal(1000);
  });

  it('are there before they are needed', async () => {
    const { asked, database } = sequence();
    const next = createRequestIds(database);
    const first = next();
    asked.shift()!.answer();
    await first;
    while (asked.length === 0) await next();
    // The next ones are under way, and those that are left are given meanwhile.
    expect(await next()).to.match(/^\d+$/);
    expect(asked.length).to.equal(1);
  });

  it('fail for who finds none left, and are there again with the database', async () => {
    const { asked, database } = sequence();
    const next = createRequestIds(database);
    const failing = [next(), next()];
    asked.shift()!.fail(new Error('away'));
    for (const one of await Promise.allSettled(failing)) expect(one.status).to.equal('rejected');
    const given = next();
    asked.shift()!.answer();
    expect(await given).to.equal('1');
  });

  it('are not missed where fetching them ahead fails while some are left', async () => {
    const { asked, database } = sequence();
    const next = createRequestIds(database);
    const first = next();
    asked.shift()!.answer();
    await first;
    while (asked.length === 0) await next();
    asked.shift()!.fail(new Error('away'));
    await turn();
    expect(await next()).to.match(/^\d+$/);
    expect(asked.length).to.equal(1);
  });
});
