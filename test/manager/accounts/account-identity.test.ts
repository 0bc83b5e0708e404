import { expect } from 'chai';
import { createUsers } from '../../../nodes/manager/accounts/create-users.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { eachDatabase, opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { postgres } from '../../support/postgres.js';

const silent = { info: () => undefined };
const NOTHING = { onChange: () => undefined, onOwnChange: () => undefined };
const external = { externalId: 'https://issuer eve', fullName: '', role: 'viewer' } as const;

/** Nobody becomes somebody else by writing the name in another way. */
async function holdsNamesApart(database: Database): Promise<void> {
  const users = createUsers(database, NOTHING);
  const password = 'correct horse';
  for (const name of ['jörg', 'kate', 'strauß'])
    await users.create({ name, role: 'administrator', password }, 'admin');
  for (const name of [
    'JÖRG',
    'JO\u0308RG',
    'Jörg',
    '\u212aate',
    'KATE',
    'STRAUSS',
    'admin',
    'ADMIN',
    'ａｄｍｉｎ',
  ]) {
    expect(await errorOf(users.admitExternal({ ...external, name })), name).to.include({ code: 'CONFLICT' });
    expect(await errorOf(users.create({ name, role: 'viewer', password }, 'admin')), name).to.include({
      code: 'CONFLICT',
    });
  }
  expect((await users.list()).map(({ name }) => name)).to.deep.equal(['jörg', 'kate', 'strauß']);
  // All spellings are one person, who signs in with one password.
  const ids = await Promise.all(['jörg', 'JÖRG', 'JO\u0308RG'].map((name) => users.credentialOf(name)));
  expect(new Set(ids.map((credential) => credential?.id)).size).to.equal(1);
  expect((await users.credentialOf('\u212aate'))?.id).to.equal((await users.credentialOf('kate'))?.id);
}

/** As version 0.1.0 left it. */
async function before015(database: Database): Promise<void> {
  await database.execute(`
    delete from tpe_migration where number in (15, 50);
    drop table tpe_saved_view, tpe_api_token, tpe_account;
    alter table tpe_audit drop column account_id;
    create table tpe_account (
      name varchar(100) primary key,
      full_name text not null default '',
      role text not null check (role in ('viewer', 'operator', 'administrator')),
      password_hash text,
      external_id text unique,
      enabled boolean not null default true,
      created_at timestamptz not null default now(),
      created_by text not null,
      last_login_at timestamptz,
      sessions_from timestamptz not null default now()
    );
    create unique index tpe_account_by_name on tpe_account (lower(name));`);
}

async function comeThroughTheMigration(database: Database, clashing: string[]): Promise<void> {
  await before015(database);
  const names = ['jörg', 'vera', 'ada', ...clashing];
  for (const [index, name] of names.entries())
    await database.query(
      `insert into tpe_account (name, role, password_hash, created_by, created_at)
       values ($1, 'administrator', 'scrypt', 'admin', to_timestamp($2))`,
      [name, 1_000_000 + index],
    );
  const log: string[] = [];
  await migrate(database, { info: (text) => log.push(text) });
  const users = createUsers(database, NOTHING);
  const list = await users.list();
  expect(list).to.have.length(names.length);
  expect(new Set(list.map(({ id }) => id)).size).to.equal(names.length);
  const disabled = list.filter(({ enabled }) => !enabled);
  expect(disabled.map(({ name }) => name)).to.have.members(clashing);
  for (const { id, name, nameClash } of disabled) {
    expect(nameClash).to.equal(true);
    expect(log.filter((line) => line.includes(`${JSON.stringify(name)} was disabled`))).to.have.length(1);
    expect(await errorOf(users.update(id, { enabled: true }))).to.include({ code: 'CONFLICT' });
    await users.remove(id);
  }
  for (const name of ['jörg', 'vera', 'ada']) {
    const { id } = list.find((user) => user.name === name)!;
    expect((await users.credentialOf(name.toUpperCase()))?.id).to.equal(id);
  }
  await migrate(database, silent);
}

eachDatabase('accounts: who somebody is', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  it('is not changed by another spelling of a name', () => holdsNamesApart(database));

  // By this index they could not all be there, whatever the locale.
  it('is given to the people who are there already, of whom the first keeps a name', () =>
    comeThroughTheMigration(database, ['ａｄａ', 'ａｄｍｉｎ']));
});

describe('accounts: who somebody is, where lower() knows ASCII alone (lc_ctype C)', () => {
  opener('postgresql');
  let database: Database;

  beforeEach(async () => {
    const server = await postgres();
    await server.admin('drop database if exists tpedm_c');
    await server.admin(
      "create database tpedm_c template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C' locale_provider libc",
    );
    database = await openDatabase({ kind: 'postgresql', url: server.url('tpedm_c') });
    await migrate(database, silent);
    const [row] = await database.query<{ lower: string }>("select lower('JÖRG')");
    expect(row?.lower).to.equal('jÖrg');
  });
  afterEach(() => database.close());

  it('is not changed by another spelling of a name', () => holdsNamesApart(database));

  it('is given to the people who are there already, of whom the first keeps a name', () =>
    comeThroughTheMigration(database, ['JÖRG', 'ａｄａ']));
});
