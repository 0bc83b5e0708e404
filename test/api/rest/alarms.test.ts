import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { type JobWorld, openJobWorld, personWith } from './job-world.js';

describe('alarms by REST', () => {
  const open = opener('pglite');
  let world: JobWorld;

  before(async () => {
    world = await openJobWorld(await open.options());
    await world.manager.registry.register({ clientid: 'gw-1', site: 'Brea' });
  });
  after(() => world?.close());
  beforeEach(() => world.as(personWith('administrator')));

  it('are raised, found, acted on and cleared', async () => {
    const raised = await world.call('POST', '/alarm', { key: 'pump', clientid: 'gw-1', text: 'it leaks' });
    expect(raised.status).to.equal(200);
    const { id } = raised.data;
    const second = await world.call('POST', '/alarm', { key: 'all', text: 'all leak', severity: 'info' });
    const first = await world.call('GET', '/alarm?limit=1&kind=own');
    expect(first.data.map((alarm: { id: string }) => alarm.id)).to.deep.equal([second.data.id]);
    const rest = await world.call('GET', `/alarm?limit=1&kind=own&cursor=${first.next}`);
    expect(rest.data).to.deep.equal([raised.data]);
    expect((await world.call('GET', `/alarm/${id}`)).data).to.deep.equal(raised.data);
    expect((await world.call('GET', '/alarm/999999')).status).to.equal(404);

    const noted = await world.call('POST', '/alarm/acknowledge', { ids: [id, second.data.id], note: 'x' });
    expect(noted.data.map((alarm: { state: string }) => alarm.state)).to.deep.equal(
      Array(2).fill('acknowledged'),
    );
    const assigned = await world.call('POST', '/alarm/assign', { ids: [id], to: 'otto' });
    expect(assigned.data[0]).to.include({ assignedTo: 'otto' });
    const shelved = await world.call('POST', '/alarm/shelve', { ids: [id], seconds: 3600 });
    expect(shelved.data[0]).to.include({ state: 'shelved', shelvedBy: 'REST: ada 7' });
    const back = await world.call('POST', '/alarm/unshelve', { ids: [id] });
    expect(back.data[0]).to.include({ state: 'acknowledged' });

    const cleared = await world.call('DELETE', '/alarm?key=pump&clientid=gw-1');
    expect(cleared.data).to.include({ id, state: 'cleared', clearedBy: 'REST: ada 7' });
    expect((await world.call('DELETE', '/alarm?key=pump&clientid=gw-1')).data).to.equal(null);
    expect((await world.call('POST', '/alarm/unshelve', { ids: [id] })).status).to.equal(409);
    expect((await world.call('GET', '/alarm?state=cleared')).data).to.have.length(1);
    const told = await world.manager.audit.list({ action: 'alarm.', clientid: 'gw-1' });
    expect(told.map(({ action, outcome }) => `${action} ${outcome}`).toReversed()).to.deep.equal([
      ...['alarm.raise done', 'alarm.assign done', 'alarm.shelve done', 'alarm.unshelve done'],
      ...['alarm.clear done', 'alarm.clear done', 'alarm.unshelve failed'],
    ]);
  });

  it('are refused where something is wrong with the call', async () => {
    const calls: [string, string, unknown, number][] = [
      ['POST', '/alarm', { key: 'x' }, 400],
      ['POST', '/alarm', { key: 'x', text: 'x', clientid: 'nobody' }, 404],
      ['DELETE', '/alarm', undefined, 400],
      ['POST', '/alarm/shelve', { ids: ['1'] }, 400],
      ['POST', '/alarm/shelve', { ids: ['999999'], seconds: 60 }, 404],
      ['POST', '/alarm/assign', { ids: [], to: null }, 400],
      ['POST', '/alarm/assign', 'x', 400],
      ['GET', '/alarm?state=burning', undefined, 400],
      ['PUT', '/alarm/rule', { id: 'offline', kind: 'offline', threshold: 3 }, 400],
      ['PUT', '/alarm/rule', { id: 'offline', kind: 'flapping' }, 400],
      ['DELETE', '/alarm/rule/offline', undefined, 409],
      ['DELETE', '/alarm/rule/none', undefined, 404],
    ];
    for (const [method, path, body, status] of calls)
      expect((await world.call(method, path, body)).status, `${method} ${path}`).to.equal(status);
  });

  it('have rules, which administrators set', async () => {
    const rule = { id: 'brea', kind: 'offline', delaySeconds: 60, filter: { site: 'Brea' } };
    const { data } = await world.call('PUT', '/alarm/rule', rule);
    expect(data).to.deep.include({ ...rule, severity: 'warning', setBy: 'REST: ada 7' });
    const { data: rules } = await world.call('GET', '/alarm/rule');
    expect(rules.map(({ id }: { id: string }) => id).slice(0, 3)).to.deep.equal([
      'offline',
      'brea',
      'flapping',
    ]);
    expect((await world.call('DELETE', '/alarm/rule/brea')).data).to.equal(null);
    world.as(personWith('operator'));
    expect((await world.call('PUT', '/alarm/rule', rule)).status).to.equal(403);
    expect((await world.call('DELETE', '/alarm/rule/brea')).status).to.equal(403);
    world.as(personWith('viewer'));
    expect((await world.call('GET', '/alarm/rule')).status).to.equal(200);
    expect((await world.call('GET', '/alarm')).status).to.equal(200);
    expect((await world.call('POST', '/alarm', { key: 'x', text: 'x' })).status).to.equal(403);
    expect((await world.call('POST', '/alarm/acknowledge', { ids: ['1'] })).status).to.equal(403);
  });
});
