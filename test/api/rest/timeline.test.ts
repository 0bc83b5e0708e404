import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { onlineGateway, presenceOf } from '../../support/manager.js';
import { type JobWorld, openJobWorld, personWith } from './job-world.js';

interface Told {
  kind: string;
  state: string;
  until: string | null;
  because: { kind: string; who: string } | null;
}

describe('timeline by REST', () => {
  const open = opener('pglite');
  let world: JobWorld;

  before(async () => {
    world = await openJobWorld(await open.options());
  });
  after(() => world?.close());
  beforeEach(() => world.as(personWith('administrator')));

  const kindsIn = (data: Told[]) => [...new Set(data.map(({ kind }) => kind))].sort();

  it('tells who restarted a gateway that went, and who changed what', async () => {
    await world.call('POST', '/device', { clientid: 'gw-2' });
    const gateway = await onlineGateway(world, 'gw-1');
    const { requestId: profile } = await gateway.nextRequest();
    await gateway.answer(profile, { data: {} });
    const sent = world.manager.commands.send({
      ...{ clientid: 'gw-1', method: 'PUT', path: '/system/reboot', requestBody: { now: true } },
      requestedBy: 'dashboard: otto',
    });
    const request = await gateway.nextRequest();
    await gateway.answer(request.requestId, { data: {} });
    await sent;
    const offline = presenceOf(world.manager, 'gw-1', 'offline');
    gateway.cut();
    await offline;

    const { data, status } = await world.call('GET', '/device/gw-1/timeline');
    expect(status).to.equal(200);
    const away = (data as Told[]).find(({ state }) => state === 'offline');
    expect(away?.because).to.include({ kind: 'command', who: 'dashboard: otto' });
    expect(kindsIn(data)).to.deep.equal(['command', 'presence']);
    const first = await world.call('GET', '/device/gw-1/timeline?limit=1');
    const rest = await world.call('GET', `/device/gw-1/timeline?cursor=${first.next}`);
    expect([...first.data, ...rest.data]).to.deep.equal(data);
    const some = await world.call('GET', '/device/gw-1/timeline?kinds=presence&kinds=alarm');
    expect(kindsIn(some.data)).to.deep.equal(['presence']);
  });

  it('tells viewers nothing of what stands in the audit log', async () => {
    const edits = await world.call('GET', '/device/gw-2/timeline?kinds=edit');
    expect(kindsIn(edits.data)).to.deep.equal(['edit']);
    expect(edits.data[0]).to.include({ what: 'gateway.register' });
    world.as(personWith('viewer'));
    expect((await world.call('GET', '/device/gw-2/timeline')).data).to.deep.equal([]);
    expect((await world.call('GET', '/device/gw-2/timeline?kinds=edit')).data).to.deep.equal([]);
  });

  it('is refused where something is wrong with the call', async () => {
    const calls: [path: string, status: number][] = [
      ['/device/nobody/timeline', 404],
      ['/device/gw-2/timeline?kinds=weather', 400],
      ['/device/gw-2/timeline?limit=0', 400],
      ['/device/gw-2/timeline?since=yesterday', 400],
      ['/device/gw-2/timeline?cursor=x', 400],
      ['/device/gw-2/timeline?colour=red', 400],
    ];
    for (const [path, status] of calls) expect((await world.call('GET', path)).status, path).to.equal(status);
  });
});
