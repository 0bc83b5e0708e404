import { expect } from 'chai';
import { opener } from '../support/databases.js';
import { openTestManager } from '../support/manager.js';

describe('manager: a client id that the database cannot hold', () => {
  const open = opener('postgresql');

  it('is that of no gateway, whatever is asked about it', async () => {
    const { manager } = await openTestManager(await open.options());
    try {
      for (const clientid of ['\u0000', 'a\u0000b', '\ud800']) {
        expect(await manager.commands.list({ clientid })).to.deep.equal([]);
        expect(await manager.installations.list({ clientid })).to.deep.equal([]);
        expect(await manager.history.events({ clientid })).to.deep.equal([]);
        expect(await manager.registry.get(clientid)).to.equal(null);
        expect((await manager.registry.list({ clientids: [clientid] })).devices).to.deep.equal([]);
      }
    } finally {
      await manager.close();
    }
  });
});
