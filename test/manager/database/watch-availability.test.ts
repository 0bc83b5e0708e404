import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { watchAvailability } from '../../../nodes/manager/database/watch-availability.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { postgres } from '../../support/postgres.js';

describe('a database that is watched', () => {
  const open = opener('postgresql');

  it('tells once that it is away, whoever asked, and by itself that it is back', async () => {
    const server = await postgres();
    const events = new EventEmitter();
    const told: string[] = [];
    const database = watchAvailability(await openDatabase(await open.options()), (error) => {
      told.push(error === null ? 'back' : 'away');
      events.emit(told.at(-1)!);
    });
    try {
      expect(await errorOf(database.query('select nonsense'))).to.have.property('code', '42703');
      expect(told, 'a wrong statement says nothing about the database').to.deep.equal([]);
      await server.stop();
      for (let turn = 0; turn < 3; turn += 1) {
        const error = await errorOf(database.query('select 1'));
        expect(error).to.have.property('code', 'UNAVAILABLE');
        expect(error.message).to.match(/^The database cannot be reached: /);
      }
      expect(told).to.deep.equal(['away']);
      const back = once(events, 'back');
      await server.start();
      await back;
      expect(told).to.deep.equal(['away', 'back']);
    } finally {
      await server.start().catch(() => undefined);
      await database.close();
    }
  });
});
