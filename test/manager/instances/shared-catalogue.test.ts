import { once } from 'node:events';
import { expect } from 'chai';
import type { DeviceManager } from '../../../nodes/manager/device-manager.js';
import { eachDatabaseOptions } from '../../support/databases.js';
import { openTestManager } from '../../support/manager.js';

const OWN = { id: 'own-pump', category: 'Mine', name: 'Pump', method: 'GET', path: '/tpfunc/pump/state' };

eachDatabaseOptions('instances: own operations', (freshDatabase) => {
  const managers: DeviceManager[] = [];
  afterEach(async () => {
    for (const manager of managers.splice(0)) await manager.close();
  });

  it('are there after a restart, and known to the other managers without one', async () => {
    const database = await freshDatabase();
    const open = async (instance: string) => {
      const { manager } = await openTestManager(database, { instance });
      managers.push(manager);
      return manager;
    };
    const one = await open('one');
    if (database.kind === 'embedded') {
      await one.catalogue.saveOperation(OWN);
      await managers.pop()!.close();
      expect((await open('one')).catalogue.get('own-pump')?.name).to.equal('Pump');
      return;
    }
    const other = await open('other');
    const told = once(other.events, 'catalogue');
    await one.catalogue.saveOperation(OWN);
    await told;
    expect(other.catalogue.find('GET', '/tpfunc/pump/state')?.id).to.equal('own-pump');
    const gone = once(one.events, 'catalogue');
    await other.catalogue.removeOperation('own-pump');
    await gone;
    expect(one.catalogue.get('own-pump')).to.equal(null);
  });
});
