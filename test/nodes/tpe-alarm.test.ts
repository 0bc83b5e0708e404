import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { Alarm, AlarmTelling } from '../../nodes/manager/alarms/alarm.js';
import { sentenceOf } from '../../nodes/tpe-alarm/sentence.js';
import tpeAlarm from '../../nodes/tpe-alarm/tpe-alarm.js';
import { opener } from '../support/databases.js';
import { fakeServer } from '../support/fake-server.js';
import { openTestManager, type TestManager } from '../support/manager.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus } from '../support/node-red-helper.js';
import { untilAlarmsAreTold } from '../support/told-alarms.js';

type Sent = NodeMessage & { tpe: { what: string; telling: string; alarm: Alarm } };

describe('node tpe-alarm', () => {
  const open = opener('pglite');
  let test: TestManager;
  let raised: Inbox;
  let cleared: Inbox;
  let done: Inbox;
  let faults: Inbox;

  before(async () => {
    test = await openTestManager(await open.options());
    await test.manager.registry.register({ clientid: 'pump-7', site: 'North' });
    await test.manager.registry.register({ clientid: 'pump-8', site: 'South' });
    await untilAlarmsAreTold(test);
  });
  afterEach(async () => {
    await helper.unload();
    const { items } = await test.manager.alarms.list({});
    for (const { key, clientid } of items)
      await test.manager.alarms.clear({ key, ...(clientid !== null && { clientid }) }, 'test');
  });
  after(() => test.manager.close());

  async function load(config: object = {}): Promise<void> {
    const at = { z: 'tab', x: 0, y: 0 };
    const outs = ['raised', 'cleared', 'reminder'];
    const manager = { ...test.manager, close: async () => undefined };
    await helper.load(
      [fakeServer(async () => manager), tpeAlarm],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'server', type: 'tpe-server' },
        {
          ...{ id: 'node', ...at, type: 'tpe-alarm', server: 'server', name: 'Hall', ...config },
          wires: outs.map((id) => [id]),
        },
        ...[...outs, 'caught', 'completed'].map((id) => ({ id, ...at, type: 'helper', wires: [] })),
        { id: 'catcher', ...at, type: 'catch', scope: null, wires: [['caught']] },
        { id: 'complete', ...at, type: 'complete', scope: ['node'], wires: [['completed']] },
      ],
    );
    [raised, cleared, done, faults] = ['raised', 'cleared', 'completed', 'caught'].map(inbox) as [
      Inbox,
      Inbox,
      Inbox,
      Inbox,
    ];
    await shownStatus(nodeOf('node'), ({ fill }) => fill === 'green');
    await new Promise(setImmediate);
  }
  const give = (msg: object) => nodeOf('node').receive({ _msgid: 'm', ...msg } as NodeMessage);
  /** The next message about this alarm; what was left of the test before is passed over. */
  const next = async (box: Inbox, key: string): Promise<Sent> => {
    const msg = (await box.next()) as Sent;
    return msg.tpe.alarm.key === key ? msg : await next(box, key);
  };

  it('raises an alarm of its flow and clears it, and says both in a sentence', async () => {
    await load({ language: 'en-US' });
    give({
      ...{ action: 'raise', key: 'door-4', clientid: 'pump-7', severity: 'critical' },
      ...{ text: 'Door 4 is open', advice: 'Close it.' },
    });
    const first = await next(raised, 'door-4');
    expect(first.payload).to.equal('Critical: pump-7: Door 4 is open. Close it.');
    expect(first.topic).to.equal('pump-7');
    expect(first.tpe.what).to.equal('raised');
    expect(first.tpe.telling).to.match(/^\d+$/);
    expect(first.tpe.alarm).to.include({ kind: 'own', state: 'active', site: 'North' });
    give({ action: 'clear', payload: { key: 'door-4', clientid: 'pump-7' } });
    const last = await next(cleared, 'door-4');
    expect(last.payload).to.equal('Over: pump-7: Door 4 is open.');
    expect(last.tpe.alarm).to.include({ id: first.tpe.alarm.id, clearedBy: 'tpe-alarm: Hall' });
  });

  it('takes what to raise from its fields, and the text from a payload', async () => {
    await load({ language: 'de', action: 'raise', key: 'tank', keyType: 'str', severity: 'info' });
    give({ payload: 'Tank leer', key: 'another' });
    const { payload, topic } = await next(raised, 'tank');
    expect(payload).to.equal('Hinweis: Tank leer.');
    expect(topic).to.equal('tank');
  });

  it('acknowledges and shelves what it has sent, when that comes back with an action', async () => {
    await load();
    give({ action: 'raise', key: 'k', text: 'It is so' });
    const sent = await next(raised, 'k');
    await done.next();
    give({ ...sent, action: 'acknowledge', note: 'Ada is there' });
    await done.next();
    const { id } = sent.tpe.alarm;
    expect(await test.manager.alarms.get(id)).to.include({
      ...{ state: 'acknowledged', acknowledgedBy: 'tpe-alarm: Hall', note: 'Ada is there' },
    });
    give({ payload: { act: 'shelve', ids: [id], seconds: 600 }, requestedBy: 'Bob' });
    await done.next();
    expect(await test.manager.alarms.get(id)).to.include({ state: 'shelved', shelvedBy: 'Bob' });
    give({ action: 'unshelve', alarm: [{ id }] });
    await done.next();
    expect(await test.manager.alarms.get(id)).to.include({ shelvedUntil: null });
  });

  it('assigns an alarm to somebody, to whom its field says, and to nobody', async () => {
    await load();
    give({ action: 'raise', key: 'k', text: 'It is so' });
    const sent = await next(raised, 'k');
    await done.next();
    const { id } = sent.tpe.alarm;
    const assignedTo = async (msg: object) => {
      give({ ...sent, ...msg });
      await done.next();
      return (await test.manager.alarms.get(id))?.assignedTo;
    };
    expect(await assignedTo({ action: 'assign', to: 'ada' })).to.equal('ada');
    expect(await assignedTo({ payload: { act: 'assign', to: 'bob' } })).to.equal('bob');
    expect(await assignedTo({ action: 'assign', to: null })).to.equal(null);
    expect(await assignedTo({ payload: { act: 'assign', to: 'bob' } })).to.equal('bob');
    expect(await assignedTo({ payload: { act: 'assign', to: null } })).to.equal(null);
    await helper.unload();
    await load({ action: 'assign', to: 'the night shift', toType: 'str' });
    give(sent);
    await done.next();
    expect(await test.manager.alarms.get(id)).to.include({ assignedTo: 'the night shift' });
  });

  it('sends only what its filters let through', async () => {
    await load({ least: 'warning', kind: 'own', site: 'No*' });
    const all = [
      { key: 'mild', clientid: 'pump-7', severity: 'info', text: 'x' },
      { key: 'elsewhere', clientid: 'pump-8', severity: 'critical', text: 'x' },
      { key: 'nowhere', severity: 'critical', text: 'x' },
      { key: 'wanted', clientid: 'pump-7', severity: 'warning', text: 'x' },
    ];
    for (const alarm of all) give({ action: 'raise', payload: alarm });
    expect((await next(raised, 'wanted')).tpe.alarm.severity).to.equal('warning');
    expect(raised.all).to.have.length(1);
  });

  it('tells Catch nodes what was wrong', async () => {
    await load();
    const wrong: [object, string, RegExp][] = [
      [{}, 'INVALID_INPUT', /"action" is missing/],
      [{ action: 'dance' }, 'INVALID_INPUT', /"action" must be one of raise/],
      [{ action: 'raise', text: 'x' }, 'INVALID_INPUT', /key/],
      [{ action: 'raise', key: 'x' }, 'INVALID_INPUT', /text/],
      [{ action: 'raise', key: 'x', text: 'x', clientid: 'nobody' }, 'NOT_FOUND', /nobody/],
      [{ action: 'acknowledge' }, 'INVALID_INPUT', /"alarm" is missing/],
      [{ action: 'acknowledge', alarm: '999999' }, 'NOT_FOUND', /999999/],
      [{ action: 'assign', alarm: '1' }, 'INVALID_INPUT', /"to" is missing/],
      [{ action: 'assign', alarm: '1', to: '' }, 'INVALID_INPUT', /"to" is missing/],
      [{ action: 'assign', alarm: '1', to: 'x'.repeat(101) }, 'INVALID_INPUT', /to/],
      [{ action: 'shelve', alarm: '1' }, 'INVALID_INPUT', /until an end/],
      [{ action: 'shelve', alarm: '1', seconds: 5 }, 'INVALID_INPUT', /seconds/],
    ];
    for (const [msg, code, words] of wrong) {
      give(msg);
      const error = (await faults.next()).error as { code: string; message: string };
      expect(error.code, JSON.stringify(msg)).to.equal(code);
      expect(error.message, JSON.stringify(msg)).to.match(words);
    }
    expect(raised.all).to.deep.equal([]);
  });
});

describe('node tpe-alarm: its sentence', () => {
  const alarm = {
    ...{ severity: 'warning', clientid: 'pump-7', key: '' },
    text: 'keepalive timeout',
    cause: { code: 'keepalive-timeout', params: {} },
    ...{ advice: '', adviceCause: null },
  } as unknown as Alarm;
  const say = (what: AlarmTelling['what'], language: Parameters<typeof sentenceOf>[1]) =>
    sentenceOf({ what, alarm: { ...alarm, advice: 'Look at it' } }, language);

  it('says in each language what is so, that it is so still, and that it is over', () => {
    expect(say('raised', 'en-US')).to.equal('Warning: pump-7: keepalive timeout. Look at it.');
    expect(say('reminder', 'en-US')).to.match(/^Still so: Warning: pump-7: /);
    expect(say('cleared', 'en-US')).to.equal('Over: pump-7: keepalive timeout.');
    const others = (['de', 'ja', 'zh-TW'] as const).map((language) => say('raised', language));
    expect(new Set(others).size).to.equal(3);
    for (const sentence of others) expect(sentence).to.contain('pump-7').and.not.contain('keepalive timeout');
  });
});
