import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { type Accounts, openAccounts } from '../../../nodes/manager/accounts/accounts.js';
import { createUsers } from '../../../nodes/manager/accounts/create-users.js';
import type { UsersKeeper } from '../../../nodes/manager/accounts/users.js';
import { createAudit } from '../../../nodes/manager/audit/audit.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { ManagerEvents } from '../../../nodes/manager/device-manager.js';
import type { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { temporaryFolder } from '../../support/node-red-process.js';

eachDatabase('accounts: people in the database', (open) => {
  let database: Database;
  let users: UsersKeeper;
  let accounts: Accounts;
  let changes = 0;

  const logIn = (user: string, password: string, address = '10.0.0.1') =>
    accounts.logIn(user, password, address, 'dashboard');
  async function accepted(user: string, password: string) {
    const result = await logIn(user, password);
    if (result.outcome !== 'accepted') throw new Error(`${user} was not let in`);
    return result;
  }
  const accountOf = (token: string) => accounts.signedIn(token, 'dashboard')?.account ?? null;
  const idOf = async (name: string) => (await users.list()).find((user) => user.name === name)!.id;

  before(async () => {
    database = await open();
    const events = new EventEmitter<ManagerEvents>();
    users = createUsers(database, {
      onChange: () => void events.emit('account'),
      onOwnChange: () => {
        changes += 1;
      },
    });
    const audit = createAudit(database, {
      jobsOf: async () => [],
      onRecord: () => undefined,
      onFault: (text) => expect.fail(text),
    });
    accounts = openAccounts({
      folder: temporaryFolder(),
      adminPassword: 'correct horse',
      awaitsPeople: true,
    });
    expect(await errorOf(logIn('vera', 'x', '10.0.0.9'))).to.include({ code: 'UNAVAILABLE' });
    accounts.attach({ users, tokens: { check: () => null }, audit, events });
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
    expect(await logIn('vera', password ?? '')).to.deep.include({
      outcome: 'accepted',
      account: { id: user.id, name: 'Vera', fullName: '', role: 'viewer' },
    });
    expect(await logIn('vera', 'another')).to.deep.equal({ outcome: 'refused' });
    expect(await logIn('nobody', 'another')).to.deep.equal({ outcome: 'refused' });
    expect((await users.list())[0]?.lastLoginAt).not.to.equal(null);
    const rows = await database.query('select * from tpe_account');
    expect(JSON.stringify(rows)).not.to.contain(password);
  });

  it('have names and passwords that keep the rules, and each name once', async () => {
    // Among them: Latin with a Cyrillic a, and with a letter that nobody sees.
    for (const name of ['', ' a', 'a b', '<b>', 'x'.repeat(101), '.a', 'a\u0000', 'k\u0430te', 'kate\u3164'])
      expect(await errorOf(users.create({ name, role: 'viewer' }, 'admin'))).to.include({
        code: 'INVALID_INPUT',
      });
    for (const name of ['admin', 'ADMIN', 'ａｄｍｉｎ', 'VERA', 'ｖera'])
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
      expect(await errorOf(users.endSessions(name))).to.include({ code: 'NOT_FOUND' });
      expect(await errorOf(users.remove(name))).to.include({ code: 'NOT_FOUND' });
    }
  });

  it('keep their sessions as long as nothing is against it', async () => {
    const id = await idOf('Vera');
    await users.setPassword(id, 'a good password');
    const vera = await accepted('vera', 'a good password');
    const { token } = accounts.startSession(vera, 'dashboard');
    const before = changes;
    expect(accountOf(token)).to.deep.equal({ id, name: 'Vera', fullName: '', role: 'viewer' });
    await users.update(id, { role: 'operator', fullName: 'Vera V.' });
    expect(accountOf(token)).to.deep.equal({ id, name: 'Vera', fullName: 'Vera V.', role: 'operator' });
    await users.update(id, { enabled: false });
    expect(accountOf(token)).to.equal(null);
    await users.update(id, { enabled: true });
    expect(accountOf(token)).not.to.equal(null);
    await users.endSessions(id);
    expect(accountOf(token)).to.equal(null);
    expect(changes - before).to.equal(4);
    // Who proved to be Vera before that comes too late.
    expect(accountOf(accounts.startSession(vera, 'dashboard').token)).to.equal(null);

    const again = accounts.startSession(await accepted('vera', 'a good password'), 'dashboard').token;
    expect(accountOf(again)?.role).to.equal('operator');
    await users.setPassword(id, 'a better password');
    expect(accountOf(again)).to.equal(null);
    const last = accounts.startSession(await accepted('vera', 'a better password'), 'dashboard').token;
    await users.remove(id);
    expect(accountOf(last)).to.equal(null);

    // Somebody new with the same name is somebody else.
    const anew = await users.create(
      { name: 'Vera', role: 'administrator', password: 'long enough' },
      'admin',
    );
    expect(anew.user.id).not.to.equal(id);
    expect(accountOf(last)).to.equal(null);
    await users.remove(anew.user.id);
  });

  it('are signed out whatever the clocks say', async () => {
    const realNow = Date.now;
    try {
      for (const minutes of [-5, 5]) {
        Date.now = () => realNow() + minutes * 60_000;
        const { user, password } = await users.create({ name: 'zoe', role: 'viewer' }, 'admin');
        const { token } = accounts.startSession(await accepted('zoe', password!), 'dashboard');
        expect(accountOf(token)?.name, `${minutes}`).to.equal('zoe');
        await users.endSessions(user.id);
        expect(accountOf(token), `${minutes}`).to.equal(null);
        const next = accounts.startSession(await accepted('zoe', password!), 'dashboard').token;
        expect(accountOf(next)?.name, `${minutes}`).to.equal('zoe');
        await users.remove(user.id);
      }
    } finally {
      Date.now = realNow;
    }
  });

  it('are seen to have changed by whatever reads them, also where another manager changed them', async () => {
    let seen = 0;
    const elsewhere = createUsers(database, {
      onChange: () => {
        seen += 1;
      },
      onOwnChange: () => expect.fail('it changed nothing'),
    });
    await elsewhere.reload();
    const { user, password } = await users.create({ name: 'xaver', role: 'viewer' }, 'admin');
    // The news of it is still on its way.
    expect((await elsewhere.credentialOf('xaver'))?.id).to.equal(user.id);
    expect(elsewhere.find(user.id)?.name).to.equal('xaver');
    expect(password).not.to.equal(null);
    await users.update(user.id, { role: 'operator' });
    await elsewhere.list();
    await users.remove(user.id);
    await Promise.all([elsewhere.reload(), elsewhere.list()]);
    expect(elsewhere.find(user.id)).to.equal(null);
    expect(seen).to.equal(4);
  });

  it('change their own password, which ends their other sessions', async () => {
    const { user, password } = await users.create({ name: 'yan', role: 'viewer' }, 'admin');
    const yan = await accepted('yan', password!);
    const { token } = accounts.startSession(yan, 'dashboard');
    const other = accounts.startSession(yan, 'dashboard').token;
    const passwords = { old: password!, new: 'of my own choice' };
    let seen: (string | undefined)[] = [];
    accounts.onChange(() => {
      seen = [accountOf(token)?.name, accountOf(other)?.name];
    });
    await accounts.changePassword(token, passwords, '10.0.0.1');
    // Already when the open sockets are looked through.
    expect(seen).to.deep.equal(['yan', undefined]);
    expect(await logIn('yan', password!)).to.deep.equal({ outcome: 'refused' });
    expect(await logIn('yan', 'of my own choice')).to.include({ outcome: 'accepted' });

    const guesses = Array.from({ length: 12 }, () =>
      errorOf(accounts.changePassword(token, { old: 'a guess', new: 'of my own choice' }, '10.0.0.1')),
    );
    const codes = (await Promise.all(guesses)).map((error) => (error as TpeError).code);
    expect(codes.filter((code) => code === 'BUSY')).to.have.length(2);
    await users.remove(user.id);
  });

  it('who sign in elsewhere are made at the first time, and follow what is said of them there', async () => {
    const external = {
      externalId: 'https://issuer 1',
      name: 'mia',
      fullName: 'Mia',
      role: 'viewer',
    } as const;
    const mia = await accounts.admitExternal(external);
    expect(mia.account).to.include({ name: 'mia', role: 'viewer' });
    const again = await accounts.admitExternal({ ...external, name: 'mia.m', role: 'operator' });
    expect(again.account).to.include({ id: mia.account.id, name: 'mia', role: 'operator' });
    expect(await logIn('mia', '')).to.deep.equal({ outcome: 'refused' });
    const { token } = accounts.startSession(again, 'dashboard');
    const passwords = { old: '', new: 'of my own choice' };
    expect(await errorOf(accounts.changePassword(token, passwords, '10.0.0.2'))).to.include({
      code: 'CONFLICT',
    });
    expect(accounts.passwordPlace(mia.account)).to.equal('elsewhere');
    await users.update(mia.account.id, { enabled: false });
    expect(await errorOf(accounts.admitExternal(external))).to.include({ code: 'FORBIDDEN' });
    const other = { ...external, externalId: 'https://issuer 2' };
    const taken = await errorOf(accounts.admitExternal(other));
    expect(taken).to.include({ code: 'CONFLICT' });
    expect((taken as TpeError).reason.cause).to.deep.equal({ code: 'user-exists', params: { user: 'mia' } });
    expect(await errorOf(accounts.admitExternal({ ...other, name: 'mіa' }))).to.include({
      code: 'INVALID_INPUT',
    });
  });
});
