import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { nextEvent } from '../../support/manager.js';
import { postgres } from '../../support/postgres.js';
import { AIG, type InstallRig, startRig, UC } from '../updates/install-rig.js';

describe('faults: the database is away while software is installed', () => {
  const open = opener('postgresql');
  let rig: InstallRig;

  beforeEach(async () => {
    rig = await startRig(await open.options(), { timeScale: 200 });
  });
  afterEach(async () => {
    await (await postgres()).start().catch(() => undefined);
    await rig.stop();
  });

  for (const step of ['create', 'install', 'reboot']) {
    it(`goes on when it is back (${step})`, async () => {
      const server = await postgres();
      const { id } = await rig.install({ clientid: AIG, snapshot: false });
      await rig.inStep(id, step);
      const away = nextEvent(rig.manager, 'health', ({ database }) => !database.connected);
      const back = nextEvent(rig.manager, 'health', ({ database }) => database.connected);
      await server.stop();
      const refused = await errorOf(rig.install({ clientid: UC }));
      expect(refused).to.have.property('code', 'UNAVAILABLE');
      await away;
      await server.start();
      await back;
      const ended = await rig.ended(id);
      expect(ended, JSON.stringify(ended)).to.include({ state: 'SUCCEEDED' });
    });
  }
});
