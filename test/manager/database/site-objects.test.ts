import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { errorOf } from '../../support/errors.js';
import { eachServer } from '../../support/postgres-servers.js';
import { TPEDM_TABLES } from '../../support/tpedm-schema.js';

const ROWS = `
  insert into mqtt_user (clientid, username, password) values ('gw-1', 'user-1', 'one');
  insert into clientid_profile (clientid, connection_status, created_at) values ('gw-1', false, 1650000000);`;

const TABLES = ['mqtt_user', 'clientid_profile', 'dm_category', 'dm_operation'];

eachServer('database: what a site has made on the tables of TPEDM', (server) => {
  let name: string;
  const open: Database[] = [];

  beforeEach(async () => {
    name = await server.database();
    await server.admin(`${TPEDM_TABLES} ${ROWS}`, name);
  });
  afterEach(async () => {
    for (const database of open.splice(0)) await database.close();
  });

  async function opened(role?: string): Promise<Database> {
    const database = await openDatabase({ kind: 'postgresql', url: server.url(name, role) });
    open.push(database);
    return database;
  }

  async function adopted(database: Database): Promise<string[]> {
    const log: string[] = [];
    await migrate(database, { info: (text) => log.push(text) });
    return log;
  }

  /** It is changed, registered and retired as ever. */
  async function works(database: Database): Promise<void> {
    const registry = createRegistry(database);
    await registry.update('gw-1', { note: 'changed' });
    await registry.register({ clientid: 'gw-2' });
    await registry.retire('gw-1');
    expect((await registry.list({})).devices.map(({ clientid }) => clientid)).to.deep.equal(['gw-2']);
  }

  it('finds by the search path of the role what it uses, also where the manager is at work', async () => {
    await server.admin(
      `create schema audit; create table audit.changes (what text);
       create function note() returns trigger language plpgsql as $$ begin insert into changes values (tg_op); return null; end $$;
       create trigger note after insert or update or delete on clientid_profile for each row execute function note();
       alter database ${name} set search_path = "$user", public, audit`,
      name,
    );
    const database = await opened();
    await adopted(database);
    await works(database);
    const rows = await server.admin('select distinct what from audit.changes order by 1', name);
    expect(rows).to.deep.equal([{ what: 'DELETE' }, { what: 'INSERT' }, { what: 'UPDATE' }]);
  });

  it('says what a trigger does not find', async () => {
    await server.admin(
      `create function note() returns trigger language plpgsql as $$ begin insert into changes values (tg_op); return null; end $$;
       create trigger note after insert on clientid_profile for each row execute function note()`,
      name,
    );
    const database = await opened();
    await adopted(database);
    const error = await errorOf(createRegistry(database).register({ clientid: 'gw-2' }));
    expect(error).to.have.property('code', 'CONFLICT');
    expect(error.message).to.match(/trigger of yours does not find what it uses.*search_path.*changes/);
  });

  it('says what an event trigger refuses, and goes on when it is disabled', async () => {
    await server.admin(
      `create function no_ddl() returns event_trigger language plpgsql as $$ begin raise 'no changes here'; end $$;
       create event trigger no_ddl on ddl_command_start execute function no_ddl()`,
      name,
    );
    const database = await opened();
    const error = await errorOf(adopted(database));
    expect(error).to.have.property('code', 'CONFLICT');
    expect(error.message).to.match(/P0001.*no changes here.*no_ddl\(\).*ALTER EVENT TRIGGER/);
    await server.admin('alter event trigger no_ddl disable', name);
    await adopted(database);
    await works(database);
  });

  it('goes on being changed by scripts of roles that have no right on our tables', async () => {
    const role = await server.role();
    await server.admin(`grant select, update, delete on clientid_profile to ${role}`, name);
    const database = await opened();
    await adopted(database);
    const script = await opened(role);
    await script.query("update clientid_profile set connection_status = true where clientid = 'gw-1'");
    expect(await database.query('select online from tpe_presence_event')).to.deep.equal([{ online: true }]);
    await script.query("delete from clientid_profile where clientid = 'gw-1'");
    expect(await database.query('select from tpe_presence_event')).to.deep.equal([]);
    const refused = await errorOf(
      script.execute(
        'create temporary table mine (clientid text); create trigger mine after delete on mine for each row execute function public.tpe_forget_presence()',
      ),
    );
    expect(refused).to.have.property('code', '42501');
    await script.close();
    await server.admin(`drop owned by ${role}`, name);
  });

  for (const [title, key] of [
    ['with a key', ''],
    ['without one', 'alter table clientid_profile drop constraint clientid_profile_pkey;'],
  ] as const) {
    it(`is published with whole rows ${title}: it says what to run where that allows no changes`, async () => {
      await server.admin(
        `${key} alter table clientid_profile replica identity full; create publication everything for table clientid_profile`,
        name,
      );
      const database = await opened();
      if (server.isNewest) {
        const error = await errorOf(adopted(database));
        expect(error).to.have.property('code', 'CONFLICT');
        const [, sql] = /Run: (.*?) \(as /.exec(error.message)!;
        expect(sql).to.contain('REPLICA IDENTITY DEFAULT;');
        await server.admin(sql!, name);
      }
      expect((await adopted(database)).join('\n')).to.match(
        /publication everything publishes clientid_profile.*subscriber stops/,
      );
      await works(database);
    });
  }

  it('is worked on by a role that becomes another at once, as its settings say', async () => {
    const [login, owner] = [await server.role(), await server.role()];
    await server.admin(
      `grant create on database ${name} to ${owner}; grant create on schema public to ${owner}; grant ${owner} to ${login};
       alter role ${login} in database ${name} set role = ${owner}; create extension pg_trgm;
       ${TABLES.map((table) => `alter table ${table} owner to ${owner}`).join('; ')}`,
      name,
    );
    const database = await opened(login);
    await adopted(database);
    await works(database);
    const [{ owners }] = (await server.admin(
      "select array_agg(distinct tableowner::text) as owners from pg_tables where schemaname = 'public'",
      name,
    )) as [{ owners: string[] }];
    expect(owners).to.deep.equal([owner]);
    await database.close();
    await server.admin(`drop owned by ${owner} cascade; drop owned by ${login}`, name);
  });
});
