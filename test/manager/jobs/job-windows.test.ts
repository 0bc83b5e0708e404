import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createSites } from '../../../nodes/manager/sites/create-sites.js';
import type { NewSite } from '../../../nodes/manager/sites/site.js';
import { DAYS } from '../../../nodes/manager/sites/site-bounds.js';
import type { Sites } from '../../../nodes/manager/sites/sites.js';
import { eachDatabase } from '../../support/databases.js';
import { addGateways, type JobRig, openJobRig, refusalOf } from './job-rig.js';

const FROZEN = [{ from: '2020-01-01', to: '2099-12-31', reason: 'harvest' }];

eachDatabase('jobs: windows of sites', (open) => {
  let database: Database;
  let rig: JobRig;
  let sites: Sites;
  beforeEach(async () => {
    database = await open();
    rig = await openJobRig(database);
    sites = createSites({ database, onChanged: () => rig.jobs.sitesChanged() });
  });
  afterEach(async () => {
    await rig.jobs.close();
    await database.close();
  });

  const set = (site: NewSite) => sites.set(site, 'ada');
  async function place(ids: readonly string[], site: string): Promise<void> {
    await database.query('update clientid_profile set site = $2 where clientid = any($1::text[])', [
      ids,
      site,
    ]);
  }
  /** What each gateway does, by client id. */
  const standing = async (id: string) =>
    Object.fromEntries((await rig.executions(id)).map((one) => [one.clientid, one.waitingFor ?? one.state]));

  it('begins on a site whose window is open, and says of the others why they wait', async () => {
    const [one, two, three] = await addGateways(database, 3);
    await place([two!], 'Bochum');
    await place([three!], 'Essen');
    await set({ name: 'Bochum', freezes: FROZEN });
    // A minute a week, which is not now: the test would have to run then.
    const later = DAYS[(new Date().getUTCDay() + 2) % 7]!;
    await set({ name: 'Essen', zone: 'UTC', windows: [{ days: [later], from: '03:00', to: '05:00' }] });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ counts }) => counts.SUCCEEDED === 1);
    await rig.until(async () => (await rig.jobs.waiting(id)).window === 2);
    expect(await standing(id)).to.deep.equal({ [one!]: 'SUCCEEDED', [two!]: 'window', [three!]: 'window' });
    const [, bochum, essen] = await rig.executions(id);
    expect(bochum!.waitingCause?.code).to.equal('site-never-opens');
    expect(essen!.waitingCause).to.deep.include({ code: 'site-waits-window' });
    expect(essen!.waitingReason).to.equal(
      `The window of the site "Essen" opens at ${essen!.waitingCause!.params.opens} (${essen!.waitingCause!.params.there} there).`,
    );
    expect(new Date(String(essen!.waitingCause!.params.opens)).getUTCHours()).to.equal(3);
    expect(essen!.waitingCause!.params.there).to.match(/ 03:00$/);
  });

  it('goes on when the site is set otherwise, or forgotten', async () => {
    const ids = await addGateways(database, 40);
    await place(ids.slice(0, 20), 'Bochum');
    await place(ids.slice(20), 'Essen');
    for (const name of ['Bochum', 'Essen']) await set({ name, freezes: FROZEN });
    const { id } = await rig.begin({ all: true });
    await rig.until(async () => (await rig.jobs.waiting(id)).window === 40);
    expect(rig.begun).to.have.length(0);
    await sites.remove('Bochum');
    await rig.when(id, ({ counts }) => counts.SUCCEEDED === 20);
    expect((await rig.jobs.waiting(id)).window).to.equal(20);
    await set({ name: 'Essen' });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(rig.begun).to.have.length(40);
  });

  it('goes on by itself when the window opens', async () => {
    const ids = await addGateways(database, 2);
    await place(ids, 'Bochum');
    await set({ name: 'Bochum', freezes: FROZEN });
    const { id } = await rig.begin({ all: true });
    await rig.until(async () => (await rig.jobs.waiting(id)).window === 2);
    // The clocks cannot be turned: the time at which it is looked at comes, and the windows are others, of which nobody was told.
    await database.query("update tpe_site set freezes = '[]', version = version + 1");
    await database.query("update tpe_job_execution set next_at = now() where waiting_for = 'window'");
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('begins nothing that does not end within its window', async () => {
    const ids = await addGateways(database, 1);
    await place(ids, 'Bochum');
    const always = { days: [...DAYS], from: '00:00', to: '12:00' };
    await set({ name: 'Bochum', windows: [always, { ...always, from: '12:30', to: '00:00' }] });
    rig.neededSeconds = 24 * 3600;
    const { id } = await rig.begin({ all: true });
    await rig.until(async () => (await rig.jobs.waiting(id)).window === 1);
    const [execution] = await rig.executions(id);
    expect(execution!.waitingReason).to.equal(
      'It takes 1440 minutes, and no window of the site "Bochum" is open for as long.',
    );
  });

  it('heeds no windows with what only reads, or where its definition says so', async () => {
    await addGateways(database, 2);
    await set({ name: '', freezes: FROZEN });
    const { id } = await rig.begin({ all: true }, { outsideWindows: true });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    rig.rating = { risk: 'read', classes: [] };
    const read = await rig.begin({ all: true });
    await rig.when(read.id, ({ state }) => state === 'COMPLETED');
  });

  it('cannot be let out of the windows once it was submitted', async () => {
    await addGateways(database, 1);
    await set({ name: '', freezes: FROZEN });
    const { id } = await rig.begin({ all: true });
    const refused = await refusalOf(rig.jobs.change(id, { rollout: { outsideWindows: true } }, { by: 'me' }));
    expect(refused).to.include({ code: 'CONFLICT' });
    expect(refused.details).to.include({ field: 'rollout.outsideWindows' });
  });

  it('are those of the site where a gateway is now', async () => {
    const ids = await addGateways(database, 1);
    await place(ids, 'Bochum');
    await set({ name: 'Essen', freezes: FROZEN });
    const { id } = await rig.begin({ ids }, { maxInProgress: 1 });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    await rig.jobs.close();
    rig = await openJobRig(database, { starts: false });
    const next = await rig.begin({ ids });
    await place(ids, 'Essen');
    rig.jobs.start();
    await rig.until(async () => (await rig.jobs.waiting(next.id)).window === 1);
    expect((await rig.executions(next.id))[0]).to.include({ site: 'Essen' });
  });
});
