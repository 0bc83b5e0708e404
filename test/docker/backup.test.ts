import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Database } from '../../nodes/manager/database/database.js';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import { type DebianCluster, startDebianCluster } from '../support/debian-postgres.js';
import { dockerFile } from '../support/docker-files.js';
import { copyOfStack, secretOf } from '../support/docker-stack.js';
import { errorOf } from '../support/errors.js';
import { PROJECT_ROOT, temporaryFolder } from '../support/node-red-process.js';
import { debianPostgres, skipWithout } from '../support/programs.js';
import { TPEDM_TABLES } from '../support/tpedm-schema.js';

const run = promisify(execFile);
const silent = { info: () => undefined };
const EVERYTHING = `
  select (select json_agg(u order by id) from mqtt_user u)::text as users,
    (select json_agg(p order by id) from clientid_profile p)::text as profiles,
    (select json_agg(c order by request_id) from tpe_command c)::text as commands,
    (select json_agg(m order by number) from tpe_migration m)::text as migrations`;

/** A TPEDM's database, with a table that somebody added. */
const TPEDM = `${TPEDM_TABLES}
  create table my_table (x integer);
  insert into mqtt_user (clientid, username, password) values ('gw-old', 'user-old', 'in the clear');
  insert into clientid_profile (clientid, created_at) values ('gw-old', 1650000000);
  insert into my_table values (1);`;

describe('docker: backup.sh and restore.sh', () => {
  let cluster: DebianCluster;
  let stack: string;
  let data: string;
  let log: string;
  let environment: NodeJS.ProcessEnv;

  before(async function () {
    const programs = debianPostgres();
    skipWithout(this, 'the server of PostgreSQL', programs !== null);
    skipWithout(this, 'openssl');
    cluster = await startDebianCluster(programs!);
  });
  after(async () => {
    await cluster?.stop();
  });

  /** A new stack: its secrets, the roles and the database that a new container makes, and Node-RED's volume. */
  beforeEach(async () => {
    stack = copyOfStack();
    data = temporaryFolder();
    log = join(temporaryFolder(), 'log');
    await run(join(stack, 'make-secrets.sh'), ['tpedm.example.com']);
    environment = {
      ...process.env,
      ...environmentOf(),
      PATH: `${fakeDocker()}:${cluster.programs}:${process.env.PATH}`,
    };
    await cluster.forgetEverything();
    for (const script of ['10-database.sh', '20-emqx-role.sh']) {
      await run(join(stack, 'postgres', script), { env: environment });
    }
    const database = await open();
    await migrate(database, silent);
    await database.close();
    writeFileSync(join(data, 'flows.json'), '[{"id": "mine"}]');
    mkdirSync(join(data, 'context'));
    writeFileSync(join(data, 'context/.hidden'), 'kept');
  });

  function environmentOf(): NodeJS.ProcessEnv {
    return {
      ...cluster.environment,
      TPEDM_DB_PASSWORD: secretOf(stack, 'TPEDM_DB_PASSWORD'),
      EMQX_DB_PASSWORD: secretOf(stack, 'EMQX_DB_PASSWORD'),
      DATA: data,
      SCRIPTS: join(stack, 'postgres'),
      LOG: log,
    };
  }

  function fakeDocker(): string {
    const folder = temporaryFolder();
    copyFileSync(join(PROJECT_ROOT, 'test/support/fake-docker.sh'), join(folder, 'docker'));
    chmodSync(join(folder, 'docker'), 0o755);
    return folder;
  }

  /** As the device manager, or as EMQX. */
  async function open(user = 'tpedm', secret = 'TPEDM_DB_PASSWORD'): Promise<Database> {
    return await openDatabase({
      kind: 'postgresql',
      url: `postgresql://${user}:${secretOf(stack, secret)}@127.0.0.1:${cluster.port}/tpedm`,
    });
  }

  async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const database = await open();
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  const everything = () => withDatabase(async (database) => (await database.query(EVERYTHING))[0]);
  const register = (clientid: string) =>
    withDatabase((database) =>
      createRegistry(database).register({ clientid, password: `password of ${clientid}` }),
    );

  async function backUp(): Promise<string> {
    const { stdout } = await run(join(stack, 'backup.sh'), { env: environment });
    return stdout.trim();
  }

  const restore = (backup: string, ...words: string[]) =>
    run(join(stack, 'restore.sh'), [backup, ...words], { env: environment });

  it('bring back every row and every file, and the device manager goes on with them', async () => {
    await register('gw-1');
    await register('gw-ü "2"');
    const before = await everything();
    const backup = await backUp();
    await register('gw-later');
    writeFileSync(join(data, 'flows.json'), '[]');
    writeFileSync(join(data, 'later.json'), '{}');

    const { stderr } = await restore(backup, '--yes');

    expect(await everything()).to.deep.equal(before);
    expect(readdirSync(data).toSorted()).to.deep.equal(['context', 'flows.json']);
    expect(readFileSync(join(data, 'flows.json'), 'utf8')).to.equal('[{"id": "mine"}]');
    expect(readFileSync(join(data, 'context/.hidden'), 'utf8')).to.equal('kept');
    await withDatabase(async (database) => {
      await migrate(database, silent);
      const registry = createRegistry(database);
      expect(await registry.authenticate('gw-1', 'gw-1', 'password of gw-1')).to.equal('accepted');
      await registry.register({ clientid: 'gw-after' });
      expect((await registry.list({})).devices).to.have.length(3);
    });
    const [, old] = /kept as (tpedm_before_\w+)\./.exec(stderr) ?? [];
    expect(await cluster.admin(`select count(*) from pg_database where datname = '${old}'`)).to.equal('1');
  });

  it('let EMQX read the credentials again, and nothing more', async () => {
    await register('gw-1');
    await restore(await backUp(), '--yes');
    const emqx = await open('tpedm_emqx', 'EMQX_DB_PASSWORD');
    expect(await emqx.query('select clientid from emqx_credential')).to.deep.equal([{ clientid: 'gw-1' }]);
    expect((await errorOf(emqx.query('select * from mqtt_user'))).message).to.match(/permission denied/);
    await emqx.close();
  });

  it('bring a lost machine back, with the secrets that its gateways know', async () => {
    await register('gw-1');
    const before = await everything();
    const secrets = readFileSync(join(stack, '.env'), 'utf8');
    const authority = readFileSync(join(stack, 'generated/certs/ca.crt'), 'utf8');
    const backup = await backUp();
    // What a new container makes, before anything is in it.
    await cluster.forgetEverything();
    for (const script of ['10-database.sh', '20-emqx-role.sh']) {
      await run(join(stack, 'postgres', script), { env: environment });
    }
    rmSync(join(stack, '.env'));
    rmSync(join(stack, 'generated'), { recursive: true });
    rmSync(join(data, 'flows.json'));

    await restore(backup, '--yes');

    expect(readFileSync(join(stack, '.env'), 'utf8')).to.equal(secrets);
    expect(readFileSync(join(stack, 'generated/certs/ca.crt'), 'utf8')).to.equal(authority);
    expect(await everything()).to.deep.equal(before);
    expect(existsSync(join(data, 'flows.json'))).to.equal(true);
  });

  it('change nothing when the backup is damaged, or nobody confirms it', async () => {
    await register('gw-1');
    const backup = await backUp();
    await register('gw-2');
    const before = await everything();
    for (const answer of ['', 'no\n', 'y\n']) {
      const asked = restore(backup);
      asked.child.stdin?.end(answer);
      expect((await errorOf(asked)).message, answer).to.match(/Nothing has been changed\.\n$/);
    }
    writeFileSync(join(backup, 'database.dump'), 'nonsense');
    expect((await errorOf(restore(backup, '--yes'))).message).to.match(/damaged: nothing has been changed/);
    // Even one that says of itself that it is whole.
    execFileSync('sh', ['-c', 'sha256sum database.dump node-red.tar.gz secrets.tar.gz > SHA256SUMS'], {
      cwd: backup,
    });
    await errorOf(restore(backup, '--yes'));
    expect(await everything()).to.deep.equal(before);
    expect(readFileSync(join(data, 'flows.json'), 'utf8')).to.equal('[{"id": "mine"}]');
  });

  it('keep the backup from the eyes of others', async () => {
    const backup = await backUp();
    for (const name of ['', ...readdirSync(backup)]) {
      expect(statSync(join(backup, name)).mode & 0o077, name).to.equal(0);
    }
    expect(readdirSync(join(stack, 'backups'))).to.have.length(1);
  });

  it('leave no half backup behind', async () => {
    const broken = { ...environment, PGPORT: '1' };
    await errorOf(run(join(stack, 'backup.sh'), { env: broken }));
    expect(readdirSync(join(stack, 'backups'))).to.deep.equal([]);
  });

  it('can be preceded by the database of a TPEDM, as the README says', async () => {
    await cluster.admin('create database tpedm_old');
    const old = { env: { ...environment, PGDATABASE: 'tpedm_old' } };
    await run('psql', ['--quiet', '--command', TPEDM], old);
    const { stdout: dump } = await run('pg_dump', ['--format=custom'], { ...old, encoding: 'buffer' });
    // As the container makes it: nothing of the device manager is in it yet.
    await withDatabase((database) => database.execute('drop schema public cascade; create schema public'));
    const [, words = ''] = /exec -T postgres (pg_restore [^<]*?) </s.exec(dockerFile('README.md')) ?? [];
    const restored = run('/bin/sh', ['-c', words], { env: environment });
    restored.child.stdin?.end(dump);
    await restored;
    await withDatabase(async (database) => {
      await migrate(database, silent);
      const registry = createRegistry(database);
      expect(await registry.authenticate('gw-old', 'user-old', 'in the clear')).to.equal('accepted');
      expect(await database.query('select * from my_table')).to.deep.equal([{ x: 1 }]);
    });
    await run(join(stack, 'postgres/20-emqx-role.sh'), { env: environment });
    const emqx = await open('tpedm_emqx', 'EMQX_DB_PASSWORD');
    expect(await emqx.query('select username from emqx_credential')).to.deep.equal([
      { username: 'user-old' },
    ]);
    await emqx.close();
  });
});
