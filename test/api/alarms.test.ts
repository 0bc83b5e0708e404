import { expect } from 'chai';
import type { Caller } from '../../nodes/api/caller.js';
import { type Change, subscribeToChanges } from '../../nodes/api/changes.js';
import type { Procedure } from '../../nodes/api/procedure.js';
import {
  type AnswerOf,
  type InputOf,
  PROCEDURES,
  type ProcedureName,
} from '../../nodes/api/procedures/index.js';
import { runProcedure } from '../../nodes/api/run-procedure.js';
import { opener } from '../support/databases.js';
import { errorOf } from '../support/errors.js';
import { openTestManager, type TestManager } from '../support/manager.js';

const ADA: Caller = {
  ...{
    id: '7',
    name: 'ada',
    role: 'administrator',
    address: null,
    door: 'dashboard',
    requestedBy: 'dashboard: ada',
  },
  ...{ hasLogin: true, isSignedIn: true, ownPassword: null },
};

describe('procedures of alarms', () => {
  const open = opener('pglite');
  let test: TestManager;

  before(async () => {
    test = await openTestManager(await open.options());
    await test.manager.registry.register({ clientid: 'gw-1', site: 'Brea' });
  });
  after(() => test?.manager.close());

  async function ask<Name extends ProcedureName>(
    name: Name,
    input: InputOf<Name>,
    role: Caller['role'] = 'administrator',
  ): Promise<AnswerOf<Name>> {
    const procedure = PROCEDURES[name] as unknown as Procedure<unknown, AnswerOf<Name>>;
    return await runProcedure(procedure, procedure.parse(input), { ...ADA, role }, async () => test.manager);
  }

  it('show what is wrong to viewers, are acted on by operators, and have rules of administrators', async () => {
    const raised = await ask(
      'alarms.raise',
      { key: 'pump', clientid: 'gw-1', text: 'it leaks', severity: 'critical' },
      'operator',
    );
    const { id } = raised;
    const { items } = await ask('alarms.list', { limit: 10 }, 'viewer');
    expect(items.map((alarm) => alarm.id)).to.deep.equal([id]);
    expect(await ask('alarms.get', { id }, 'viewer')).to.deep.equal(raised);
    expect(await ask('alarms.worst', { limit: 5 }, 'viewer')).to.deep.equal([raised]);
    expect(await ask('alarms.counts', {}, 'viewer')).to.include({ critical: 1, unacknowledged: 1 });
    const [one] = await ask('alarms.act', { act: 'acknowledge', ids: [id], note: 'on my way' }, 'operator');
    expect(one).to.include({ state: 'acknowledged', acknowledgedBy: 'dashboard: ada', note: 'on my way' });
    expect((await ask('alarms.rules', {}, 'viewer')).map((rule) => rule.id)).to.include('offline');
    await ask('alarms.setRule', { id: 'brea', kind: 'offline', filter: { site: 'Brea' } });
    await ask('alarms.removeRule', { id: 'brea' });
    expect(await ask('alarms.clear', { key: 'pump', clientid: 'gw-1' }, 'operator')).to.include({ id });
    expect(await ask('alarms.clear', { key: 'pump', clientid: 'gw-1' }, 'operator')).to.equal(null);

    const refused = [
      () => ask('alarms.act', { act: 'unshelve', ids: [id] }, 'viewer'),
      () => ask('alarms.raise', { key: 'x', text: 'x' }, 'viewer'),
      () => ask('alarms.clear', { key: 'x' }, 'viewer'),
      () => ask('alarms.setRule', { id: 'x', kind: 'offline' }, 'operator'),
      () => ask('alarms.removeRule', { id: 'x' }, 'operator'),
    ];
    for (const each of refused) expect(await errorOf(each())).to.include({ code: 'FORBIDDEN' });

    const entries = await test.manager.audit.list({ action: 'alarm.' });
    const done = entries.filter(({ outcome }) => outcome === 'done').toReversed();
    expect(done.map(({ action, clientid, detail }) => [action, clientid, detail])).to.deep.equal([
      ['alarm.raise', 'gw-1', { key: 'pump', severity: 'critical', text: 'it leaks' }],
      ['alarm.acknowledge', 'gw-1', { alarms: [id], note: 'on my way' }],
      ['alarm.rule', null, { id: 'brea', kind: 'offline', site: 'Brea' }],
      ['alarm.rule', null, { id: 'brea', removed: true }],
      ['alarm.clear', 'gw-1', { key: 'pump' }],
      ['alarm.clear', 'gw-1', { key: 'pump' }],
    ]);
    const refusals = entries.filter(({ outcome }) => outcome === 'refused').map(({ action }) => action);
    expect([...new Set(refusals)].toSorted()).to.deep.equal([
      ...['alarm.clear', 'alarm.raise', 'alarm.rule', 'alarm.unshelve'],
    ]);
  });

  it('are asked again by who follows them, when something happens to an alarm or a rule', async () => {
    const changes: Change[] = [];
    const end = subscribeToChanges(test.manager, (change) => changes.push(change));
    const { id } = await ask('alarms.raise', { key: 'door', clientid: 'gw-1', text: 'open' });
    for (const input of [
      { act: 'assign', ids: [id], to: 'otto' },
      { act: 'shelve', ids: [id], seconds: 60 },
      { act: 'unshelve', ids: [id] },
    ] as const)
      await ask('alarms.act', { ...input, ids: [...input.ids] });
    await ask('alarms.setRule', { id: 'offline', kind: 'offline', delaySeconds: 60 });
    end();
    const told = <Name extends ProcedureName>(name: Name, input: InputOf<Name>) => {
      const { invalidatedBy } = PROCEDURES[name] as unknown as Procedure<unknown, unknown>;
      return changes.filter((change) => invalidatedBy!(change, input)).length;
    };
    for (const name of ['alarms.worst', 'alarms.list'] as const) expect(told(name, { limit: 1 })).to.equal(4);
    expect(told('alarms.counts', {})).to.equal(4);
    expect(told('alarms.get', { id })).to.equal(4);
    expect(told('alarms.rules', {})).to.equal(1);
    // Who follows the gateway itself has nothing to read again.
    expect(changes.filter(({ clientid }) => clientid !== null)).to.deep.equal([]);
    const actions = (await test.manager.audit.list({ action: 'alarm.', limit: 4 })).map(
      ({ action }) => action,
    );
    expect(actions).to.deep.equal(['alarm.rule', 'alarm.unshelve', 'alarm.shelve', 'alarm.assign']);
  });
});
