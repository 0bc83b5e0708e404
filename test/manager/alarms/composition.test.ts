import { expect } from 'chai';
import type { AlarmNews } from '../../../nodes/manager/alarms/alarm.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import { opener } from '../../support/databases.js';
import { nextEvent, openTestManager, type TestManager } from '../../support/manager.js';

const alarmTiming = { busyMs: 50, restMs: 50, gatherMs: 10, turnMs: 500, tellMs: 50, tellTurnMs: 500 };

describe('alarms of device managers', () => {
  const open = opener('postgresql');
  let options: DatabaseOptions;
  let managers: TestManager[];

  before(async () => {
    options = await open.options();
    managers = [];
    for (const instance of ['one', 'other'])
      managers.push(await openTestManager(options, { instance, alarmTiming }));
  });
  after(async () => {
    for (const { manager } of managers ?? []) await manager.close();
  });

  it('are heard of by both, and counted by the one that raised them', async () => {
    const [one, other] = managers.map(({ manager }) => manager) as [
      TestManager['manager'],
      TestManager['manager'],
    ];
    const isIt = ({ what, alarm }: AlarmNews) => what === 'raised' && alarm.key === 'pump';
    const heard = [nextEvent(one, 'alarm', isIt), nextEvent(other, 'alarm', isIt)];
    const rules = nextEvent(other, 'alarmRules', () => true);
    const { id } = await one.alarms.raise({ key: 'pump', text: 'it leaks', severity: 'critical' }, 'flow');
    for (const each of await Promise.all(heard)) expect(each.alarm).to.deep.include({ id, text: 'it leaks' });
    await one.alarms.setRule({ id: 'offline', kind: 'offline', delaySeconds: 60 }, 'ada');
    await rules;
    expect((await other.alarms.rules())[0]).to.include({ id: 'offline', delaySeconds: 60 });
    const raised = 'tpedm_alarms_raised_total{kind="own",severity="critical"} 1';
    expect(await one.metrics.metrics()).to.include(raised);
    expect(await one.metrics.metrics()).to.include('tpedm_alarms{severity="critical"} 1');
    expect(await other.metrics.metrics()).to.include('tpedm_alarms{severity="critical"} 1');
    expect(await other.metrics.metrics()).not.to.include(raised);
  });

  it('are cleared by themselves when their gateway is retired', async () => {
    const { manager } = managers[0]!;
    await manager.registry.register({ clientid: 'A' });
    const { id } = await manager.alarms.raise({ key: 'door', clientid: 'A', text: 'open' }, 'flow');
    const cleared = managers.map((one) =>
      nextEvent(one.manager, 'alarm', ({ what, alarm }) => what === 'cleared' && alarm.id === id),
    );
    await manager.retire('A');
    for (const { alarm } of await Promise.all(cleared)) expect(alarm).to.include({ state: 'cleared' });
  });
});
