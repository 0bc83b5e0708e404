import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { connectAsync } from 'mqtt';
import { opener } from '../../support/databases.js';
import { freePort } from '../../support/free-port.js';
import { connectGateway, GENERAL, type TestGateway } from '../../support/gateway.js';
import { nextEvent, openTestManager, presenceOf } from '../../support/manager.js';
import { patience } from '../../support/patience.js';

const MOSQUITTO = '/usr/sbin/mosquitto';

describe('presence: beside a Mosquitto, which does not tell who is connected', () => {
  const open = opener('pglite');
  const folder = mkdtempSync(join(tmpdir(), 'tpedm-mosquitto-'));
  let mosquitto: ChildProcess;
  let port: number;

  before(async function () {
    if (!existsSync(MOSQUITTO)) {
      console.log('      mosquitto is not installed: not tested');
      return this.skip();
    }
    port = await freePort();
    writeFileSync(join(folder, 'mosquitto.conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
    mosquitto = spawn(MOSQUITTO, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
    await untilConnectable(port);
  });
  after(() => {
    mosquitto?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a gateway for online when it is heard from, and commands it', async () => {
    const test = await openTestManager(await open.options(), {
      broker: { kind: 'mqtt', url: `mqtt://127.0.0.1:${port}` },
    });
    const { manager } = test;
    // The first look at all gateways, of which there are none.
    while (manager.health().presence.checkedAt === null) await once(manager.events, 'health');
    const { credential } = await manager.registry.register({ clientid: 'beside' });
    const gateway = await connectGateway({ ...credential, port });
    expect((await manager.registry.get('beside'))?.status).to.equal('never_seen');

    const online = presenceOf(manager, 'beside', 'online');
    const stored = nextEvent(manager, 'device', (event) => event.change === 'profile');
    const sent = manager.commands.send({ clientid: 'beside', path: '/device/general', method: 'GET' });
    const request = await gateway.nextRequest();
    expect(request).to.include({ path: '/device/general', qos: 1, retain: false });
    await gateway.answer(request.requestId, JSON.stringify(GENERAL));
    expect((await sent).state).to.equal('SUCCEEDED');
    expect(await online).to.include({ reason: 'heard from it', source: 'mqtt' });
    await stored;
    expect(await manager.registry.get('beside')).to.include({
      status: 'online',
      serialNumber: 'IMOXA1234567',
    });

    const refused = await manager.broker.getClient('beside').catch((error: { code?: string }) => error.code);
    expect(refused).to.equal('UNAVAILABLE');
    await gateway.leave();
    await manager.close();
  });

  it('has a job that waits for a gateway go on as soon as that answers anything, also where it was held for online', async () => {
    const never = 3_600_000;
    const test = await openTestManager(await open.options(), {
      broker: { kind: 'mqtt', url: `mqtt://127.0.0.1:${port}` },
      jobTiming: { sweepMs: never, unheardMs: never },
    });
    const { manager } = test;
    // The first look at all gateways, of which there are none; the next one, which finds that this one has gone, is a quarter of an hour later.
    while (manager.health().presence.checkedAt === null) await once(manager.events, 'health');
    const { credential } = await manager.registry.register({ clientid: 'waited-for' });
    const answerTo = async (gateway: TestGateway, asking: Promise<unknown>) => {
      await gateway.answer((await gateway.nextRequest()).requestId, JSON.stringify(GENERAL));
      await asking;
    };
    const ask = () =>
      manager.commands.send({ clientid: 'waited-for', path: '/device/general', method: 'GET' });
    const online = presenceOf(manager, 'waited-for', 'online');
    const before = await connectGateway({ ...credential, port });
    await answerTo(before, ask());
    await online;
    await before.leave();

    const read = { command: { path: '/device/time', method: 'GET', check: 'warn' } };
    const given = { name: 'read', do: read, targets: { ids: ['waited-for'] } };
    const { id } = await manager.jobs.create(given, { by: 'Ada' });
    await manager.jobs.submit(id, { by: 'Ada' });
    const standing = async () => (await manager.jobs.execution(id, 'waited-for'))?.execution;
    for (const end = Date.now() + patience(60_000); (await standing())?.waitingFor !== 'offline'; ) {
      expect(Date.now(), JSON.stringify(await standing())).to.be.below(end);
      await delay(50);
    }
    expect((await manager.registry.get('waited-for'))?.status).to.equal('online');

    const back = await connectGateway({ ...credential, port });
    await answerTo(back, ask());
    const completed = nextEvent(manager, 'job', ({ job }) => job.id === id && job.state === 'COMPLETED');
    await answerTo(back, completed);
    expect((await standing())?.state).to.equal('SUCCEEDED');
    await back.leave();
    await manager.close();
  });
});

async function untilConnectable(port: number): Promise<void> {
  const deadline = Date.now() + patience(60_000);
  for (;;) {
    try {
      const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
      return await client.endAsync();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
