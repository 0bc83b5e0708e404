import { expect } from 'chai';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import { eachDatabaseOptions } from '../../support/databases.js';
import { GENERAL, type TestGateway } from '../../support/gateway.js';
import {
  nextEvent,
  onlineGateway,
  openTestManager,
  presenceOf,
  type TestManager,
} from '../../support/manager.js';
import { patience, runsOut } from '../../support/patience.js';

const REBOOT = { method: 'PUT', path: '/system/reboot', requestBody: { now: true } };
const WRITE = { method: 'PATCH', path: '/device/general', requestBody: { description: 'pump' } };
const READ = { method: 'GET', path: '/system/sshserver' };

eachDatabaseOptions('commands: what the guard and a stop let through', (freshDatabase) => {
  let test: TestManager;
  let number = 0;

  before(async () => {
    test = await openTestManager(await freshDatabase(), {
      commandTimeoutMs: patience(60_000),
      guardTimes: { settleMs: 1, settleRestartMs: 1 },
    });
  });
  after(() => test.manager.close());

  /** Gateways that are online and have given their profile, each of this set and site. */
  async function gateways(
    count: number,
    more: { redundancy?: string; site?: string },
  ): Promise<TestGateway[]> {
    const made: TestGateway[] = [];
    for (let index = 0; index < count; index += 1) {
      number += 1;
      const gateway = await onlineGateway(test, `gw-${number}`);
      await test.manager.registry.update(gateway.clientid, more);
      await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
      made.push(gateway);
    }
    return made;
  }

  const submit = ({ clientid }: TestGateway, request: object, more: object = {}) =>
    test.manager.commands.submit({ clientid, requestedBy: 'Ada', ...request, ...more });

  const entered = (state: CommandRecord['state'], { requestId }: CommandRecord) =>
    nextEvent(test.manager, 'command', (record) => record.requestId === requestId && record.state === state);

  it('refuses to disturb a gateway while its partner is disturbed, and says by whom', async () => {
    const [one, other] = (await gateways(2, { redundancy: 'pump-A' })) as [TestGateway, TestGateway];
    const first = await submit(one, REBOOT);
    expect(first.state).to.equal('SENT');

    const refused = await submit(other, REBOOT);
    expect(refused).to.deep.include({ state: 'REJECTED', reasonCode: 'GUARDED' });
    expect(refused.reason).to.contain(one.clientid).and.to.contain('pump-A').and.to.contain(first.requestId);
    expect(refused.cause?.code).to.equal('guard-set-held');

    await one.answer((await one.nextRequest()).requestId);
    await one.leave();
    await other.leave();
  });

  it('has it wait instead, lets reads pass, and sends it once the partner is well again', async () => {
    const [one, other] = (await gateways(2, { redundancy: 'pump-B' })) as [TestGateway, TestGateway];
    await submit(one, REBOOT);
    const waiting = await submit(other, REBOOT, { whenGuarded: 'queue' });
    expect(waiting.state).to.equal('QUEUED');

    const read = test.manager.commands.send({ clientid: other.clientid, ...READ });
    const request = await other.nextRequest();
    expect(request.method).to.equal('GET');
    await other.answer(request.requestId);
    expect((await read).state).to.equal('SUCCEEDED');

    await one.answer((await one.nextRequest()).requestId);
    const sent = await other.nextRequest();
    expect(sent).to.deep.include({ method: 'PUT', requestId: waiting.requestId });
    await other.answer(sent.requestId);
    await one.leave();
    await other.leave();
  });

  it('counts a partner that is offline by itself, until it is back', async () => {
    const [one, other] = (await gateways(2, { redundancy: 'pump-C' })) as [TestGateway, TestGateway];
    const gone = presenceOf(test.manager, one.clientid, 'offline');
    await one.leave();
    await gone;

    const refused = await submit(other, REBOOT);
    expect(refused.reasonCode).to.equal('GUARDED');
    expect(refused.cause?.code).to.equal('guard-partner-offline');
    const waiting = await submit(other, REBOOT, { whenGuarded: 'queue' });
    expect(waiting.state).to.equal('QUEUED');

    const sent = entered('SENT', waiting);
    await test.manager.registry.update(one.clientid, { redundancy: '' });
    await test.manager.guard.setLimit({ scope: 'set', value: 'pump-C', max: 2 }, 'Ada');
    await sent;
    await other.answer((await other.nextRequest()).requestId);
    await other.leave();
  });

  it('says that a stop holds, also where a partner stands in the way', async () => {
    const [one, other] = (await gateways(2, { redundancy: 'pump-S', site: 'Stopped' })) as [
      TestGateway,
      TestGateway,
    ];
    await submit(one, REBOOT);
    const stop = await test.manager.guard.stop({ scope: 'site', value: 'Stopped', reason: 'alarm' }, 'Bea');
    expect(await submit(other, REBOOT)).to.deep.include({ state: 'REJECTED', reasonCode: 'STOPPED' });
    await test.manager.guard.lift(stop.id, 'Bea');
    expect((await submit(other, REBOOT)).reasonCode).to.equal('GUARDED');
    await one.answer((await one.nextRequest()).requestId);
    await one.leave();
    await other.leave();
  });

  it('lets one that disturbs nobody pass without a slot', async () => {
    const [one, other] = (await gateways(2, { redundancy: 'pump-D' })) as [TestGateway, TestGateway];
    await submit(one, REBOOT);
    expect((await submit(other, WRITE)).state).to.equal('SENT');
    await one.answer((await one.nextRequest()).requestId);
    await other.answer((await other.nextRequest()).requestId);
    await one.leave();
    await other.leave();
  });

  for (const scope of ['fleet', 'site'] as const) {
    it(`holds what changes a gateway while its ${scope} is stopped, and lets reads pass`, async () => {
      const [gateway] = (await gateways(1, { site: 'Bochum' })) as [TestGateway];
      const value = scope === 'site' ? { value: 'Bochum' } : {};
      const stop = await test.manager.guard.stop({ scope, reason: 'fire', ...value }, 'Grace');

      const refused = await submit(gateway, WRITE);
      expect(refused).to.deep.include({ state: 'REJECTED', reasonCode: 'STOPPED' });
      expect(refused.reason).to.contain('Grace');
      expect(refused.cause?.code).to.equal(`stopped-${scope}`);
      const waiting = await submit(gateway, WRITE, { whenGuarded: 'queue' });
      expect(waiting.state).to.equal('QUEUED');
      const canceled = await submit(gateway, REBOOT, { whenGuarded: 'queue' });
      expect((await test.manager.commands.cancel(canceled.requestId, 'Ada')).state).to.equal('CANCELED');

      const read = test.manager.commands.send({ clientid: gateway.clientid, ...READ });
      await gateway.answer((await gateway.nextRequest()).requestId);
      expect((await read).state).to.equal('SUCCEEDED');

      const sent = entered('SENT', waiting);
      await test.manager.guard.lift(stop.id, 'Grace');
      await sent;
      await gateway.answer((await gateway.nextRequest()).requestId);
      await gateway.leave();
    });
  }

  it('goes on with what was sent before the stop', async () => {
    const [gateway] = (await gateways(1, {})) as [TestGateway];
    const record = await submit(gateway, WRITE);
    const stop = await test.manager.guard.stop({ scope: 'fleet', reason: '' }, 'Grace');
    const ended = entered('SUCCEEDED', record);
    await gateway.answer((await gateway.nextRequest()).requestId);
    await ended;
    await test.manager.guard.lift(stop.id, 'Grace');
    await gateway.leave();
  });

  it('says who holds it while it waits, and when it has waited for too long', async () => {
    const [one, other] = (await gateways(2, { redundancy: 'pump-E' })) as [TestGateway, TestGateway];
    await submit(one, REBOOT);
    const waiting = await submit(other, REBOOT, { whenGuarded: 'queue', queueForMs: runsOut(1000) });
    const told = await entered('EXPIRED', waiting);
    expect(told.cause?.code).to.equal('held-too-long');
    expect(told.reason).to.contain(one.clientid).and.to.contain('pump-E');
    await one.answer((await one.nextRequest()).requestId);
    await one.leave();
    await other.leave();
  });

  it('takes no slots while a stop holds, however many wait', async () => {
    const some = await gateways(3, {});
    const stop = await test.manager.guard.stop({ scope: 'fleet', reason: '' }, 'Grace');
    let changes = 0;
    const count = () => {
      changes += 1;
    };
    test.manager.events.on('guard', count);
    const records = [];
    for (const gateway of some) records.push(await submit(gateway, REBOOT, { whenGuarded: 'queue' }));
    // Each is looked at again, and a read is answered meanwhile.
    await test.manager.commands.list({});
    test.manager.events.off('guard', count);
    expect(changes).to.equal(0);
    expect((await test.manager.guard.holds({})).items.filter(({ state }) => state === 'held')).to.deep.equal(
      [],
    );
    for (const { requestId } of records) await test.manager.commands.cancel(requestId, 'Ada');
    await test.manager.guard.lift(stop.id, 'Grace');
    for (const gateway of some) await gateway.leave();
  });

  it('needs no other slot for a gateway that is disturbed already, whatever its partner does meanwhile', async () => {
    const [one, other] = (await gateways(2, { redundancy: 'pump-F' })) as [TestGateway, TestGateway];
    const { guard } = test.manager;
    const { clientid } = one;
    expect(await guard.take({ clientid, owner: { kind: 'flow', id: 'first' } })).to.equal(null);
    const gone = presenceOf(test.manager, other.clientid, 'offline');
    await other.leave();
    await gone;
    expect(await guard.take({ clientid, owner: { kind: 'flow', id: 'second' } })).to.equal(null);
    for (const id of ['first', 'second']) await guard.ended({ kind: 'flow', id }, 'never-sent');
    expect(
      (await guard.take({ clientid, owner: { kind: 'flow', id: 'third' } }))?.reason.cause?.code,
    ).to.equal('guard-partner-offline');
    await one.leave();
  });

  it('leaves room for reads behind a hundred commands that a stop holds', async () => {
    const [gateway] = (await gateways(1, {})) as [TestGateway];
    const stop = await test.manager.guard.stop({ scope: 'fleet', reason: '' }, 'Grace');
    const held = await Promise.all(
      Array.from({ length: 100 }, () => submit(gateway, WRITE, { whenGuarded: 'queue' })),
    );
    expect((await submit(gateway, WRITE, { whenGuarded: 'queue' })).reasonCode).to.equal('BUSY');
    const read = test.manager.commands.send({ clientid: gateway.clientid, ...READ });
    await gateway.answer((await gateway.nextRequest()).requestId);
    expect((await read).state).to.equal('SUCCEEDED');
    for (const { requestId } of held) await test.manager.commands.cancel(requestId, 'Ada');
    await test.manager.guard.lift(stop.id, 'Grace');
    await gateway.leave();
  });
});
