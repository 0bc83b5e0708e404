import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { Database, Row } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../../nodes/manager/registry/registry.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { TPEDM_TABLES } from '../../support/tpedm-schema.js';

const silent = { info: () => undefined };
const HASH = createHash('sha256').update('pepperan old password').digest('hex');

const TPEDM_ROWS = `
  insert into mqtt_user (clientid, username, password, salt) values
    ('gw-online', 'user-online', 'plain online', null),
    ('gw-offline', 'user-offline', 'x', ''),
    ('gw-new', 'user-new', 'pässwörd \u{1f511}', null),
    ('gw-salted', 'user-salted', 'plain salted', 'unused'),
    ('gw-hashed', 'user-hashed', '${HASH}', 'pepper'),
    ('gw-empty', 'user-empty', null, null),
    ('orphan', 'user-orphan', 'still works at TPEDM', null),
    ('+', 'user-plus', 'a wildcard', null);
  insert into clientid_profile (clientid, connection_status, host_name, model_name, serial_number, firmware_version,
      bios_version, tpe_version, created_at, profile_updated_at, connection_status_updated_at) values
    ('gw-online', true, 'Moxa', 'UC-8112A-ME-T-LX-EU', 'IMOXA1234567', '1.0.0', '1.0.0S01', '2.0.0-1600',
      1650000000, 1650000100, 1650000200),
    ('gw-offline', false, null, null, null, null, null, null, 1650000001, null, 1650000300),
    ('gw-new', null, null, null, null, null, null, null, 1650000002, null, null),
    ('gw-salted', null, null, null, null, null, null, null, 0, null, 9223372036854775807),
    ('gw-hashed', null, null, null, null, null, null, null, 0, null, 0),
    ('gw-empty', null, null, null, null, null, null, null, 0, null, null),
    ('gw-without-credential', null, null, null, null, null, null, null, 0, null, null),
    ('+', null, null, null, null, null, null, null, 0, null, null);
  insert into dm_category (name) values ('Software');
  insert into dm_operation (categoryid, name, command) values (1, 'Mine', '{"path": "/mine"}');`;

eachDatabase('database: adopting one that TPEDM made', (open) => {
  let database: Database;
  let registry: Registry;
  let usersBefore: Row[];

  before(async () => {
    database = await openDatabase(await open.emptyOptions());
    await database.execute(`${TPEDM_TABLES} ${TPEDM_ROWS}
      alter table clientid_profile add column my_inventory_number text;
      update clientid_profile set my_inventory_number = 'INV-' || id;
      create table my_table (id integer primary key, text text);
      insert into my_table values (1, 'mine');`);
    usersBefore = await database.query('select * from mqtt_user order by id');
    await migrate(database, silent);
    registry = createRegistry(database);
  });
  after(() => database.close());

  it('keeps every gateway with its password, whatever it was', async () => {
    const accepts = (clientid: string, password: string) =>
      registry.authenticate(`gw-${clientid}`, `user-${clientid}`, password);
    expect(await accepts('online', 'plain online')).to.equal('accepted');
    expect(await accepts('offline', 'x')).to.equal('accepted');
    expect(await accepts('new', 'pässwörd \u{1f511}')).to.equal('accepted');
    expect(await accepts('salted', 'plain salted')).to.equal('accepted');
    expect(await accepts('hashed', 'an old password')).to.equal('accepted');
    expect(await accepts('online', 'plain offline')).to.equal('wrong_password');
    expect(await accepts('empty', '')).to.equal('wrong_password');
    expect(await registry.authenticate('gw-online', 'user-offline', 'plain online')).to.equal(
      'wrong_username',
    );
  });

  it('leaves no password in the clear, in the form that EMQX verifies', async () => {
    const users = await database.query<{ clientid: string; password: string | null; salt: string | null }>(
      'select clientid, password, salt from mqtt_user order by id',
    );
    for (const { clientid, password, salt } of users) {
      const plain = usersBefore.find((user) => user.clientid === clientid)?.password ?? null;
      if (plain === null) expect(password).to.equal(null);
      else if (clientid === 'gw-hashed')
        expect({ password, salt }).to.deep.equal({ password: HASH, salt: 'pepper' });
      else {
        expect(salt).to.match(/^[0-9a-f]{32}$/);
        expect(password).to.equal(createHash('sha256').update(`${salt}${plain}`).digest('hex'));
      }
    }
    const salts = users.flatMap((user) => user.salt ?? []);
    expect(new Set(salts).size).to.equal(salts.length);
  });

  it('keeps what TPEDM knew, and says where it has it from', async () => {
    expect(await registry.get('gw-online')).to.deep.include({
      username: 'user-online',
      enabled: true,
      status: 'online',
      since: '2022-04-15T05:23:20.000Z',
      source: 'tpedm',
      hostName: 'Moxa',
      modelName: 'UC-8112A-ME-T-LX-EU',
      serialNumber: 'IMOXA1234567',
      firmwareVersion: '1.0.0',
      biosVersion: '1.0.0S01',
      tpeVersion: '2.0.0-1600',
      createdAt: '2022-04-15T05:20:00.000Z',
      profileUpdatedAt: '2022-04-15T05:21:40.000Z',
      site: '',
      note: '',
      tags: [],
    });
    expect(await registry.get('gw-offline')).to.deep.include({
      status: 'offline',
      since: '2022-04-15T05:25:00.000Z',
    });
    expect(await registry.get('gw-new')).to.deep.include({ status: 'never_seen', since: null });
    expect(await registry.get('gw-hashed')).to.deep.include({ status: 'never_seen', createdAt: null });
    const { devices } = await registry.list({});
    expect(devices).to.have.length(8);
  });

  it('leaves the tables and columns of others as they were', async () => {
    expect(await database.query('select * from my_table')).to.deep.equal([{ id: 1, text: 'mine' }]);
    const rows = await database.query('select id, my_inventory_number from clientid_profile');
    for (const row of rows) expect(row.my_inventory_number).to.equal(`INV-${row.id}`);
    expect(await database.query('select name, command from dm_operation')).to.deep.equal([
      { name: 'Mine', command: '{"path": "/mine"}' },
    ]);
    const unique = await database.query(
      "select from pg_index where indrelid in ('mqtt_user'::regclass, 'clientid_profile'::regclass) and indisunique and not indisprimary",
    );
    expect(unique).to.have.length(2);
  });

  it("closes what TPEDM's delete left open, until somebody registers it again", async () => {
    expect(await registry.authenticate('orphan', 'user-orphan', 'still works at TPEDM')).to.equal('unknown');
    expect(await database.query("select enabled from mqtt_user where clientid = 'orphan'")).to.deep.equal([
      { enabled: false },
    ]);
    const { credential } = await registry.register({ clientid: 'orphan', username: 'again' });
    expect(await registry.authenticate('orphan', 'user-orphan', 'still works at TPEDM')).to.equal(
      'wrong_username',
    );
    expect(await registry.authenticate('orphan', 'again', credential.password)).to.equal('accepted');
  });

  it('closes a client id that would reach into the topics of others, and lets nobody open it', async () => {
    expect(await registry.get('+')).to.deep.include({ enabled: false });
    expect(await registry.authenticate('+', 'user-plus', 'a wildcard')).to.equal('unknown');
    expect(await errorOf(registry.update('+', { enabled: true }))).to.have.property('code', 'INVALID_INPUT');
    expect((await registry.retire('+')).clientid).to.equal('+');
  });

  it('gives a gateway without a credential one when asked', async () => {
    expect(await registry.get('gw-without-credential')).to.deep.include({ username: null, enabled: false });
    const error = await errorOf(registry.update('gw-without-credential', { enabled: true }));
    expect(error).to.have.property('code', 'CONFLICT');
    const { username, password } = await registry.rotate('gw-without-credential');
    expect(await registry.authenticate('gw-without-credential', username, password)).to.equal('accepted');
  });
});

eachDatabase('database: adopting one that is not quite as TPEDM makes it', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await openDatabase(await open.emptyOptions());
  });
  afterEach(() => database.close());

  it('keeps the newest row of each client id where the unique indexes are missing, and makes them', async () => {
    await database.execute(`${TPEDM_TABLES}
      alter table mqtt_user drop constraint mqtt_user_clientid_key;
      drop index clientid_profile_idx;
      insert into mqtt_user (clientid, username, password)
        values ('twice', 'old', 'old password'), ('twice', 'new', 'new password'), (null, 'nobody', 'nothing');
      insert into clientid_profile (clientid, host_name, created_at)
        values ('twice', 'old', 1), ('twice', 'new', 2), (null, 'nobody', 3);`);
    await migrate(database, silent);
    const registry = createRegistry(database);
    expect((await registry.list({})).devices.map((device) => device.hostName)).to.deep.equal(['new']);
    expect(await registry.authenticate('twice', 'new', 'new password')).to.equal('accepted');
    expect(await errorOf(registry.register({ clientid: 'twice' }))).to.have.property('code', 'CONFLICT');
  });

  it('refuses to take a column of somebody else for its own, and changes nothing', async () => {
    await database.execute(
      `${TPEDM_TABLES} ${TPEDM_ROWS} alter table clientid_profile add column site integer;`,
    );
    const before = await database.query('select * from mqtt_user order by id');
    const error = await errorOf(migrate(database, silent));
    expect(error).to.have.property('code', 'CONFLICT');
    expect(error.message).to.match(/column "site" of relation "clientid_profile" already exists/);
    expect(await database.query('select * from mqtt_user order by id')).to.deep.equal(before);
  });

  it('hashes all passwords or none', async () => {
    await database.execute(`${TPEDM_TABLES} ${TPEDM_ROWS}
      create function refuse() returns trigger language plpgsql as $$
        begin if old.clientid = 'gw-salted' and new.password <> old.password then raise 'refused'; end if; return new; end $$;
      create trigger refuse before update on mqtt_user for each row execute function refuse();`);
    const plain = 'select clientid, password, salt from mqtt_user order by id';
    const before = await database.query(plain);
    expect((await errorOf(migrate(database, silent))).message).to.match(/003_hash_plain_passwords.*refused/);
    expect(await database.query(plain)).to.deep.equal(before);
    await database.execute('drop trigger refuse on mqtt_user');
    await migrate(database, silent);
    expect(await createRegistry(database).authenticate('gw-salted', 'user-salted', 'plain salted')).to.equal(
      'accepted',
    );
  });
});
