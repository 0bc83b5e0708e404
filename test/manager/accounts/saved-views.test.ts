import { expect } from 'chai';
import { createSavedViews } from '../../../nodes/manager/accounts/create-saved-views.js';
import { createUsers } from '../../../nodes/manager/accounts/create-users.js';
import { MAX_VIEWS_OF_PERSON, type SavedViews } from '../../../nodes/manager/accounts/saved-view.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';

const ADMIN = 'admin';
const OFFLINE = { page: 'ui-tpe-gateways', name: 'Offline in the north', query: 'site=North&status=offline' };

eachDatabase('accounts: saved views', (open) => {
  let database: Database;
  let views: SavedViews;
  let rita: string;
  let changes = 0;

  before(async () => {
    database = await open();
    const users = createUsers(database, { onChange: () => undefined, onOwnChange: () => undefined });
    rita = (await users.create({ name: 'rita', role: 'viewer' }, 'admin')).user.id;
    views = createSavedViews(database, () => {
      changes += 1;
    });
  });

  it('are of one person, who names, changes and removes them', async () => {
    const made = await views.create(rita, OFFLINE);
    expect(made).to.deep.include({ ...OFFLINE, isPinned: true });
    expect(await views.listOf(ADMIN)).to.deep.equal([]);
    expect(await views.change(rita, made.id, { name: ' North ', isPinned: false })).to.deep.include({
      name: 'North',
      isPinned: false,
      query: OFFLINE.query,
    });
    await views.create(ADMIN, OFFLINE);
    expect((await views.listOf(rita)).map(({ name }) => name)).to.deep.equal(['North']);
    expect(changes).to.equal(3);
    await views.remove(rita, made.id);
    expect(await views.listOf(rita)).to.deep.equal([]);
  });

  it('of somebody else are as if they were not there', async () => {
    const [own] = await views.listOf(ADMIN);
    expect(await errorOf(views.change(rita, own!.id, { name: 'mine' }))).to.include({ code: 'NOT_FOUND' });
    expect(await errorOf(views.remove(rita, own!.id))).to.include({ code: 'NOT_FOUND' });
    expect(await errorOf(views.remove(ADMIN, '9'.repeat(40)))).to.include({ code: 'NOT_FOUND' });
    expect(await views.listOf(ADMIN)).to.have.length(1);
  });

  it('have a name each, and are so many at most', async () => {
    expect(await errorOf(views.create(ADMIN, OFFLINE))).to.include({ code: 'CONFLICT' });
    expect(await errorOf(views.create(rita, { ...OFFLINE, name: ' ' }))).to.include({
      code: 'INVALID_INPUT',
    });
    expect(await errorOf(views.create(rita, { ...OFFLINE, name: 'a\u0000' }))).to.include({
      code: 'INVALID_INPUT',
    });
    const all = Array.from({ length: MAX_VIEWS_OF_PERSON + 1 }, (_, n) => ({
      ...OFFLINE,
      name: `view ${n}`,
    }));
    const outcomes = await Promise.all(
      all.map((view) =>
        views.create(rita, view).then(
          () => 'made',
          ({ code }) => code as string,
        ),
      ),
    );
    expect(outcomes.filter((one) => one === 'CONFLICT')).to.have.length(1);
    expect(await views.listOf(rita)).to.have.length(MAX_VIEWS_OF_PERSON);
  });

  it('go with their owner, and nobody who is gone has any', async () => {
    await database.query('delete from tpe_account where id = $1', [rita]);
    expect(await views.listOf(rita)).to.deep.equal([]);
    expect(await errorOf(views.create(rita, OFFLINE))).to.include({ code: 'CONFLICT' });
  });
});
