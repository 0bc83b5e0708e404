import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { eachDatabase } from '../../support/databases.js';
import { addGateways, DONE, type JobRig, openJobRig, setPresence } from './job-rig.js';

eachDatabase('jobs: the course of a job', (open) => {
  let database: Database;
  let rig: JobRig;
  beforeEach(async () => {
    database = await open();
    rig = await openJobRig(database);
  });
  afterEach(async () => {
    await rig.jobs.close();
    await database.close();
  });

  it('tells of its counts some times a second at most, however many gateways are decided', async () => {
    await rig.jobs.close();
    rig = await openJobRig(database, { timing: { newsMs: 3_600_000 } });
    await addGateways(database, 60);
    const { id } = await rig.begin({ all: true });
    await rig.until(() => rig.told.at(-1)?.job.state === 'COMPLETED');
    const states = rig.told
      .filter(({ job }) => job.id === id)
      .map(({ job }) => `${job.state} ${job.version}`);
    expect(states, 'each state once').to.deep.equal([...new Set(states)]);
  });

  it('goes from a draft over all its gateways to its end, and tells each of them', async () => {
    const ids = await addGateways(database, 25);
    const { id } = await rig.begin({ all: true });
    const job = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(job).to.include({ total: 25, outcome: 'SUCCEEDED', reason: null });
    expect(job.counts).to.include({ SUCCEEDED: 25, QUEUED: 0, IN_PROGRESS: 0 });
    const decided = [];
    for (let since = 0, isMore = true; isMore; ) {
      const page = await rig.jobs.decided(id, since);
      decided.push(...page.items.map(({ clientid }) => clientid));
      ({ upTo: since, isMore } = page);
    }
    expect(decided.toSorted()).to.deep.equal(ids.toSorted());
    expect(rig.told.at(-1)?.job.state).to.equal('COMPLETED');
    expect(rig.begun.map(({ clientid }) => clientid)).to.deep.equal(ids.toReversed());
    expect(rig.broadcasts).to.include(id);
    expect(rig.faults).to.deep.equal([]);
  });

  it('tells and lists jobs without client ids, and has them as they were given where one is read', async () => {
    const ids = await addGateways(database, 3);
    const targets = { ids: [...ids.toReversed(), ids[0]!], expect: 3 };
    const given = { name: 'named', do: { command: { operation: 'x' } }, targets };
    const { jobs } = rig;
    const me = { by: 'me' };
    const draft = await jobs.create(given, me);
    const changed = await jobs.change(draft.id, { note: 'still for these' }, me);
    const submitted = await jobs.submit(draft.id, me);
    await rig.when(draft.id, ({ state }) => state === 'COMPLETED');
    await rig.until(() => rig.told.at(-1)?.job.state === 'COMPLETED');
    const rows = [
      draft,
      changed,
      submitted,
      ...(await jobs.list({})).items,
      ...rig.told.map(({ job }) => job),
    ];
    for (const { definition } of rows) expect(definition.targets).to.deep.equal({ expect: 3 });
    const { definition } = (await jobs.get(draft.id))!;
    expect(definition).to.deep.equal({ ...given, note: 'still for these' });
  });

  it('refuses at the beginning what cannot be done, each with its reason', async () => {
    await addGateways(database, 3);
    await addGateways(database, 1, { prefix: 'unfit-' });
    await database.query("update mqtt_user set enabled = false where clientid = 'gw-2'");
    const { id } = await rig.begin({ ids: ['gw-1', 'gw-2', 'unfit-1', 'nobody'] });
    const job = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(job).to.include({ total: 4, outcome: 'PARTLY' });
    const reasons = new Map((await rig.executions(id)).map(({ clientid, reason }) => [clientid, reason]));
    expect(Object.fromEntries(reasons)).to.deep.equal({
      'gw-1': null,
      'gw-2': 'The gateway is disabled.',
      'unfit-1': 'unfit',
      nobody: 'The gateway is not registered.',
    });
    expect(await rig.jobs.failures(id)).to.have.length(3);
  });

  it('has nothing to do without gateways', async () => {
    const { id } = await rig.begin({ filter: { site: 'nowhere' } });
    expect(await rig.when(id, ({ state }) => state === 'COMPLETED')).to.include({
      total: 0,
      outcome: 'NOTHING_TO_DO',
    });
  });

  it('hands over the values of single gateways', async () => {
    await addGateways(database, 2);
    const perTarget = [
      { clientid: 'gw-1', port: 1 },
      { clientid: 'gw-2', port: 2 },
    ];
    const given = { name: 'x', do: { command: {} }, targets: { all: true }, perTarget };
    const draft = await rig.jobs.create(given, { by: 'me' });
    expect(draft.definition).not.to.have.property('perTarget');
    await rig.jobs.change(draft.id, { name: 'y' }, { by: 'me' });
    await rig.jobs.submit(draft.id, { by: 'me' });
    expect(await rig.when(draft.id, ({ state }) => state === 'COMPLETED')).to.include({ name: 'y' });
    const values = rig.begun.map(({ clientid, values }) => [clientid, values]);
    expect(Object.fromEntries(values)).to.deep.equal({ 'gw-1': { port: 1 }, 'gw-2': { port: 2 } });
  });

  it('waits for gateways that are offline, and begins with them as they come', async () => {
    const ids = await addGateways(database, 3, { online: false });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    expect(await rig.jobs.waiting(id)).to.include({ offline: 3 });
    expect((await rig.executions(id))[0])
      .to.include({ waitingFor: 'offline' })
      .and.have.property('until').not.null;
    await setPresence(database, ids.slice(0, 1), 'online');
    rig.jobs.gatewayOnline(ids.slice(0, 1));
    await rig.when(id, ({ counts }) => counts.SUCCEEDED === 1);
    await setPresence(database, ids, 'online');
    rig.jobs.gatewayOnline(ids);
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('finds gateways that came online without any news', async () => {
    const ids = await addGateways(database, 3, { online: false });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    await setPresence(database, ids, 'online');
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('begins no more at once than it may, on each site and in all', async () => {
    await addGateways(database, 40);
    const now = new Map<string, number>();
    let [most, mostOnSite] = [0, 0];
    rig.run = async ({ clientid }) => {
      const site = String(Number(clientid.slice(3)) % 10);
      now.set(site, (now.get(site) ?? 0) + 1);
      mostOnSite = Math.max(mostOnSite, now.get(site)!);
      most = Math.max(
        most,
        [...now.values()].reduce((sum, one) => sum + one, 0),
      );
      await new Promise((resolve) => setImmediate(resolve));
      now.set(site, now.get(site)! - 1);
      return DONE;
    };
    const { id } = await rig.begin({ all: true }, { maxInProgress: 7, perSite: 1 });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(most).to.be.within(2, 7);
    expect(mostOnSite).to.equal(1);
  });

  it('is the same draft for the same key, and refuses too many', async () => {
    const given = { name: 'x', do: { command: {} }, targets: { all: true } };
    const [one, two] = await Promise.all([
      rig.jobs.create(given, { by: 'me', idempotencyKey: 'k' }),
      rig.jobs.create(given, { by: 'me', idempotencyKey: 'k' }),
    ]);
    expect(two.id).to.equal(one.id);
    expect((await rig.jobs.create(given, { by: 'me', idempotencyKey: 'k' })).id).to.equal(one.id);
    expect((await rig.jobs.list({})).items).to.have.length(1);
    expect((await rig.jobs.create(given, { by: 'me', idempotencyKey: 'other' })).id).not.to.equal(one.id);
  });

  it('pauses when the gateways are not those of the preview', async () => {
    await addGateways(database, 3);
    const given = { name: 'x', do: { command: {} }, targets: { all: true } };
    const draft = await rig.jobs.create(given, { by: 'me' });
    await rig.jobs.submit(draft.id, { by: 'me', previewHash: 'abc gw-3 gw-1' });
    const job = await rig.when(draft.id, ({ state }) => state === 'PAUSED');
    expect(job).to.include({ pauseReason: 'targets-changed' });
    const other = await rig.jobs.create(given, { by: 'me' });
    await rig.jobs.submit(other.id, { by: 'me', previewHash: 'abc gw-3 gw-2 gw-1' });
    await rig.when(other.id, ({ state }) => state === 'COMPLETED');
    await rig.jobs.resume(draft.id, { by: 'me' });
    await rig.when(draft.id, ({ state }) => state === 'COMPLETED');
  });

  it('is reported with a line for each gateway', async () => {
    await addGateways(database, 3);
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    let text = '';
    for await (const piece of rig.jobs.report(id)) text += piece;
    const lines = text.trim().split('\r\n');
    expect(lines).to.have.length(4);
    expect(lines[1]).to.match(/^gw-1,SUCCEEDED,/);
    const sites = await rig.jobs.sites(id);
    expect(sites.map(({ site, counts }) => [site, counts.SUCCEEDED])).to.deep.equal([
      ['site-1', 1],
      ['site-2', 1],
      ['site-3', 1],
    ]);
  });
});
