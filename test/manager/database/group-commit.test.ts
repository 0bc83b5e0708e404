import { expect } from 'chai';
import { createGroupCommit } from '../../../nodes/manager/database/group-commit.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

const gone = () => Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
const limits = { maxBatch: 1000, maxWaiting: 10_000 };

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof TpeError ? error.code : `other: ${(error as Error).message}`;
  }
  return 'resolved';
}

describe('database: group commit', () => {
  it('writes what comes together in one batch, and what comes meanwhile in the next', async () => {
    const batches: number[][] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const commit = createGroupCommit<number, number>({
      ...limits,
      async write(items) {
        batches.push([...items]);
        if (batches.length === 1) await held;
        return items.map((item) => item * 2);
      },
    });
    const first = [commit.add(1), commit.add(2)];
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    const second = [commit.add(3), commit.add(4), commit.add(5)];
    release();
    expect(await Promise.all([...first, ...second])).to.deep.equal([2, 4, 6, 8, 10]);
    expect(batches).to.deep.equal([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('waits for a database that is away, and loses nothing', async () => {
    let failures = 3;
    const commit = createGroupCommit<string, string>({
      ...limits,
      write: async (items) => {
        if (failures-- > 0) throw gone();
        return [...items];
      },
    });
    expect(await Promise.all([commit.add('a'), commit.add('b')])).to.deep.equal(['a', 'b']);
  });

  it('gives up on an item when its patience ends, and only on that', async () => {
    let away = true;
    const commit = createGroupCommit<string, string>({
      ...limits,
      write: async (items) => {
        if (away) throw gone();
        return [...items];
      },
    });
    const patient = commit.add('patient');
    expect(await codeOf(commit.add('hasty', 10))).to.equal('UNAVAILABLE');
    away = false;
    expect(await patient).to.equal('patient');
  });

  it('does not let a bad item take its neighbours with it', async () => {
    const commit = createGroupCommit<string, string>({
      ...limits,
      write: async (items) => {
        if (items.includes('bad')) throw new Error('invalid byte sequence');
        return [...items];
      },
    });
    const results = await Promise.all(['a', 'bad', 'b'].map((item) => codeOf(commit.add(item))));
    expect(results).to.deep.equal(['resolved', 'other: invalid byte sequence', 'resolved']);
  });

  it('is bounded, and refuses after close', async () => {
    const commit = createGroupCommit<number, number>({
      maxBatch: 10,
      maxWaiting: 3,
      write: async (items) => [...items],
    });
    const results = await Promise.all([1, 2, 3, 4].map((item) => codeOf(commit.add(item))));
    expect(results).to.deep.equal(['resolved', 'resolved', 'resolved', 'BUSY']);
    await commit.close();
    expect(await codeOf(commit.add(5))).to.equal('CLOSED');
  });

  it('closes although the database is away, telling those who wait', async () => {
    const commit = createGroupCommit<number, number>({
      ...limits,
      write: async () => {
        throw gone();
      },
    });
    const waiting = codeOf(commit.add(1));
    await commit.close();
    expect(await waiting).to.equal('UNAVAILABLE');
  });
});
