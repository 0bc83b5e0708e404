import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { fairShares } from '../../../nodes/manager/jobs/control/fair-shares.js';
import { eachDatabase } from '../../support/databases.js';
import { addGateways, type JobRig, openJobRig } from './job-rig.js';

const NEVER = 1_000_000_000;
/** It looks only when it is woken. */
const WOKEN = { lookMs: NEVER, controlMs: NEVER };

eachDatabase('jobs: whose turn it is', (open) => {
  let database: Database;
  let rig: JobRig;
  let asked: string[];
  beforeEach(async () => {
    const real = await open();
    asked = [];
    database = {
      ...real,
      query: ((sql, parameters) => {
        asked.push('query');
        return real.query(sql, parameters);
      }) as Database['query'],
      transaction: ((work) => {
        asked.push('transaction');
        return real.transaction(work);
      }) as Database['transaction'],
    };
  });
  afterEach(async () => {
    await rig.jobs.close();
    await database.close();
  });

  async function beginDisruptive(): Promise<string> {
    rig.rating = { risk: 'disruptive', classes: [] };
    const draft = await rig.jobs.create({ name: 'x', do: {}, targets: { all: true } }, { by: 'me' });
    const { total } = (
      await database.query<{ total: number }>('select count(*)::integer as total from clientid_profile')
    )[0]!;
    await rig.jobs.submit(draft.id, { by: 'me', confirm: String(total) });
    return draft.id;
  }

  it('begins with a gateway that is free, however many the guard refuses before it', async () => {
    rig = await openJobRig(database, { timing: WOKEN });
    const ids = await addGateways(database, 50);
    for (const id of ids.slice(1)) rig.refused.add(id);
    const id = await beginDisruptive();
    await rig.when(id, ({ counts }) => counts.SUCCEEDED === 1);
    expect(rig.begun.map(({ clientid }) => clientid)).to.deep.equal(['gw-1']);
  });

  it('looks at once at what waits for the guard when slots come back', async () => {
    rig = await openJobRig(database, { timing: WOKEN });
    await addGateways(database, 1);
    rig.refused.add('gw-1');
    const id = await beginDisruptive();
    await rig.until(async () => (await rig.jobs.waiting(id)).guard === 1);
    rig.refused.clear();
    rig.jobs.guardChanged();
    // Nothing else wakes it.
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('goes past gateways that have moved to a site that is full', async () => {
    rig = await openJobRig(database);
    await addGateways(database, 30);
    rig.stops.push({ scope: 'fleet', value: null, by: 'jo' });
    const { id } = await rig.begin({ all: true }, { maxInProgress: 2, perSite: 1 });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    await database.query("update clientid_profile set site = 'full' where clientid <> 'gw-1'");
    rig.run = () => new Promise(() => undefined);
    rig.stops.length = 0;
    rig.jobs.guardChanged();
    await rig.until(() => rig.begun.some(({ clientid }) => clientid === 'gw-1'));
    expect(rig.begun).to.have.length(2);
  });

  it('asks one question a look while all gateways are offline', async () => {
    rig = await openJobRig(database, { timing: { controlMs: NEVER } });
    await addGateways(database, 3, { online: false });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    // What it did to begin is behind it.
    await rig.until(() => asked.length > 20 && !asked.slice(-20).includes('transaction'));
  });

  it('shares the places of a manager between jobs', async () => {
    rig = await openJobRig(database, { timing: { mostUnderWay: 10 } });
    await addGateways(database, 20);
    await addGateways(database, 20, { prefix: 'other-' });
    await database.query('update clientid_profile set site = left(clientid, 2)');
    rig.stops.push({ scope: 'fleet', value: null, by: 'jo' });
    rig.run = () => new Promise(() => undefined);
    const one = await rig.begin({ filter: { site: 'gw' } });
    const other = await rig.begin({ filter: { site: 'ot' } });
    for (const { id } of [one, other]) await rig.when(id, ({ state }) => state === 'RUNNING');
    rig.stops.length = 0;
    await rig.until(() => rig.begun.length === 10);
    expect(rig.begun.filter(({ job }) => job === one.id)).to.have.length(5);
  });
});

describe('jobs: fair shares', () => {
  it('give nobody more than wanted, all that is wanted where there is enough, and each a place', () => {
    expect(Object.fromEntries(fairShares(500, [{ id: 'a', most: 500 }]))).to.deep.equal({ a: 500 });
    const three = [
      { id: 'a', most: 500 },
      { id: 'b', most: 10 },
      { id: 'c', most: 500 },
    ];
    expect(Object.fromEntries(fairShares(500, three))).to.deep.equal({ a: 245, b: 10, c: 245 });
    const many = Array.from({ length: 7 }, (_one, index) => ({ id: String(index), most: 5 }));
    expect([...fairShares(3, many).values()]).to.deep.equal(many.map(() => 1));
  });
});
