import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { createSites } from '../../../nodes/manager/sites/create-sites.js';
import { ownZone } from '../../../nodes/manager/sites/local-time.js';
import { DAYS } from '../../../nodes/manager/sites/site-bounds.js';
import type { Sites } from '../../../nodes/manager/sites/sites.js';
import { eachDatabase } from '../../support/databases.js';

const NEVER_NOW = { from: '2020-01-01', to: '2099-12-31', reason: 'audit' };
const always = { days: [...DAYS], from: '00:00', to: '00:00' };

eachDatabase('sites', (open) => {
  let database: Database;
  let sites: Sites;
  let changes: number;
  beforeEach(async () => {
    database = await open();
    changes = 0;
    sites = createSites({
      database,
      onChanged() {
        changes += 1;
      },
    });
  });
  afterEach(() => database.close());

  async function gateways(site: string, count: number): Promise<void> {
    await database.query(
      `insert into clientid_profile (clientid, connection_status, site)
        select $1 || '-gw-' || no, false, $1 from generate_series(1, $2::integer) no`,
      [site, count],
    );
  }
  async function refusal(act: Promise<unknown>): Promise<TpeError> {
    const error = await act.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(TpeError);
    return error as TpeError;
  }
  const names = async (query = {}) => (await sites.list(query)).items.map(({ name }) => name);

  it('lists those of gateways and those that were set, in natural order, the default first', async () => {
    await gateways('Plant 10', 3);
    await gateways('Plant 2', 2);
    await gateways('plant 2', 1);
    await sites.set({ name: 'Plant 3', zone: 'Asia/Tokyo' }, 'ada');
    expect(await names()).to.deep.equal(['', 'Plant 2', 'plant 2', 'Plant 3', 'Plant 10']);
    expect(await names({ search: 'PLANT 1' })).to.deep.equal(['Plant 10']);
    const [, two, , three] = (await sites.list({})).items;
    expect(two).to.include({ gateways: 2, isSet: false, usedZone: ownZone(), setBy: null });
    expect(three).to.include({ gateways: 0, isSet: true, usedZone: 'Asia/Tokyo', setBy: 'ada' });
  });

  it('lists page by page', async () => {
    for (let no = 1; no <= 7; no += 1) await gateways(`site ${no}`, 1);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await sites.list({ limit: 3, ...(cursor !== undefined && { cursor }) });
      found.push(...page.items.map(({ name }) => name));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(found).to.deep.equal(['', ...[1, 2, 3, 4, 5, 6, 7].map((no) => `site ${no}`)]);
    expect(await refusal(sites.list({ cursor: '["a"]' }))).to.include({ code: 'INVALID_INPUT' });
  });

  it('has the default for what a site does not say, and the freezes of both', async () => {
    await sites.set({ name: '', zone: 'Europe/Berlin', freezes: [NEVER_NOW] }, 'ada');
    expect(await sites.get('Plant 1')).to.deep.include({
      isSet: false,
      usedZone: 'Europe/Berlin',
      freezes: [],
    });
    await sites.set({ name: 'Plant 1', zone: 'Asia/Tokyo' }, 'ada');
    const { clock, usedZone } = await sites.get('Plant 1');
    expect(usedZone).to.equal('Asia/Tokyo');
    expect(clock).to.include({ isOpen: false, freeze: 'audit' });
  });

  it('sets all of a site anew, and forgets it', async () => {
    await sites.set({ name: 'A', zone: 'Asia/Tokyo', windows: [always], contact: 'Ken, 4711' }, 'ada');
    expect(await sites.set({ name: 'A' }, 'bob')).to.deep.include({
      ...{ zone: null, windows: [], contact: '', setBy: 'bob', isSet: true },
    });
    await sites.remove('A');
    expect(await sites.get('A')).to.include({ isSet: false });
    for (const name of ['A', 'a\u0000b', 'a\ud800'])
      expect(await refusal(sites.remove(name))).to.include({ code: 'NOT_FOUND' });
    expect(await refusal(sites.get('a\u0000b'))).to.include({ code: 'INVALID_INPUT' });
    expect(changes).to.equal(3);
  });

  it('says when something may be begun, with the commit of who sets it', async () => {
    const shut = () => database.transaction((transaction) => sites.shut(transaction, ['A', 'B'], 60));
    expect([...(await shut())]).to.deep.equal([]);
    await sites.set({ name: 'A', freezes: [NEVER_NOW] }, 'ada');
    const [[name, why] = []] = [...(await shut())];
    expect(name).to.equal('A');
    expect(why?.opensAt).to.equal(null);
    expect(why?.reason.cause?.code).to.equal('site-never-opens');
    await sites.set({ name: 'A', windows: [always] }, 'ada');
    expect([...(await shut())]).to.deep.equal([]);
    await sites.set({ name: '', freezes: [NEVER_NOW] }, 'ada');
    expect([...(await shut()).keys()]).to.deep.equal(['A', 'B']);
    await sites.remove('');
    expect([...(await shut())]).to.deep.equal([]);
  });

  it('tells that nothing fits, by how long it takes', async () => {
    await sites.set({ name: 'A', windows: [{ days: [...DAYS], from: '02:00', to: '02:30' }] }, 'ada');
    const shut = await database.transaction((transaction) => sites.shut(transaction, ['A'], 45 * 60));
    expect(shut.get('A')).to.deep.include({ opensAt: null });
    expect(shut.get('A')?.reason.text).to.equal(
      'It takes 45 minutes, and no window of the site "A" is open for as long.',
    );
  });

  const WRONG: [string, object, string][] = [
    ['no such zone', { zone: 'Mars/Phobos' }, 'zone'],
    ['an offset, which knows no summer', { zone: '+02:00' }, 'zone'],
    ['a cron expression with seconds', { windows: [{ cron: '0 0 2 * * *', minutes: 5 }] }, 'windows.0.cron'],
    ['a cron expression that is none', { windows: [{ cron: '0 2 * * XYZ', minutes: 5 }] }, 'windows.0.cron'],
    ['one that never comes', { windows: [always, { cron: '0 2 30 2 *', minutes: 5 }] }, 'windows.1.cron'],
    [
      'a day that is none',
      { freezes: [{ from: '2026-02-30', to: '2026-03-01', reason: 'x' }] },
      'freezes.0.from',
    ],
    [
      'a freeze backwards',
      { freezes: [{ from: '2026-03-02', to: '2026-03-01', reason: 'x' }] },
      'freezes.0.to',
    ],
    ['a window without days', { windows: [{ days: [], from: '02:00', to: '03:00' }] }, 'windows.0.days'],
    ['a time that is none', { windows: [{ days: ['mon'], from: '24:00', to: '03:00' }] }, 'windows.0.from'],
    ['an unknown field', { window: [] }, 'window'],
    ['what cannot be stored', { contact: 'a\u0000b' }, 'contact'],
  ];
  for (const [what, site, field] of WRONG) {
    it(`refuses ${what}, and says where`, async () => {
      const error = await refusal(sites.set({ name: 'A', ...site } as never, 'ada'));
      expect(error).to.include({ code: 'INVALID_INPUT' });
      expect(error.details).to.include({ field });
      expect((await sites.get('A')).isSet).to.equal(false);
    });
  }
});
