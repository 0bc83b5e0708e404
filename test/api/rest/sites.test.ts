import { expect } from 'chai';
import { opener } from '../../support/databases.js';
import { type JobWorld, openJobWorld, personWith } from './job-world.js';

const NIGHT = { days: ['sat', 'sun'], from: '02:00', to: '05:00' };
const AUDIT = { from: '2020-01-01', to: '2099-12-31', reason: 'audit' };

describe('sites by REST', () => {
  const open = opener('pglite');
  let world: JobWorld;

  before(async () => {
    world = await openJobWorld(await open.options());
    await world.manager.registry.register({ clientid: 'gw-1', site: 'Plant 10' });
    await world.manager.registry.register({ clientid: 'gw-2', site: 'Plant 2' });
  });
  after(() => world?.close());
  beforeEach(() => world.as(personWith('administrator')));

  it('are listed, set, read and forgotten, which the audit tells', async () => {
    const names = async (query = '') =>
      (await world.call('GET', `/site${query}`)).data.map(({ name }: { name: string }) => name);
    expect(await names()).to.deep.equal(['', 'Plant 2', 'Plant 10']);
    expect(await names('?search=10')).to.deep.equal(['Plant 10']);
    const set = await world.call('PUT', '/site/Plant%202', { zone: 'Asia/Tokyo', windows: [NIGHT] });
    expect(set.data).to.deep.include({ name: 'Plant 2', zone: 'Asia/Tokyo', windows: [NIGHT], freezes: [] });
    expect(set.data).to.include({ isSet: true, gateways: 1, usedZone: 'Asia/Tokyo', setBy: 'REST: ada 7' });
    await world.call('PUT', '/site/-', { freezes: [AUDIT] });
    expect((await world.call('GET', '/site/Plant%2010')).data.clock).to.include({
      isOpen: false,
      freeze: 'audit',
    });
    expect((await world.call('GET', '/site/-')).data).to.include({ name: '', isSet: true });
    expect((await world.call('DELETE', '/site/-')).data).to.include({ isSet: false });
    expect((await world.call('DELETE', '/site/-')).status).to.equal(404);
    const told = await world.manager.audit.list({ action: 'site.' });
    expect(
      told.map(({ action, outcome, detail }) => `${action} ${detail.site} ${outcome}`).toReversed(),
    ).to.deep.equal([
      ...['site.set Plant 2 done', 'site.set  done', 'site.remove  done', 'site.remove  failed'],
    ]);
  });

  it('hold back a job, which says why, until they are set otherwise', async () => {
    await world.call('PUT', '/site/Plant%2010', { freezes: [AUDIT] });
    const work = { command: { method: 'PUT', path: '/system/nothing', requestBody: {}, check: 'warn' } };
    const definition = { name: 'x', do: work, targets: { ids: ['gw-1'] } };
    const preview = await world.call('POST', '/job/preview', definition);
    expect(preview.data.shut).to.have.length(1);
    expect(preview.data.shut[0]).to.deep.include({ site: 'Plant 10', count: 1, opensAt: null });
    expect(preview.data.shut[0].reason.cause).to.deep.include({ code: 'site-never-opens' });
  });

  it('let only an administrator work outside of their windows where that disturbs', async () => {
    const outside = { rollout: { outsideWindows: true }, targets: { ids: ['gw-1'] } };
    const reboot = {
      name: 'x',
      do: { command: { operation: 'put-system-reboot-reboot-device-now', requestBody: { now: true } } },
    };
    const install = { name: 'x', do: { install: { to: 'newest' } } };
    const harmless = { name: 'x', do: { command: { method: 'GET', path: '/device/time' } } };
    world.as(personWith('operator'));
    expect((await world.call('POST', '/job', { ...reboot, ...outside })).status).to.equal(403);
    expect((await world.call('POST', '/job', { ...install, ...outside })).status).to.equal(403);
    expect((await world.call('POST', '/job', { ...harmless, ...outside })).status).to.equal(200);
    const { data: draft } = await world.call('POST', '/job', { ...install, targets: outside.targets });
    await world.call('PATCH', `/job/${draft.id}`, { rollout: outside.rollout });
    expect((await world.call('POST', `/job/${draft.id}/submit`, {})).status).to.equal(403);
    world.as(personWith('administrator'));
    expect((await world.call('POST', '/job', { ...reboot, ...outside })).status).to.equal(200);
  });

  it('are refused where something is wrong with the call, and set by administrators alone', async () => {
    const calls: [string, string, unknown, number][] = [
      ['PUT', '/site/A', { zone: 'Mars/Phobos' }, 400],
      ['PUT', '/site/A', { name: 'B' }, 400],
      ['PUT', '/site/A', [NIGHT], 400],
      ['PUT', '/site/A', { windows: NIGHT }, 400],
      ['GET', '/site?limit=0', undefined, 400],
      ['GET', '/site?cursor=x', undefined, 400],
      ['DELETE', '/site/nowhere', undefined, 404],
    ];
    for (const [method, path, body, status] of calls)
      expect((await world.call(method, path, body)).status, `${method} ${path}`).to.equal(status);
    world.as(personWith('operator'));
    expect((await world.call('PUT', '/site/A', {})).status).to.equal(403);
    expect((await world.call('GET', '/site/A')).status).to.equal(200);
  });
});
