import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { Database } from '../../nodes/manager/database/database.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import tpeAlarm from '../../nodes/tpe-alarm/tpe-alarm.js';
import { letPass } from '../manager/alarms/rig.js';
import { opener } from '../support/databases.js';
import { fakeServer } from '../support/fake-server.js';
import { openTestManager, type TestManager } from '../support/manager.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus } from '../support/node-red-helper.js';
import { untilAlarmsAreTold } from '../support/told-alarms.js';

const alarmTiming = { busyMs: 50, restMs: 50, gatherMs: 10, turnMs: 500, tellMs: 50, tellTurnMs: 500 };
const OUTPUTS = ['raised', 'cleared', 'reminder'] as const;

describe('node tpe-alarm: reminders', () => {
  const open = opener('postgresql');
  let test: TestManager;
  /** The same database beside the manager: an hour of reminders passes in it at once. */
  let database: Database;
  let raised: Inbox;
  let cleared: Inbox;
  let reminders: Inbox;

  before(async () => {
    const options = await open.options();
    test = await openTestManager(options, { alarmTiming });
    database = await openDatabase(options);
    await untilAlarmsAreTold(test);
    const at = { z: 'tab', x: 0, y: 0 };
    const manager = { ...test.manager, close: async () => undefined };
    const node = { id: 'node', ...at, type: 'tpe-alarm', server: 'server', name: 'Hall', language: 'en-US' };
    await helper.load(
      [fakeServer(async () => manager), tpeAlarm],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'server', type: 'tpe-server' },
        { ...node, kind: 'never-seen', wires: OUTPUTS.map((id) => [id]) },
        ...OUTPUTS.map((id) => ({ id, ...at, type: 'helper', wires: [] })),
      ],
    );
    [raised, cleared, reminders] = OUTPUTS.map(inbox) as [Inbox, Inbox, Inbox];
    await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green');
  });
  after(async () => {
    await helper.unload();
    await database?.close();
    await test?.manager.close();
  });

  it('leave on its third output as often as the rule says, until somebody acknowledges', async () => {
    const rule = { id: 'never-seen', kind: 'never-seen', delaySeconds: 0, clearSeconds: 0 } as const;
    await test.manager.alarms.setRule({ ...rule, repeatSeconds: 3600 }, 'ada');
    await test.manager.registry.register({ clientid: 'pump-7' });
    const first = await raised.next();
    expect(first.topic).to.equal('pump-7');
    expect(reminders.all).to.deep.equal([]);

    for (const time of [1, 2]) {
      await letPass(database, 3600);
      const reminder = (await reminders.next()) as NodeMessage & { tpe: { what: string; alarm: object } };
      expect(reminder.payload).to.match(/^Still so: Info: pump-7/);
      expect(reminder.tpe).to.deep.include({ what: 'reminder' });
      expect(reminders.all).to.have.length(time);
    }

    // As it comes out of the node, so it goes back.
    nodeOf('node').receive({ ...first, action: 'acknowledge' } as NodeMessage);
    while ((await test.manager.alarms.counts()).unacknowledged > 0) await new Promise(setImmediate);
    await test.manager.registry.register({ clientid: 'pump-8' });
    await raised.next();
    await letPass(database, 3600);
    expect((await reminders.next()).topic).to.equal('pump-8');
    expect(reminders.all.map(({ topic }) => topic)).to.deep.equal(['pump-7', 'pump-7', 'pump-8']);
    expect(cleared.all).to.deep.equal([]);
  });
});
