import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { createStatementQueue } from '../../../nodes/manager/database/pglite/statement-queue.js';
import { opener } from '../../support/databases.js';

describe('database: who has the connection of the embedded one', () => {
  const open = opener('pglite');

  it('goes before others that wait with what is urgent, and lets one of them go now and then', async () => {
    const queue = createStatementQueue();
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(name);
      await turn();
    };
    const all = [queue.run(false, work('first'))];
    for (let count = 1; count <= 3; count += 1) all.push(queue.run(false, work(`other ${count}`)));
    for (let count = 1; count <= 6; count += 1) all.push(queue.run(true, work(`urgent ${count}`)));
    await Promise.all(all);
    expect(order).to.deep.equal([
      'first',
      ...['urgent 1', 'urgent 2', 'urgent 3', 'urgent 4', 'other 1'],
      ...['urgent 5', 'urgent 6', 'other 2', 'other 3'],
    ]);
  });

  it('goes on after a work that failed, which tells its own caller', async () => {
    const queue = createStatementQueue();
    const failing = queue.run(false, () => Promise.reject(new Error('no such table')));
    const next = queue.run(false, async () => 'done');
    expect(await failing.catch(String)).to.equal('Error: no such table');
    expect(await next).to.equal('done');
  });

  it('answers a batch while many statements of others wait, and sockets have their turn among these', async () => {
    const database = await open();
    const OTHERS = 40;
    let done = 0;
    const others = Promise.all(
      Array.from({ length: OTHERS }, async () => {
        await database.query('select count(*) from generate_series(1, 300000)');
        done += 1;
      }),
    );
    // As a webhook does: what a socket brings comes to the database only in turns of the event loop.
    await turn();
    await turn();
    await database.queryBatch(1, 'select $1::text', ['webhook']);
    expect(done).to.be.below(OTHERS / 2);
    await others;
    expect(done).to.equal(OTHERS);
    await database.close();
  });
});
