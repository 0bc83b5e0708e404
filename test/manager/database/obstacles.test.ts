import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { TPEDM_TABLES } from '../../support/tpedm-schema.js';

const ROWS = `
  insert into mqtt_user (clientid, username, password) values ('gw-1', 'user-1', 'one'), ('gw-2', 'user-2', 'two');
  insert into clientid_profile (clientid, connection_status, model_name, serial_number, created_at)
    values ('gw-1', true, 'UC-8112A', 'S1', 1650000000), ('gw-2', false, 'AIG-301', 'S2', 1650000001);
  insert into dm_category (name) values ('Mine');
  insert into dm_operation (categoryid, name, command) values (1, 'My own', '{"path": "/mine"}');`;

/** What sites have put on TPEDM's tables that stands in nobody's way. */
const HARMLESS: Readonly<Record<string, string>> = {
  'a view': 'create view my_report as select clientid, model_name, serial_number from clientid_profile',
  'a view of everything':
    'create view everything as select clientid_profile.*, mqtt_user.username, mqtt_user.password from clientid_profile join mqtt_user using (clientid)',
  'a view on a view': `create view one as select model_name from clientid_profile; create view two as select * from one`,
  'a materialized view':
    'create materialized view snapshot as select clientid, host_name, tpe_version from clientid_profile',
  'a function': `create function gateways() returns setof clientid_profile language sql as 'select * from clientid_profile'`,
  'a trigger of columns': `create table log (text text);
    create function note() returns trigger language plpgsql as $$ begin insert into log values (new.host_name); return new; end $$;
    create trigger note before update of host_name, model_name on clientid_profile for each row execute function note()`,
  'a trigger on passwords': `create function stamp() returns trigger language plpgsql as $$ begin new.is_superuser = false; return new; end $$;
    create trigger stamp before insert or update on mqtt_user for each row execute function stamp()`,
  'a foreign key to it':
    'create table parts (id serial primary key, owner varchar references mqtt_user (clientid)); insert into parts (owner) values ($$gw-1$$)',
  'a foreign key that waits': `create table parts (id serial primary key, owner varchar references mqtt_user (clientid) deferrable initially deferred);
    insert into parts (owner) values ('gw-1')`,
  'a generated column': `alter table clientid_profile add column label text generated always as (coalesce(host_name, '') || coalesce(model_name, '')) stored`,
  'columns and indexes': `alter table clientid_profile add column customer text not null default 'nobody';
    create index mine on clientid_profile (model_name, lower(serial_number)); create unique index mine_too on mqtt_user (username, clientid)`,
  'a check': `alter table clientid_profile add constraint known check (model_name is null or model_name <> '')`,
  'a publication': 'create publication replica for table clientid_profile, mqtt_user',
  'extended statistics':
    'create statistics related (dependencies) on model_name, tpe_version from clientid_profile',
  'varchar for all names':
    'alter table clientid_profile alter column clientid type varchar(255), alter column host_name type varchar(20)',
  'ids as bigint':
    'alter table mqtt_user alter column id type bigint; alter table clientid_profile alter column id type bigint',
  'times as integer':
    'alter table clientid_profile alter column created_at type integer, alter column profile_updated_at type integer, alter column connection_status_updated_at type integer',
  'text for all names':
    'alter table mqtt_user alter column clientid type text, alter column password type text; alter table clientid_profile alter column clientid type text',
  'a short password':
    'alter table mqtt_user alter column password type varchar(20), alter column salt type varchar(8)',
  'missing columns':
    'alter table clientid_profile drop column bios_version, drop column new_scaned_package, drop column profile_updated_at; alter table mqtt_user drop column is_superuser, drop column salt',
  'a comment': `comment on table clientid_profile is 'ours'; comment on column mqtt_user.password is 'plain'`,
  'ids that were put in by hand': 'update mqtt_user set id = id + 2; update clientid_profile set id = id + 2',
  'ids from a sequence that belongs to nobody':
    "create sequence mine; alter table clientid_profile alter column id set default nextval('mine')",
  'tables without keys':
    'alter table mqtt_user drop constraint mqtt_user_pkey, drop constraint mqtt_user_clientid_key; alter table clientid_profile drop constraint clientid_profile_pkey; drop index clientid_profile_idx',
  'names too long for an index': `update clientid_profile set host_name = (select string_agg(md5(n::text), '') from generate_series(1, 300) as n), bios_version = host_name, serial_number = serial_number || repeat('x', 5000)`,
  'no catalogue': 'drop table dm_operation; drop table dm_category',
};

/** What stands in the way: the SQL that makes it, what the refusal has to say, and (else what is said) the SQL to run. */
const IN_THE_WAY: Readonly<Record<string, [make: string, says: RegExp, remedy?: string]>> = {
  'a limited column under a view': [
    'alter table clientid_profile alter column host_name type varchar(20); create view my_report as select host_name from clientid_profile; create view second as select * from my_report',
    /host_name of clientid_profile.*my_report.*DROP VIEW second; DROP VIEW my_report;/,
    'drop view second; drop view my_report',
  ],
  'a limited column in a generated one': [
    `alter table clientid_profile alter column host_name type varchar(20); alter table clientid_profile add column twice text generated always as (host_name || host_name) stored`,
    /host_name of clientid_profile is character varying\(20\)/,
    'alter table clientid_profile drop column twice',
  ],
  'a rule': [
    'create rule keep as on delete to clientid_profile do instead nothing',
    /DROP RULE "keep" ON clientid_profile;/,
  ],
  'a column of our name': [
    'alter table clientid_profile add column tags text',
    /RENAME COLUMN tags TO tags_of_ours;/,
  ],
  'a table of our name': [
    'create table tpe_command (mine text)',
    /ALTER TABLE tpe_command RENAME TO tpe_command_of_ours;/,
  ],
  'a view of our name': [
    'create view emqx_credential as select 1 as one',
    /ALTER VIEW emqx_credential RENAME TO/,
  ],
  'a sequence of our name': ['create sequence tpe_request_id', /ALTER SEQUENCE tpe_request_id RENAME TO/],
  'an index of our name': [
    'create index clientid_profile_by_site on clientid_profile (model_name)',
    /ALTER INDEX clientid_profile_by_site RENAME TO/,
  ],
  'a type of our name': ['create type tpe_audit as (x integer)', /ALTER TYPE tpe_audit RENAME TO/],
  'a function of our name': [
    `create function tpe_version_key(text) returns integer language sql as 'select 1'`,
    /ALTER FUNCTION tpe_version_key\(text\) RENAME TO/,
  ],
  'migrations of somebody else': [
    'create table tpe_migration (version text)',
    /ALTER TABLE tpe_migration RENAME TO/,
  ],
  'a column that must be given': [
    `alter table clientid_profile add column "Customer No" text; update clientid_profile set "Customer No" = 'x'; alter table clientid_profile alter column "Customer No" set not null`,
    /ALTER COLUMN "Customer No" DROP NOT NULL;/,
    'alter table clientid_profile alter column "Customer No" drop not null',
  ],
  'a renamed column': [
    'alter table mqtt_user rename column clientid to client_id',
    /RENAME COLUMN "client_id" TO clientid;/,
    'alter table mqtt_user rename column client_id to clientid',
  ],
  'names in mixed case': [
    'alter table mqtt_user rename column password to "Password"',
    /RENAME COLUMN "Password" TO password;/,
    'alter table mqtt_user rename column "Password" to password',
  ],
  'a flag as a number': [
    'alter table clientid_profile alter column connection_status type integer using connection_status::integer',
    /ALTER COLUMN connection_status TYPE boolean USING connection_status <> 0;/,
  ],
  'a flag as text': [
    'alter table clientid_profile alter column connection_status type text',
    /ALTER COLUMN connection_status TYPE boolean USING/,
  ],
  'times as timestamps': [
    'alter table clientid_profile alter column created_at type timestamptz using to_timestamp(created_at)',
    /ALTER COLUMN created_at TYPE bigint USING extract\(epoch FROM created_at\)::bigint;/,
  ],
  'times as text': [
    'alter table clientid_profile alter column created_at type text',
    /ALTER COLUMN created_at TYPE bigint USING nullif/,
  ],
  'times as numeric': [
    'alter table clientid_profile alter column created_at type numeric',
    /ALTER COLUMN created_at TYPE bigint USING created_at::bigint;/,
  ],
  'a command as json': [
    'alter table dm_operation alter column command type jsonb using command::jsonb',
    /ALTER COLUMN command TYPE text USING command::text;/,
  ],
  'a client id as char': [
    'alter table mqtt_user alter column clientid type char(50)',
    /ALTER COLUMN clientid TYPE varchar\(100\) USING rtrim\(clientid\);/,
  ],
  'an id without a value': [
    'alter table clientid_profile alter column id drop default',
    /ALTER COLUMN id SET DEFAULT nextval\('clientid_profile_id_next'\);/,
  ],
  'a generated column of TPEDM': [
    `alter table clientid_profile drop column tpe_version; alter table clientid_profile add column tpe_version varchar generated always as ('2.0') stored`,
    /ALTER COLUMN tpe_version DROP EXPRESSION;/,
  ],
  'an heir': [
    'create table archive () inherits (clientid_profile)',
    /inherits from another or has heirs/,
    'drop table archive',
  ],
  'a foreign key between them': [
    'alter table clientid_profile add constraint known foreign key (clientid) references mqtt_user (clientid)',
    /ALTER TABLE clientid_profile ALTER CONSTRAINT "known" DEFERRABLE INITIALLY DEFERRED;/,
  ],
  'client ids twice that others refer to': [
    `drop index clientid_profile_idx; insert into clientid_profile (clientid, created_at) values ('gw-1', 3);
     create table visits (gateway integer references clientid_profile (id) on delete cascade);
     insert into visits values (1)`,
    /"gw-1".*visits.*DELETE FROM clientid_profile WHERE id IN/,
    'delete from clientid_profile where id = 3',
  ],
  'a client id that is too long': [
    `alter table clientid_profile alter column clientid type text; insert into clientid_profile (clientid, created_at) values (repeat('x', 101), 1)`,
    /client ids of more than 100 characters \("x+"\)/,
  ],
  'a view in place of a table': [
    'alter table clientid_profile rename to gateways; create view clientid_profile as select * from gateways',
    /clientid_profile is no plain table \(it is a view\)/,
    'drop view clientid_profile; alter table gateways rename to clientid_profile',
  ],
  'a publication of a table without key': [
    'create publication all_of_it for all tables',
    /ALTER TABLE dm_category REPLICA IDENTITY FULL;/,
    'alter table dm_category replica identity full; alter table dm_operation replica identity full',
  ],
  'a trigger that refuses': [
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'not you'; end $$;
     create trigger refuse before update on mqtt_user for each row execute function refuse()`,
    /not you.*refuse\(\).*DISABLE TRIGGER/,
    'alter table mqtt_user disable trigger refuse',
  ],
};

const SNAPSHOT = `
  select (select count(*)::integer from pg_class where relnamespace = 'public'::regnamespace) as relations,
    (select count(*)::integer from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace = 'public'::regnamespace and not attisdropped) as columns`;

// TPEDM has its tables in a PostgreSQL, so what a site has built on them stands there and nowhere else.
describe('database: adopting one that a site has built upon', () => {
  const open = opener('postgresql');
  let database: Database;
  let log: string[];

  async function prepare(sql: string): Promise<void> {
    database = await openDatabase(await open.emptyOptions());
    log = [];
    await database.execute(`${TPEDM_TABLES} ${ROWS} ${sql};`);
  }
  afterEach(() => database.close());
  const adopt = () => migrate(database, { info: (text) => log.push(text) });

  /** Its gateways log in with what they had, and others come and go. */
  async function works(): Promise<void> {
    const registry = createRegistry(database);
    expect(await registry.authenticate('gw-1', 'user-1', 'one')).to.equal('accepted');
    await registry.register({ clientid: 'new', tags: ['a'] });
    expect((await registry.list({ sort: 'createdAt' })).devices).to.have.length(3);
    expect((await registry.list({ model: 'UC-8112A' })).devices).to.have.length(1);
    expect((await registry.list({ search: 's2', sort: 'modelName' })).devices).to.have.length(1);
    await registry.retire('gw-2');
    expect((await registry.list({})).devices).to.have.length(2);
  }

  for (const [title, sql] of Object.entries(HARMLESS)) {
    it(`goes on with ${title}`, async () => {
      await prepare(sql);
      await adopt();
      await works();
    });
  }

  for (const [title, [make, says, remedy]] of Object.entries(IN_THE_WAY)) {
    it(`says what to run about ${title}, changes nothing, and goes on when it was run`, async () => {
      await prepare(make);
      const before = await database.query(SNAPSHOT);
      const users = await database.query('select * from mqtt_user order by id');
      const error = await errorOf(adopt());
      expect(error).to.have.property('code', 'CONFLICT');
      expect(error.message).to.match(says);
      expect(await database.query(SNAPSHOT)).to.deep.equal(before);
      expect(await database.query('select * from mqtt_user order by id')).to.deep.equal(users);
      await database.execute(remedy ?? sqlIn(error.message));
      await adopt();
      await works();
    });
  }

  it('says everything at once', async () => {
    await prepare('create table tpe_command (x text); alter table clientid_profile add column note integer');
    const { message } = await errorOf(adopt());
    expect(message).to.match(/\(1\).*tpe_command.*\(2\).*note/);
  });

  it('says which rows do not come over as they are', async () => {
    await prepare(`drop index clientid_profile_idx; insert into clientid_profile (clientid, created_at) values ('gw-1', 3), (null, 4);
      insert into mqtt_user (clientid, username, password) values ('gone', 'x', 'y'), ('a/+', 'x', 'y');
      insert into clientid_profile (clientid, created_at) values ('bare', 5)`);
    await adopt();
    const told = log.join('\n');
    expect(told).to.match(/1 rows of clientid_profile without a client id were removed/);
    expect(told).to.match(/1 older rows of clientid_profile.*"gw-1"/);
    expect(told).to.match(/2 credentials in mqtt_user belong to no gateway.*"gone"/);
    expect(told).to.match(/1 gateways have no credential.*"bare"/);
    expect(told).to.match(/1 gateways have a client id.*"a\/\+"/);
  });

  it('keeps one row of each client id also where ids are missing or the same, and says what else is changed', async () => {
    await prepare(`alter table clientid_profile drop constraint clientid_profile_pkey, alter column id drop not null; drop index clientid_profile_idx;
      alter table mqtt_user drop constraint mqtt_user_pkey, drop constraint mqtt_user_clientid_key;
      insert into clientid_profile (id, clientid, model_name, created_at) values (1, 'gw-1', 'newer', 3), (null, 'gw-2', 'no id', 4),
        (null, 'gw-3', null, 5), (null, 'gw-3', null, 5);
      insert into mqtt_user (id, clientid, username, password) values (1, 'gw-1', 'user-1', 'newer one'), (9, 'gw-3', null, 'y'), (9, 'hashed', 'h', md5('x'));
      insert into clientid_profile (clientid, created_at, host_name) values ('hashed', 5, repeat('h', 256))`);
    await adopt();
    const rows = await database.query(
      "select clientid, model_name from clientid_profile where clientid ~ 'gw' order by clientid",
    );
    expect(rows).to.deep.equal([
      { clientid: 'gw-1', model_name: 'newer' },
      { clientid: 'gw-2', model_name: 'AIG-301' },
      { clientid: 'gw-3', model_name: null },
    ]);
    const registry = createRegistry(database);
    expect(await registry.authenticate('gw-1', 'user-1', 'newer one')).to.equal('accepted');
    await registry.register({ clientid: 'new' });
    const told = log.join('\n');
    expect(told).to.match(/3 older rows of clientid_profile.*"gw-1", "gw-2", "gw-3"/);
    expect(told).to.match(/1 older rows of mqtt_user/);
    expect(told).to.match(/1 gateways have no user name.*"gw-3"/);
    expect(told).to.match(/1 passwords look like hashes.*"hashed"/);
    expect(told).to.match(/1 gateways had a name.*"hashed"/);
    expect(told).to.match(/sequence .*mqtt_user_id_seq had stayed behind/);
  });

  it('says what of the site keeps a gateway from being retired, or from being registered', async () => {
    await prepare(
      "create table parts (owner varchar constraint of_gateway references mqtt_user (clientid)); insert into parts values ('gw-1')",
    );
    await adopt();
    const registry = createRegistry(database);
    const kept = await errorOf(registry.retire('gw-1'));
    expect(kept).to.have.property('code', 'CONFLICT');
    expect(kept.message).to.match(/rows of another table refer to it.*23503.*parts.*of_gateway/);
    expect(await registry.get('gw-1')).to.not.equal(null);
    await database.execute('alter table clientid_profile add column floor integer not null default 1');
    await database.execute('alter table clientid_profile alter column floor drop default');
    const refused = await errorOf(registry.register({ clientid: 'gw-3' }));
    expect(refused).to.have.property('code', 'CONFLICT');
    expect(refused.message).to.match(/must be given a value.*floor/);
  });

  it('warns of what comes later, and goes on', async () => {
    await prepare('');
    await adopt();
    await database.execute(`alter table clientid_profile add column owner_name text not null default 'x';
      alter table clientid_profile alter column owner_name drop default`);
    const warnings: string[] = [];
    await migrate(database, { info: () => undefined, warn: (text) => warnings.push(text) });
    expect(warnings.join('\n')).to.match(/owner_name of clientid_profile must be given.*DROP NOT NULL/);
  });
});

/** The statements that a refusal says to run. */
function sqlIn(message: string): string {
  const [, sql] = /Run: (.*?) \(as [^)]*\)/.exec(message) ?? [];
  if (sql === undefined) throw new Error(`no SQL in ${message}`);
  return sql.replace(/; (or|\(a trigger).*/s, ';');
}
