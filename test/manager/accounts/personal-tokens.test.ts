import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { type Accounts, openAccounts } from '../../../nodes/manager/accounts/accounts.js';
import { createPersonalTokens } from '../../../nodes/manager/accounts/create-personal-tokens.js';
import { createUsers } from '../../../nodes/manager/accounts/create-users.js';
import type {
  NewPersonalToken,
  PersonalTokensKeeper,
  TokenMaker,
} from '../../../nodes/manager/accounts/personal-token.js';
import type { UsersKeeper } from '../../../nodes/manager/accounts/users.js';
import { createAudit } from '../../../nodes/manager/audit/audit.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { ManagerEvents } from '../../../nodes/manager/device-manager.js';
import { forget } from '../../../nodes/manager/retention/forget.js';
import { KEPT } from '../../../nodes/manager/retention/kept.js';
import type { Role } from '../../../nodes/manager/shared/role.js';
import { eachDatabase, opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { openTestManager, type TestManager } from '../../support/manager.js';
import { temporaryFolder } from '../../support/node-red-process.js';
import { patience } from '../../support/patience.js';

const DAY_MS = 86_400_000;
const ADMIN: TokenMaker = { id: 'admin', role: 'administrator' };

eachDatabase('accounts: personal API tokens', (open) => {
  let database: Database;
  let users: UsersKeeper;
  let tokens: PersonalTokensKeeper;
  let accounts: Accounts;
  let clock = 0;
  let changes = 0;
  let seen = 0;
  let people = 0;

  before(async () => {
    database = await open();
    const events = new EventEmitter<ManagerEvents>();
    users = createUsers(database, { onChange: () => undefined, onOwnChange: () => undefined });
    tokens = createPersonalTokens(database, {
      findUser: users.find,
      onChange: () => {
        seen += 1;
      },
      onOwnChange: () => {
        changes += 1;
      },
      now: () => Date.now() + clock,
    });
    await tokens.reload();
    const audit = createAudit(database, {
      jobsOf: async () => [],
      onRecord: () => undefined,
      onFault: (text) => expect.fail(text),
    });
    accounts = openAccounts({
      folder: temporaryFolder(),
      apiToken: 'the-one-token-of-all',
      awaitsPeople: true,
    });
    expect(accounts.callerWith(`tpedm_${'x'.repeat(32)}`)).to.equal('not yet');
    accounts.attach({ users, tokens, audit, events });
  });
  after(() => database.close());
  afterEach(() => {
    clock = 0;
  });

  async function person(role: Role): Promise<TokenMaker> {
    people += 1;
    const { user } = await users.create({ name: `person-${people}`, role }, 'admin');
    return { id: user.id, role };
  }
  const make = (maker: TokenMaker, given: Partial<NewPersonalToken> = {}) =>
    tokens.create({ name: 'ci', role: 'viewer', ...given }, maker);
  const roleOf = (token: string) => tokens.check(token)?.role ?? null;
  /** As it is in the database: the use is written behind the call. */
  async function lastUse(id: string, isWanted: (at: string | null) => boolean): Promise<string | null> {
    const end = Date.now() + patience(20_000);
    for (;;) {
      const at = (await tokens.list()).find((one) => one.id === id)?.lastUsedAt ?? null;
      if (isWanted(at)) return at;
      if (Date.now() > end) return expect.fail(`last used at ${at}`);
    }
  }

  it('let in who has one, as the person whose it is; the database keeps no token', async () => {
    const vera = await person('operator');
    const made = await make(vera, { role: 'operator', days: 1 });
    expect(made.token).to.match(/^tpedm_[\w-]{32}$/);
    expect(tokens.check(made.token)).to.deep.equal({
      accountId: vera.id,
      name: made.owner.name,
      role: 'operator',
      tokenId: made.id,
      tokenName: 'ci',
      scope: 'rest',
    });
    expect(accounts.callerWith(made.token)).to.deep.include({ who: made.owner.name, role: 'operator' });
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).to.equal(DAY_MS);
    expect(await tokens.listOf(vera.id)).to.have.length(1);
    expect(JSON.stringify(await tokens.list())).not.to.contain(made.token);
    expect(JSON.stringify(await database.query('select * from tpe_api_token'))).not.to.contain(made.token);
    const days = await make(vera, { name: 'default' });
    expect(Date.parse(days.expiresAt) - Date.parse(days.createdAt)).to.equal(90 * DAY_MS);
  });

  it('are not taken for others, nor others for them', async () => {
    const { token } = await make(ADMIN, { name: 'mistaken' });
    const wrong = [
      '',
      'x',
      token.slice(0, -1),
      `${token}x`,
      token.toUpperCase(),
      ` ${token}`,
      'the-one-token-of-all',
    ];
    for (const one of wrong) expect(tokens.check(one), one).to.equal(null);
    expect(accounts.callerWith('the-one-token-of-all')).to.deep.equal({
      who: 'API token',
      holder: null,
      role: 'administrator',
      scope: 'rest',
    });
    expect(accounts.isApiToken(token)).to.equal(false);
    for (const one of wrong.slice(0, -1)) expect(accounts.callerWith(one), one).to.equal(null);
  });

  it('open the wall page alone where they are made for it, for viewers, and say so', async () => {
    const olga = await person('operator');
    const made = await make(olga, { scope: 'wall' });
    expect(made).to.include({ scope: 'wall', role: 'viewer', roleNow: 'viewer' });
    expect(tokens.check(made.token)).to.include({ scope: 'wall', accountId: olga.id });
    expect(accounts.callerWith(made.token)).to.include({ scope: 'wall', role: 'viewer' });
    expect((await tokens.listOf(olga.id)).map(({ scope }) => scope)).to.deep.equal(['wall']);
    const above = await errorOf(make(olga, { name: 'above', scope: 'wall', role: 'operator' }));
    expect(above).to.include({ code: 'INVALID_INPUT' });
    const unknown = { name: 'unknown', scope: 'all' as never };
    expect(await errorOf(make(olga, unknown))).to.include({ code: 'INVALID_INPUT' });
  });

  it('are made by the administrator of the data folder, too, who has no row of a person', async () => {
    const made = await make(ADMIN, { role: 'administrator' });
    expect(made.owner).to.deep.equal({ id: 'admin', name: 'admin' });
    expect(tokens.check(made.token)).to.include({ accountId: 'admin', role: 'administrator' });
    expect((await tokens.listOf('admin')).map(({ name }) => name)).to.include('ci');
  });

  it('have no role above that of who makes them, neither now nor later', async () => {
    const olga = await person('operator');
    expect(await errorOf(make(olga, { role: 'administrator' }))).to.include({ code: 'FORBIDDEN' });
    // As with a token of a lower role than the person has.
    expect(await errorOf(make({ ...olga, role: 'viewer' }, { role: 'operator' }))).to.include({
      code: 'FORBIDDEN',
    });
    // Who was an administrator when the page was opened.
    expect(await errorOf(make({ ...olga, role: 'administrator' }, { role: 'administrator' }))).to.include({
      code: 'FORBIDDEN',
    });

    const { token, id } = await make(olga, { role: 'operator' });
    await users.update(olga.id, { role: 'viewer' });
    expect(roleOf(token)).to.equal('viewer');
    expect(tokens.find(id)).to.include({ role: 'operator', roleNow: 'viewer' });
    await users.update(olga.id, { role: 'administrator' });
    expect(roleOf(token)).to.equal('operator');
  });

  it('count no more once they have ended, were revoked, or their owner is disabled or removed', async () => {
    const rita = await person('viewer');
    const [ended, revoked, kept] = [
      await make(rita, { days: 1 }),
      await make(rita, { name: 'revoked' }),
      await make(rita, { name: 'kept', days: 365 }),
    ];
    clock = DAY_MS - 60_000;
    expect(roleOf(ended.token)).to.equal('viewer');
    clock = DAY_MS;
    expect(roleOf(ended.token)).to.equal(null);
    expect(tokens.find(ended.id)?.roleNow).to.equal(null);
    expect(roleOf(kept.token)).to.equal('viewer');

    const before = [changes, seen];
    await tokens.revoke(revoked.id, rita.id);
    expect([changes, seen]).to.deep.equal(before.map((count) => count + 1));
    expect(roleOf(revoked.token)).to.equal(null);
    expect(await errorOf(tokens.revoke(revoked.id, null))).to.include({ code: 'NOT_FOUND' });

    await users.update(rita.id, { enabled: false });
    expect(roleOf(kept.token)).to.equal(null);
    expect((await tokens.listOf(rita.id)).map(({ roleNow }) => roleNow)).to.deep.equal([null, null]);
    expect(await errorOf(make(rita, { name: 'more' }))).to.include({ code: 'NOT_FOUND' });
    await users.update(rita.id, { enabled: true });
    expect(roleOf(kept.token)).to.equal('viewer');

    await users.remove(rita.id);
    expect(roleOf(kept.token)).to.equal(null);
    expect(await tokens.listOf(rita.id)).to.deep.equal([]);
    const [row] = await database.query('select from tpe_api_token where account_id = $1', [rita.id]);
    expect(row).to.equal(undefined);
    expect(await errorOf(make(rita))).to.include({ code: 'NOT_FOUND' });
  });

  it('are revoked by their owner, and not by somebody else', async () => {
    const [sam, tom] = [await person('operator'), await person('operator')];
    const { id, token } = await make(sam);
    expect(await errorOf(tokens.revoke(id, tom.id))).to.include({ code: 'NOT_FOUND' });
    for (const one of ['0', '', 'x', '9'.repeat(19), "1' or true"]) {
      expect(await errorOf(tokens.revoke(one, null)), one).to.include({ code: 'NOT_FOUND' });
    }
    expect(roleOf(token)).to.equal('viewer');
    await tokens.revoke(id, null);
    expect(roleOf(token)).to.equal(null);
  });

  it('have a name that can be read, once for each person, and an end within a year', async () => {
    const uta = await person('viewer');
    for (const name of ['', '  ', 'x'.repeat(61), 'a\nb', 'a\u0000', 'a\u202eb', '\ud800']) {
      expect(await errorOf(make(uta, { name })), JSON.stringify(name)).to.include({ code: 'INVALID_INPUT' });
    }
    for (const days of [0, -1, 366, 1.5, Number.NaN]) {
      expect(await errorOf(make(uta, { days })), `${days}`).to.include({ code: 'INVALID_INPUT' });
    }
    expect(await errorOf(make(uta, { role: 'root' as never }))).to.include({ code: 'INVALID_INPUT' });
    const first = await make(uta, { name: ' Backup 夜間 ' });
    expect(first.name).to.equal('Backup 夜間');
    expect(await errorOf(make(uta, { name: 'Backup 夜間' }))).to.include({ code: 'CONFLICT' });
    expect((await make(await person('viewer'), { name: 'Backup 夜間' })).name).to.equal(first.name);

    // One that has ended leaves its name to the next.
    await database.query("update tpe_api_token set expires_at = now() - interval '1 s' where id::text = $1", [
      first.id,
    ]);
    const next = await make(uta, { name: first.name });
    expect((await tokens.listOf(uta.id)).map(({ id }) => id)).to.deep.equal([next.id]);
  });

  it('are a bounded number for each person, however they are asked for', async () => {
    const vic = await person('viewer');
    const made = await Promise.allSettled(
      Array.from({ length: 24 }, (_, index) => make(vic, { name: `token ${index}` })),
    );
    const refused = made.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).to.have.length(4);
    for (const reason of refused) expect(reason).to.include({ code: 'CONFLICT' });
    const own = await tokens.listOf(vic.id);
    expect(own).to.have.length(20);
    await tokens.revoke(own[0]!.id, vic.id);
    expect(await make(vic, { name: 'one more' })).to.include({ roleNow: 'viewer' });
  });

  it('tell when they were used last, which is written once a minute', async () => {
    const wim = await person('viewer');
    const { token, id, lastUsedAt } = await make(wim);
    expect(lastUsedAt).to.equal(null);
    roleOf(`tpedm_${'x'.repeat(32)}`);
    roleOf(token);
    const first = await lastUse(id, (at) => at !== null);
    await database.query(
      "update tpe_api_token set last_used_at = now() - interval '1 h' where id::text = $1",
      [id],
    );
    const old = await lastUse(id, (at) => at !== first);
    roleOf(token);
    await tokens.reload();
    expect((await tokens.list()).find((one) => one.id === id)?.lastUsedAt).to.equal(old);
    clock = 60_000;
    roleOf(token);
    await lastUse(id, (at) => at !== old);
  });

  it('are forgotten a month after their end, and not before', async () => {
    const xia = await person('viewer');
    const [gone, ended] = [await make(xia, { name: 'gone' }), await make(xia, { name: 'ended' })];
    for (const [id, days] of [
      [gone.id, 31],
      [ended.id, 29],
    ] as const) {
      await database.query(
        'update tpe_api_token set expires_at = now() - make_interval(days => $2) where id::text = $1',
        [id, days],
      );
    }
    const kept = KEPT.find(({ table }) => table === 'tpe_api_token')!;
    await forget(database, kept, async () => true, new AbortController().signal);
    expect((await tokens.listOf(xia.id)).map(({ name }) => name)).to.deep.equal(['ended']);
  });
});

describe('accounts: personal API tokens of several managers', () => {
  const open = opener('postgresql');
  let here: TestManager;
  let there: TestManager;

  before(async () => {
    const options = await open.options();
    here = await openTestManager(options);
    there = await openTestManager(options, { instance: 'there' });
  });
  after(async () => {
    await here?.manager.close();
    await there?.manager.close();
  });

  it('are good at each, and at none from the moment on that it hears of their end', async () => {
    const { users, tokens } = here.manager;
    const heard = async (work: () => Promise<unknown>, isWanted: () => boolean) => {
      await work();
      while (!isWanted()) await once(there.manager.events, 'account');
    };
    const { user } = await users.create({ name: 'vera', role: 'operator' }, 'admin');
    const [one, other] = [
      await tokens.create({ name: 'one', role: 'operator' }, { id: user.id, role: 'operator' }),
      await tokens.create({ name: 'other', role: 'operator' }, { id: user.id, role: 'operator' }),
    ];
    const roleThere = (token: string) => there.manager.tokens.check(token)?.role ?? null;
    await heard(
      async () => undefined,
      () => roleThere(other.token) === 'operator',
    );
    expect(roleThere(one.token)).to.equal('operator');
    await heard(
      () => tokens.revoke(one.id, null),
      () => roleThere(one.token) === null,
    );
    await heard(
      () => users.update(user.id, { role: 'viewer' }),
      () => roleThere(other.token) === 'viewer',
    );
    await heard(
      () => users.remove(user.id),
      () => roleThere(other.token) === null,
    );
  });
});
