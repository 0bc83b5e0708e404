import { expect } from 'chai';
import type { CommandRecord } from '../../nodes/manager/commands/command.js';
import type { Hold } from '../../nodes/manager/guard/guard.js';
import type { Device } from '../../nodes/manager/registry/device.js';
import { eachDatabase } from '../support/databases.js';
import { patience } from '../support/patience.js';
import { killSite } from './kill-site.js';

/** Of one site, of which the guard lets one be disturbed at a time. */
const GATEWAYS = ['gw-1', 'gw-2'];
const REBOOT = {
  ...{ method: 'PUT', path: '/system/reboot', requestBody: { now: true }, check: 'warn' },
  ...{ requestedBy: 'test', timeoutMs: patience(60_000) },
};

eachDatabase('guard: the manager is killed while a gateway is disturbed', (open) => {
  const rig = killSite(open, { gateways: GATEWAYS, isTakenOver: true });

  const submit = (clientid: string, whenGuarded: 'fail' | 'queue') =>
    rig.manager.call<CommandRecord>('commands', 'submit', { ...REBOOT, clientid, whenGuarded });
  const stateOf = async (requestId: string) =>
    (await rig.manager.call<CommandRecord>('commands', 'get', requestId)).state;
  const holds = async () => (await rig.manager.call<{ items: Hold[] }>('guard', 'holds', {})).items;
  const isOnline = async (clientid: string) =>
    rig.gateway(clientid).connected() &&
    (await rig.manager.call<Device>('registry', 'get', clientid)).status === 'online';
  const isReboot = ({ path }: { path: string }) => path === REBOOT.path;

  /** Others are held by the slot of the first, until its gateway is well. Resolves with who waits. */
  async function expectHeld(before: Hold): Promise<CommandRecord> {
    const [hold, ...others] = await holds();
    expect(others).to.deep.equal([]);
    expect(hold).to.include({ clientid: 'gw-1', since: before.since });
    expect(await submit('gw-2', 'fail')).to.include({ state: 'REJECTED', reasonCode: 'GUARDED' });
    const waiting = await submit('gw-2', 'queue');
    expect(waiting).to.include({ state: 'QUEUED' });
    expect(rig.gateway('gw-2').received.filter(isReboot)).to.deep.equal([]);
    return waiting;
  }

  async function expectFree({ requestId }: CommandRecord): Promise<void> {
    await rig.site.until('the one that waits to go', async () => (await stateOf(requestId)) === 'SUCCEEDED');
    await rig.untilNoSlots();
  }

  it('its slot is held until the command has ended and the gateway is well', async () => {
    rig.gateway('gw-1').says = () => null;
    await submit('gw-1', 'fail');
    const request = await rig.site.nextRequest(isReboot);
    const [before] = await holds();
    await rig.succeed();
    for (const clientid of GATEWAYS)
      await rig.site.until('the gateways to be back', () => isOnline(clientid));
    const waiting = await expectHeld(before!);
    rig.gateway('gw-1').answer(request);
    await expectFree(waiting);
    expect(rig.gateway('gw-1').received.filter(isReboot)).to.have.length(1);
  });

  it('its slot is held while the gateway that has restarted is away', async () => {
    const gateway = rig.gateway('gw-1');
    gateway.says = (request) => {
      gateway.answer(request);
      setTimeout(() => gateway.leave(), 50);
      return null;
    };
    const { requestId } = await submit('gw-1', 'fail');
    await rig.site.until('it to be away', async () => {
      return !(await isOnline('gw-1')) && (await stateOf(requestId)) === 'SUCCEEDED';
    });
    const [before] = await holds();
    await rig.succeed();
    await rig.site.until('the other one to be back', async () => await isOnline('gw-2'));
    const waiting = await expectHeld(before!);
    gateway.comeBack();
    await expectFree(waiting);
  });
});
