import { expect } from 'chai';
import { opener } from '../../support/databases.js';

describe('database: the embedded one', () => {
  const open = opener('pglite');

  it('leaves sockets and timers their turn in a long row of statements', async () => {
    const database = await open();
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    for (let count = 0; count < 5000 && turns <= 5; count += 1)
      await database.query('select count(*) from generate_series(1, 1000)');
    clearInterval(timer);
    await database.close();
    expect(turns).to.be.greaterThan(5);
  });
});
