import { expect } from 'chai';
import { ROUTES } from '../../../nodes/api/rest/index.js';
import { eachDatabaseOptions } from '../../support/databases.js';
import { GENERAL, type TestGateway } from '../../support/gateway.js';
import { onlineGateway } from '../../support/manager.js';
import { API_TOKEN, type JobWorld, openJobWorld, personWith } from './job-world.js';

const READ = { command: { method: 'GET', path: '/device/time' } };
const WRITE = { command: { method: 'PUT', path: '/system/nothing', requestBody: {}, check: 'warn' } };
const SLOW = { maxPerMinute: 0.1, maxInProgress: 1 };

eachDatabaseOptions('REST: jobs', (freshDatabase) => {
  let world: JobWorld;
  let gateway: TestGateway;

  before(async () => {
    world = await openJobWorld(await freshDatabase());
    gateway = await onlineGateway(world, 'gw-1');
    const { requestId } = await gateway.nextRequest();
    await gateway.answer(requestId, GENERAL);
    await world.manager.registry.register({ clientid: 'gw-2', site: 'Brea' });
    await world.manager.registry.register({ clientid: 'gw-3', site: 'Brea' });
  });
  after(() => world.close());
  beforeEach(() => world.as(API_TOKEN));

  const jobOf = (more: object = {}) => ({
    name: 'x',
    do: READ,
    targets: { ids: ['gw-2'] },
    rollout: SLOW,
    ...more,
  });
  const created = async (more: object = {}): Promise<{ id: string; version: number }> => {
    const { status, data, text } = await world.call('POST', '/job', jobOf(more));
    expect(status, text).to.equal(200);
    return data;
  };
  const begun = async (more: object = {}, submit: object = {}): Promise<{ id: string; version: number }> => {
    const { id } = await created(more);
    const { status, text } = await world.call('POST', `/job/${id}/submit`, submit);
    expect(status, text).to.equal(200);
    return await world.when(id, 'RUNNING', 'COMPLETED');
  };
  const post = async (path: string, body?: unknown, headers?: Record<string, string>) =>
    (await world.call('POST', path, body, headers)).status;

  it('the smallest one is recorded, submitted and done, and says of each gateway where it stands', async () => {
    const answered = gateway.nextRequest().then(({ requestId }) => gateway.answer(requestId, { data: 1 }));
    const { data: draft } = await world.call('POST', '/job', {
      name: 'x',
      do: { command: { method: 'GET', path: '/device/general' } },
      targets: { ids: ['gw-1'] },
      rollout: { maxPerMinute: 60, maxInProgress: 2 },
    });
    expect(draft).to.include({ state: 'DRAFT', name: 'x', risk: 'read', requestedBy: 'REST' });
    const { data: submitted } = await world.call('POST', `/job/${draft.id}/submit`);
    expect(submitted.id).to.equal(draft.id);
    await answered;
    const ended = await world.when(draft.id, 'COMPLETED');
    expect(ended).to.include({ outcome: 'SUCCEEDED', total: 1 });
    const { data } = await world.call('GET', `/job/${draft.id}/execution`);
    expect(data).to.have.length(1);
    expect(data[0]).to.include({ clientid: 'gw-1', state: 'SUCCEEDED', waitingFor: null, until: null });
    const { data: one } = await world.call('GET', `/job/${draft.id}/execution/gw-1`);
    expect(one.execution.state).to.equal('SUCCEEDED');
    expect(one.attempts).to.have.length(1);
  });

  it('says what an offline gateway waits for and until when, and how many wait', async () => {
    const { id } = await begun({
      targets: { ids: ['gw-2'] },
      rollout: { maxPerMinute: 6000, maxInProgress: 5 },
    });
    for (;;) {
      const { data } = await world.call('GET', `/job/${id}/execution?waitingFor=offline`);
      if (data.length === 0) continue;
      expect(data[0]).to.include({ clientid: 'gw-2', state: 'QUEUED', waitingFor: 'offline' });
      expect(Date.parse(data[0].until)).to.be.greaterThan(Date.now());
      break;
    }
    expect((await world.call('GET', `/job/${id}/waiting`)).data).to.include({ offline: 1, rate: 0 });
    await world.call('POST', `/job/${id}/pause`);
    expect((await world.call('GET', `/job/${id}/waiting`)).data).to.include({ offline: 0, paused: 1 });
    expect((await world.call('POST', `/job/${id}/resume`)).data.state).to.equal('RUNNING');
    expect((await world.call('POST', `/job/${id}/skip`, { clientids: ['gw-2'] })).data).to.deep.equal({
      skipped: 1,
    });
    expect((await world.when(id, 'COMPLETED')).counts.CANCELED).to.equal(1);
    expect((await world.call('POST', `/job/${id}/execution/gw-2/retry`)).data).to.deep.equal({ retried: 1 });
    expect((await world.call('POST', `/job/${id}/cancel`)).data.state).to.be.oneOf(['CANCELING', 'CANCELED']);
  });

  it('previews whom it would reach without recording anything', async () => {
    const before = (await world.call('GET', '/job')).data.length;
    const { status, data } = await world.call('POST', '/job/preview', jobOf({ targets: { all: true } }));
    expect(status).to.equal(200);
    expect(data).to.include({ total: 3, risk: 'read', confirmation: null });
    expect((await world.call('GET', '/job')).data).to.have.length(before);
  });

  it('previews a draft as it was recorded, until it is submitted', async () => {
    const { data: draft } = await world.call('POST', '/job', jobOf({ targets: { all: true } }));
    const { status, data } = await world.call('GET', `/job/${draft.id}/preview`);
    expect(status).to.equal(200);
    expect(data).to.include({ total: 3, risk: 'read', confirmation: null });
    expect((await world.call('GET', '/job/999999/preview')).status).to.equal(404);
    const submitted = await world.call('POST', `/job/${draft.id}/submit`, { previewHash: data.hash });
    expect(submitted.status).to.equal(200);
    expect((await world.call('GET', `/job/${draft.id}/preview`)).status).to.equal(409);
  });

  it('refuses a definition that is wrong with the field and the rule', async () => {
    const wrong: [object, RegExp][] = [
      [{ targets: undefined }, /targets/],
      [{ targets: {} }, /targets/],
      [{ targets: { ids: 'gw-2' } }, /targets.*ids/],
      [{ targets: { filter: {} } }, /filter/],
      [{ targets: { all: false } }, /targets.*all/],
      [{ do: { ...READ, install: { to: 'newest' } } }, /do/],
      [{ rollout: { maxPerMinute: 0 } }, /maxPerMinute/],
      [{ unknown: 1 }, /unknown/],
    ];
    for (const [more, place] of wrong) {
      const { status, data } = await world.call('POST', '/job', jobOf(more));
      expect(status, JSON.stringify(more)).to.equal(400);
      expect(data.code).to.equal('INVALID_INPUT');
      expect(data.message).to.match(place);
    }
    expect((await world.call('POST', '/job', [])).status).to.equal(400);
  });

  it('is recorded once by one key of one caller, and by each caller by themselves', async () => {
    const keyed = async (key: string) =>
      (await world.call('POST', '/job', jobOf(), { 'Idempotency-Key': key })).data.id;
    const first = await keyed('a');
    expect(await keyed('a')).to.equal(first);
    expect(await keyed('b')).not.to.equal(first);
    world.as(personWith('operator'));
    const other = await keyed('a');
    expect(other).not.to.equal(first);
    expect(await keyed('a')).to.equal(other);
    expect(await post('/job', jobOf(), { 'Idempotency-Key': 'x'.repeat(101) })).to.equal(400);
  });

  it('refuses an act on a version that is no longer the present one', async () => {
    const draft = await created();
    const changed = await world.call(
      'PATCH',
      `/job/${draft.id}`,
      { name: 'y' },
      { 'If-Match': `"${draft.version}"` },
    );
    expect(changed.data).to.include({ name: 'y', version: draft.version + 1 });
    const old = { 'If-Match': String(draft.version) };
    const stale = await world.call('PATCH', `/job/${draft.id}`, { name: 'z' }, old);
    expect(stale.status).to.equal(409);
    expect(stale.data.cause).to.deep.include({ code: 'job-changed-meanwhile' });
    expect((await world.call('DELETE', `/job/${draft.id}`, undefined, old)).status).to.equal(409);
    expect(await post(`/job/${draft.id}/submit`, {}, old)).to.equal(409);
    expect(await post(`/job/${draft.id}/submit`, {}, { 'If-Match': 'new' })).to.equal(400);
    expect((await world.call('DELETE', `/job/${draft.id}`, undefined, { 'If-Match': '*' })).status).to.equal(
      200,
    );
    expect((await world.call('GET', `/job/${draft.id}`)).status).to.equal(404);
  });

  it('lists jobs and gateways page by page, each once', async () => {
    const { id } = await begun({ targets: { all: true }, rollout: SLOW });
    const pages = async (path: string, key: string) => {
      const seen: string[] = [];
      for (let next: string | undefined = ''; next !== undefined; ) {
        const more = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
        const page = await world.call('GET', `${path}limit=2${more}`);
        seen.push(...page.data.map((one: Record<string, string>) => one[key]));
        next = page.next;
      }
      return seen;
    };
    expect(await pages(`/job/${id}/execution?`, 'clientid')).to.deep.equal(['gw-1', 'gw-2', 'gw-3']);
    // One that changes meanwhile comes once more.
    const changed = new Set(await pages(`/job/${id}/execution?sinceChange=0&`, 'clientid'));
    expect([...changed]).to.have.members(['gw-1', 'gw-2', 'gw-3']);
    const ids = await pages('/job?', 'id');
    expect(ids).to.deep.equal([...new Set(ids)].toSorted((a, b) => Number(b) - Number(a)));
    expect(ids).to.include(id);
    expect((await world.call('GET', `/job/${id}/execution?site=Brea`)).data).to.have.length(2);
    expect((await world.call('GET', '/job?state=ASLEEP')).status).to.equal(400);
    await world.call('POST', `/job/${id}/cancel`);
  });

  it('reports each gateway in a file', async () => {
    const { id } = await begun({ targets: { filter: { site: 'Brea' } } });
    const { status, text, type } = await world.call('GET', `/job/${id}/report.csv`);
    expect(status).to.equal(200);
    expect(type).to.equal('text/csv; charset=utf-8');
    const [head, ...rows] = text.trim().split(/\r?\n/);
    expect(head).to.match(/clientid/);
    expect(rows.map((row) => row.split(',')[0])).to.deep.equal(['gw-2', 'gw-3']);
    await world.call('POST', `/job/${id}/cancel`);
  });

  it('is not found by an id that no job has, at any of its addresses', async () => {
    const bodies: Record<string, object> = {
      '/job/{id}/retry': { which: 'failed' },
      '/job/{id}/skip': { clientids: ['gw-1'] },
    };
    for (const { method, path } of ROUTES.filter((route) => route.path.startsWith('/job/{id}'))) {
      for (const id of ['999999', '9'.repeat(30), 'x%27y']) {
        const at = path.replace('{id}', id).replace('{clientid}', 'gw-1');
        const { status, data } = await world.call(
          method,
          at,
          method === 'GET' ? undefined : (bodies[path] ?? {}),
        );
        expect(status, `${method} ${at}`).to.equal(404);
        const told = typeof data === 'string' ? JSON.parse(data).data : data;
        expect(told.code).to.equal('NOT_FOUND');
      }
    }
  });

  it('retries only what a call names', async () => {
    const { id } = await begun();
    for (const body of [{}, { which: 'all' }, { which: 'reason' }, { which: 'model' }, { which: 'one' }])
      expect(await post(`/job/${id}/retry`, body), JSON.stringify(body)).to.equal(400);
    for (const body of [{}, { clientids: [] }, { clientids: 'gw-2' }, { all: true }])
      expect(await post(`/job/${id}/skip`, body), JSON.stringify(body)).to.equal(400);
    await world.call('POST', `/job/${id}/cancel`);
  });

  describe('who may', () => {
    const RUNS_CODE = 'runs-code';
    let runsCode: object;
    before(() => {
      const operation = world.manager.catalogue
        .operations()
        .find(
          (one) =>
            one.classes.includes(RUNS_CODE) && one.refusedBecause === null && one.parameters.length === 0,
        )!;
      const { id, bodyExample } = operation;
      runsCode = { command: { operation: id, requestBody: bodyExample ?? {}, check: 'warn' } };
    });

    it('only reads as a viewer', async () => {
      const { id } = await created();
      world.as(personWith('viewer'));
      for (const { method, path, role } of ROUTES.filter(({ tag }) => tag === 'Jobs' || tag === 'Stops')) {
        const at = path.replace('{id}', id).replace('{clientid}', 'gw-2');
        const { status } = await world.call(method, at, method === 'GET' ? undefined : jobOf());
        const reads = method === 'GET' || path === '/job/preview';
        expect(role === 'viewer', `${method} ${path}`).to.equal(reads);
        if (!reads) expect(status, `${method} ${path}`).to.equal(403);
      }
      expect((await world.call('GET', '/job')).status).to.equal(200);
      expect((await world.call('POST', '/job/preview', jobOf())).status).to.equal(200);
    });

    it('lets go what runs code only as an administrator, but holds it back as an operator', async () => {
      world.as(personWith('operator'));
      const refused = await world.call('POST', '/job', jobOf({ do: runsCode }));
      expect(refused.status).to.equal(403);
      const { id: own } = await created();
      expect((await world.call('PATCH', `/job/${own}`, { do: runsCode })).status).to.equal(403);
      world.as(personWith('administrator'));
      const { id } = await created({ do: runsCode });
      world.as(personWith('operator'));
      expect(await post(`/job/${id}/submit`, { confirm: '1' })).to.equal(403);
      expect((await world.call('PATCH', `/job/${id}`, { name: 'mine' })).status).to.equal(403);
      world.as(personWith('administrator'));
      expect(await post(`/job/${id}/submit`, {})).to.equal(409);
      expect(await post(`/job/${id}/submit`, { confirm: '1' })).to.equal(200);
      await world.when(id, 'RUNNING');
      world.as(personWith('operator'));
      expect(await post(`/job/${id}/pause`)).to.equal(200);
      expect(await post(`/job/${id}/resume`)).to.equal(403);
      expect(await post(`/job/${id}/retry`, { which: 'failed' })).to.equal(403);
      expect(await post(`/job/${id}/execution/gw-2/retry`)).to.equal(403);
      expect(await post(`/job/${id}/cancel`, { force: true })).to.equal(403);
      expect(await post(`/job/${id}/cancel`)).to.equal(200);
    });

    it('lifts a stop as a person who is an administrator, never by the API token', async () => {
      world.as(personWith('operator'));
      const { data: stop, status } = await world.call('POST', '/stop', {
        ...{ scope: 'site', value: 'Brea', reason: 'pump 3 leaks' },
      });
      expect(status).to.equal(200);
      expect(stop).to.include({ scope: 'site', value: 'Brea', liftedAt: null });
      expect((await world.call('DELETE', `/stop/${stop.id}`)).status).to.equal(403);
      world.as(API_TOKEN);
      const refused = await world.call('DELETE', `/stop/${stop.id}`);
      expect(refused.status).to.equal(403);
      expect(refused.data.cause.code).to.equal('stop-needs-person');
      expect((await world.call('GET', '/stop')).data.map(({ id }: { id: string }) => id)).to.include(stop.id);
      world.as(personWith('administrator'));
      const lifted = await world.call('DELETE', `/stop/${stop.id}`);
      expect(lifted.status).to.equal(200);
      expect(lifted.data.liftedBy).to.contain('ada');
      expect((await world.call('DELETE', `/stop/${stop.id}`)).status).to.equal(409);
      expect((await world.call('DELETE', '/stop/999999')).status).to.equal(404);
      expect((await world.call('GET', '/stop')).data).to.deep.equal([]);
      const all = (await world.call('GET', '/stop?includeLifted=true')).data;
      expect(all.map(({ id }: { id: string }) => id)).to.include(stop.id);
    });

    it('reads the guard as anybody, and sets limits and releases slots as an administrator', async () => {
      const limit = { scope: 'site', value: 'Brea', max: 2 };
      world.as(personWith('operator'));
      expect((await world.call('PUT', '/guard/limit', limit)).status).to.equal(403);
      world.as(API_TOKEN);
      const { data: limits } = await world.call('PUT', '/guard/limit', limit);
      expect(limits.at(-1)).to.include(limit);
      expect((await world.call('PUT', '/guard/limit', { scope: 'site', max: 2 })).status).to.equal(400);
      const { data: guard } = await world.call('GET', '/guard');
      expect(guard).to.deep.include({ limits, holds: [] });
      expect((await world.call('GET', '/guard?scope=site')).status).to.equal(400);
      const slot = { clientid: 'gw-1', owner: { kind: 'flow', id: 'f' } } as const;
      await world.manager.guard.take(slot);
      expect((await world.call('GET', '/guard')).data.holds[0]).to.deep.include(slot);
      expect(await post('/guard/release', slot)).to.equal(400);
      expect(await post('/guard/release', { ...slot, reason: 'replaced' })).to.equal(200);
      expect(await post('/guard/release', { ...slot, reason: 'replaced' })).to.equal(404);
    });
  });

  it('waits for a stop, and says by whom', async () => {
    const { id } = await begun({ do: WRITE, targets: { filter: { site: 'Brea' } } }, { confirm: '2' });
    const { data: stop } = await world.call('POST', '/stop', { scope: 'job', value: id, reason: '' });
    const { data } = await world.call('GET', `/job/${id}/execution`);
    for (const one of data) expect(one).to.include({ waitingFor: 'stop' });
    expect(data[0].waitingReason).to.contain('REST');
    world.as(personWith('administrator'));
    await world.call('DELETE', `/stop/${stop.id}`);
    expect((await world.call('GET', `/job/${id}/waiting`)).data).to.include({ stop: 0 });
    await world.call('POST', `/job/${id}/cancel`);
  });

  it('leaves an entry in the audit for each act, which each of its gateways finds', async () => {
    const { audit } = world.manager;
    const { id } = await begun({ name: 'audited', targets: { filter: { site: 'Brea' } } });
    await world.call('POST', `/job/${id}/pause`);
    await world.call('POST', `/job/${id}/pause`);
    world.as(personWith('viewer'));
    await world.call('POST', `/job/${id}/resume`);
    world.as(API_TOKEN);
    await world.call('POST', `/job/${id}/execution/gw-3/retry`);
    await world.call('POST', `/job/${id}/cancel`);
    const entries = await audit.list({ job: id });
    expect(entries.map(({ action, outcome }) => `${action} ${outcome}`)).to.deep.equal([
      'job.cancel done',
      'job.retry failed',
      'job.resume refused',
      'job.pause failed',
      'job.pause done',
      'job.submit done',
      'job.create done',
    ]);
    for (const { detail, action } of entries)
      expect(detail, action).to.include({ job: id, name: 'audited', gateways: 2, risk: 'read' });
    const of = async (clientid: string) => (await audit.list({ clientid })).filter(({ job }) => job === id);
    expect(await of('gw-2')).to.have.length(6);
    // What was done to it alone is among them.
    expect(await of('gw-3')).to.have.length(7);
    expect(await of('gw-1')).to.deep.equal([]);
    const paged: string[] = [];
    for await (const entry of audit.each({ clientid: 'gw-3', action: 'job.' })) paged.push(entry.id);
    expect(paged).to.deep.equal(
      (await audit.list({ clientid: 'gw-3', action: 'job.', limit: 500 })).map((entry) => entry.id),
    );
  });
});
