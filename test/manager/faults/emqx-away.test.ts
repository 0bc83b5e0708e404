import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { type EmqxManager, KEY, openEmqxManager } from '../../support/emqx-manager.js';
import { errorOf } from '../../support/errors.js';
import { fleetIds, insertFleet } from '../../support/fleet.js';
import { nextEvent, presenceOf } from '../../support/manager.js';

describe('faults: EMQX is away', () => {
  const open = opener('postgresql');
  let test: EmqxManager;

  afterEach(() => test.close());

  const health = (isConnected: boolean) =>
    nextEvent(test.manager, 'health', ({ broker }) => broker.connected === isConnected);

  it('opens without it, and takes it up when it comes, and when it comes back', async () => {
    const [stays, goes, comes] = fleetIds(3) as [string, string, string];
    const database = await open.options();
    await insertFleet(database, 3);
    test = await openEmqxManager({
      version: '5.8',
      database,
      events: 'webhook',
      isBrokerAway: true,
    });
    const { manager } = test;
    expect(manager.health().broker).to.deep.include({ connected: false });
    expect(manager.health().broker.detail).to.contain('connection refused: nothing listens there');
    expect(manager.health().presence.checkedAt).to.equal(null);
    const command = await manager.commands.send({ clientid: stays, path: '/device/time', method: 'GET' });
    expect(command).to.include({ state: 'REJECTED', reasonCode: 'OFFLINE' });

    let isThere = health(true);
    const both = [stays, goes].map((clientid) => presenceOf(manager, clientid, 'online'));
    await test.startBroker();
    // Their webhooks are lost: only the list of the broker tells.
    await test.emqx.addClients([stays, goes], { isSilent: true });
    await isThere;
    expect((await Promise.all(both)).map(({ source }) => source)).to.deep.equal(['reconcile', 'reconcile']);
    await test.untilTrue();

    const isAway = health(false);
    await test.emqx.stop();
    await errorOf(manager.broker.listClients(1, null));
    await isAway;
    const asOf = manager.health().presenceAsOf;
    expect(Date.parse(asOf ?? '')).to.be.closeTo(Date.now(), 30_000);
    expect((await manager.registry.get(stays))?.presenceAsOf).to.equal(asOf);
    const page = await manager.registry.list({});
    expect(new Set(page.devices.map(({ presenceAsOf }) => presenceAsOf))).to.deep.equal(new Set([asOf]));
    expect(await test.held(), 'nobody is taken for gone because the broker is').to.deep.equal([stays, goes]);
    isThere = health(true);
    await test.startBroker();
    await test.emqx.addClients([stays, comes], { isSilent: true });
    await isThere;
    await test.untilTrue(async () => (await test.held()).length === 2);
    expect(await test.held()).to.deep.equal([stays, comes]);
    expect(manager.health().presenceAsOf).to.equal(null);
    expect((await manager.registry.get(stays))?.presenceAsOf).to.equal(null);
  });

  it('says that its key is wrong, takes webhooks all the same, and goes on when the key is right', async () => {
    const [here, lost] = fleetIds(2) as [string, string];
    const database = await open.options();
    await insertFleet(database, 2);
    test = await openEmqxManager({
      version: '4.4',
      database,
      events: 'webhook',
      apiSecret: 'of another one',
    });
    const { manager } = test;
    expect(manager.health().broker.connected).to.equal(false);
    expect(manager.health().broker.detail).to.contain('it refuses the API key: are key and secret right');
    expect(test.log.join()).to.contain('it refuses the API key').and.not.contain('of another one');
    expect(test.log.join()).not.to.contain(KEY.apiSecret);

    await test.emqx.addClients([here]);
    expect(await test.held()).to.deep.equal([here]);
    const command = await manager.commands.send({ clientid: here, path: '/device/time', method: 'GET' });
    expect(command).to.include({ state: 'REJECTED', reasonCode: 'UNAVAILABLE' });
    expect(command.reason).to.contain('it refuses the API key');
    const isGone = presenceOf(manager, here, 'offline');
    await test.emqx.removeClients([here], { reason: 'normal' });
    expect(await isGone).to.include({ reason: 'disconnected by itself', source: 'webhook' });
    expect(manager.health().webhooks).to.include({ failed: 0, refused: 0, waiting: 0 });

    const isThere = health(true);
    await test.startBroker('of another one');
    await test.emqx.addClients([lost], { isSilent: true });
    await isThere;
    await test.untilTrue(async () => (await test.held()).length === 1);
    expect((await manager.registry.get(lost))?.status).to.equal('online');
  });
});
