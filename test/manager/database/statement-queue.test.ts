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

  it('is closed when nothing waits any more', async () => {
    const queue = createStatementQueue();
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(name);
      await turn();
    };
    const all = [queue.run(false, work('first')), queue.runLast(work('close'))];
    for (let count = 1; count <= 5; count += 1) all.push(queue.run(true, work('urgent')));
    all.push(queue.run(false, work('other')));
    await Promise.all(all);
    expect(order.at(-1)).to.equal('close');
    expect(order).to.have.length(8);
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

describe('database: plans that the embedded one keeps', () => {
  const open = opener('pglite');

  it('give what the statement gives by itself, whatever is in the values', async () => {
    const database = await open();
    const sql = `select * from unnest($1::text[], $2::bigint[], $3::boolean[], $4::jsonb[]) as given (a, b, c, d) where $5 or $6 = a`;
    const texts = [
      "it's",
      'a \\ and "quotes"',
      "';drop table mqtt_user;--",
      '{curly, braces}',
      'NULL',
      '',
      '$1',
      '\n\t',
      'ä 中',
    ];
    const values = [
      [...texts, null],
      [...texts.map((_, index) => index), null],
      [...texts.map((_, index) => index % 2 === 0), null],
      [...texts.map((text) => JSON.stringify({ text })), null],
    ];
    for (const [all, one] of [
      [true, null],
      [false, "it's"],
      [false, 'a \\ and "quotes"'],
    ]) {
      const parameters = [...values, all, one];
      const plain = await database.query(sql, parameters);
      expect(await database.queryBatch(3, sql, parameters)).to.deep.equal(plain);
      expect(await database.queryBatch(3, sql, parameters)).to.deep.equal(plain);
    }
    await database.close();
  });

  it('fail as the statement does, without its values, and leave nothing behind', async () => {
    const database = await open();
    const sql = 'select $1::text::integer as number';
    const error = await database.queryBatch(1, sql, ['secret-1']).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).and.include({ code: '22P02' });
    expect(
      Object.entries(error as object)
        .filter(([name]) => name !== 'message' && name !== 'stack')
        .join(),
    ).not.to.include('secret-1');
    expect(await database.queryBatch(1, sql, ['1'])).to.deep.equal([{ number: 1 }]);
    expect(await database.query("select current_setting('plan_cache_mode') as mode")).to.deep.equal([
      { mode: 'auto' },
    ]);
    const zero = await database
      .queryBatch(1, 'select $1::text as text', ['a\0b'])
      .catch((reason: unknown) => reason);
    expect(zero).to.be.instanceOf(Error);
    expect(await database.query('select 1 as one')).to.deep.equal([{ one: 1 }]);
    await database.close();
  });
});
