import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { type Accounts, openAccounts } from '../../../nodes/manager/accounts/accounts.js';
import { createAudit } from '../../../nodes/manager/accounts/audit.js';
import { createUsers, type UsersKeeper } from '../../../nodes/manager/accounts/users.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { ManagerEvents } from '../../../nodes/manager/device-manager.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { temporaryFolder } from '../../support/node-red-process.js';

eachDatabase('accounts: people in the database', (open) => {
  let database: Database;
  let users: UsersKeeper;
  let accounts: Accounts;
  let changes = 0;

  before(async () => {
    database = await open();
    const events = new EventEmitter<ManagerEvents>();
    users = createUsers(database, () => {
      changes += 1;
      events.emit('account');
    });
    const audit = createAudit(database, {
      onRecord: () => undefined,
      onFault: (text) => expect.fail(text),
    });
    accounts = openAccounts({
      folder: temporaryFolder(),
      adminPassword: 'correct horse',
      awaitsPeople: true,
    });
    expect(await errorOf(accounts.logIn('vera', 'x', '10.0.0.9'))).to.include({ code: 'UNAVAILABLE' });
    accounts.attach({ users, audit, events });
  });
  after(() => database.close());

  it('sign in with a password that was made for them, whatever the case of their name', async () => {
    const { user, password } = await users.create({ name: 'Vera', role: 'viewer' }, 'admin');
    expect(user).to.include({
      name: 'Vera',
      role: 'viewer',
      enabled: true,
      hasPassword: true,
      lastLoginAt: null,
    });
    expect(await accounts.logIn('vera', password ?? '', '10.0.0.1')).to.deep.equal({
      outcome: 'accepted',
      account: { name: 'Vera', fullName: '', role: 'viewer' },
    });
    expect(await accounts.logIn('vera', 'another', '10.0.0.1')).to.deep.equal({ outcome: 'refused' });
    expect(await accounts.logIn('nobody', 'another', '10.0.0.1')).to.deep.equal({ outcome: 'refused' });
    expect((await users.list())[0]?.lastLoginAt).not.to.equal(null);
    const rows = await database.query('select * from tpe_account');
    expect(JSON.stringify(rows)).not.to.contain(password);
  });

  it('have names and passwords that keep the rules, and each name once', async () => {
    for (const name of ['', ' a', 'a b', '<b>', 'x'.repeat(101), '.a', 'a\u0000'])
      expect(await errorOf(users.create({ name, role: 'viewer' }, 'admin'))).to.include({
        code: 'INVALID_INPUT',
      });
    for (const name of ['admin', 'ADMIN', 'VERA'])
      expect(await errorOf(users.create({ name, role: 'viewer' }, 'admin'))).to.include({ code: 'CONFLICT' });
    expect(
      await errorOf(users.create({ name: 'otto', role: 'viewer', password: 'short' }, 'admin')),
    ).to.include({
      code: 'INVALID_INPUT',
    });
    expect(await errorOf(users.create({ name: 'otto', role: 'root' as never }, 'admin'))).to.include({
      code: 'INVALID_INPUT',
    });
    for (const name of ['otto', '\u0000']) {
      expect(await errorOf(users.update(name, { role: 'operator' }))).to.include({ code: 'NOT_FOUND' });
      expect(await errorOf(users.remove(name))).to.include({ code: 'NOT_FOUND' });
    }
  });

  it('keep their sessions as long as nothing is against it', async () => {
    const { cookie } = accounts.sessions.start('Vera');
    const before = changes;
    expect(accounts.accountOf(cookie)).to.deep.equal({ name: 'Vera', fullName: '', role: 'viewer' });
    await users.update('vera', { role: 'operator', fullName: 'Vera V.' });
    expect(accounts.accountOf(cookie)).to.deep.equal({ name: 'Vera', fullName: 'Vera V.', role: 'operator' });
    await users.update('vera', { enabled: false });
    expect(accounts.accountOf(cookie)).to.equal(null);
    await users.update('vera', { enabled: true });
    expect(accounts.accountOf(cookie)).not.to.equal(null);
    await users.endSessions('vera');
    expect(accounts.accountOf(cookie)).to.equal(null);
    expect(changes - before).to.equal(4);

    const again = accounts.sessions.start('Vera').cookie;
    expect(accounts.accountOf(again)?.role).to.equal('operator');
    await users.setPassword('vera', 'a better password');
    expect(accounts.accountOf(again)).to.equal(null);
    expect((await accounts.check('vera', 'a better password'))?.name).to.equal('Vera');
    const last = accounts.sessions.start('Vera').cookie;
    await users.remove('VERA');
    expect(accounts.accountOf(last)).to.equal(null);
  });

  it('who sign in elsewhere are made at the first time, and follow what is said of them there', async () => {
    const external = {
      externalId: 'https://issuer 1',
      name: 'mia',
      fullName: 'Mia',
      role: 'viewer',
    } as const;
    expect(await accounts.admitExternal(external)).to.include({ name: 'mia', role: 'viewer' });
    expect(await accounts.admitExternal({ ...external, role: 'operator' })).to.include({ role: 'operator' });
    expect(await accounts.check('mia', '')).to.equal(null);
    await users.update('mia', { enabled: false });
    expect(await errorOf(accounts.admitExternal(external))).to.include({ code: 'FORBIDDEN' });
    const other = { ...external, externalId: 'https://issuer 2' };
    expect(await errorOf(accounts.admitExternal(other))).to.include({ code: 'CONFLICT' });
  });
});
