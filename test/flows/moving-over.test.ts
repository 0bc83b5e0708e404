import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import pg from 'pg';
import { type DebianCluster, startDebianCluster } from '../support/debian-postgres.js';
import { DOCKER } from '../support/docker-files.js';
import { openStatement } from '../support/epgsql.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { debianPostgres, skipWithout } from '../support/programs.js';
import { type RestCaller, restCaller } from '../support/rest-caller.js';
import { TPEDM_TABLES } from '../support/tpedm-schema.js';

const run = promisify(execFile);
const GATEWAYS = 300;
const TPEDM_QUERY = 'select password from mqtt_user where username = $1 and clientid = $2 limit 1';
const OUR_QUERY =
  'select password_hash, salt from emqx_credential where username = $1 and clientid = $2 limit 1';

/** "Moving over from TPEDM" of docker/README.md, by command, on a server with all that TPEDM and EMQX 4.4 hold open there. */
describe('moving over from TPEDM, step by step', () => {
  let cluster: DebianCluster;
  let nodeRed: NodeRedProcess | undefined;
  let rest: RestCaller;
  let dump: string;
  const held: (() => Promise<unknown>)[] = [];

  const programs = () => cluster.programs;
  const url = (name = 'postgres') => {
    const { PGHOST, PGPORT, PGUSER, PGPASSWORD } = cluster.environment;
    return `postgresql://${PGUSER}:${encodeURIComponent(PGPASSWORD!)}@${PGHOST}:${PGPORT}/${name}`;
  };
  const command = (name: string, words: string[], env: NodeJS.ProcessEnv = {}) =>
    run(join(programs(), name), words, { env: { ...process.env, ...cluster.environment, ...env } });

  before(async function () {
    const found = debianPostgres();
    skipWithout(this, "Debian's PostgreSQL server", found !== null);
    cluster = await startDebianCluster(found!);
    // As TPEDM has it: the database and the superuser are "postgres", for its web server and for EMQX.
    const client = new pg.Client({ connectionString: url() });
    await client.connect();
    await client.query(`${TPEDM_TABLES}
      insert into mqtt_user (clientid, username, password) select 'gw-' || n, 'user-' || n, 'password ' || n from generate_series(1, ${GATEWAYS}) n;
      insert into clientid_profile (clientid, connection_status, host_name, model_name, created_at)
        select 'gw-' || n, n % 2 = 0, 'Moxa', 'UC-8112A-ME-T-LX', 1650000000 + n from generate_series(1, ${GATEWAYS}) n;
      create view my_report as select clientid, model_name, serial_number from clientid_profile`);
    await client.end();
  });
  after(async () => {
    await nodeRed?.stop();
    for (const end of held.splice(0)) await end();
    await cluster?.stop();
  });

  async function tpedmSession(...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: url() });
    client.on('error', () => undefined);
    await client.connect();
    for (const statement of statements) await client.query(statement);
    held.push(() => client.end());
  }

  it('is backed up while everything runs', async () => {
    // The pool of Flask's SQLAlchemy: idle ones, and one that read and never ended its transaction.
    await tpedmSession('select 1');
    await tpedmSession('begin', 'select * from clientid_profile');
    for (let number = 0; number < 8; number += 1) {
      const statement = await openStatement(url(), TPEDM_QUERY);
      held.push(() => statement.close());
    }
    dump = join(temporaryFolder(), 'tpedm.dump');
    await command('pg_dump', ['--format=custom', `--file=${dump}`, 'postgres']);
  });

  it('says who is in the way where TPEDM and EMQX still run, and changes nothing', async () => {
    const file = join(temporaryFolder(), 'config.json');
    const { PGHOST: host, PGPORT, PGUSER: user, PGPASSWORD: password } = cluster.environment;
    writeFileSync(
      file,
      JSON.stringify({
        database: { host, port: PGPORT, dbName: 'postgres', user, password },
        EMQX_Manage_API: {
          soureURI: 'http://127.0.0.1:9/api/v4/',
          headers: { Authorization: `Basic ${Buffer.from('admin:public').toString('base64')}` },
        },
      }),
    );
    nodeRed = await startNodeRed({ env: { TPE_TPEDM_CONFIG: file } });
    rest = restCaller(nodeRed);
    const { data } = await rest.until('/api/device', ({ status }) => status === 503);
    expect(JSON.stringify(data)).to.match(/waits for the table (mqtt_user|clientid_profile)/);
    expect(nodeRed.log()).to.match(/EMQX 4\.4 leaves its statements open: stop it too; TPEDM's web server/);
    expect(await cluster.admin("select password from mqtt_user where clientid = 'gw-7'")).to.equal(
      'password 7',
    );
  });

  it('goes on by itself when both are stopped', async () => {
    for (const end of held.splice(0)) await end();
    await rest.until('/api/device', ({ status }) => status === 200);
    const { data } = await rest.call('GET', '/api/device/gw-7');
    expect(data).to.include({ clientid: 'gw-7', host_name: 'Moxa', created_at: 1650000007 });
  });

  it('lets EMQX read by a role of its own, with the passwords that gateways have', async () => {
    await run(`${DOCKER}/postgres/20-emqx-role.sh`, {
      env: {
        ...process.env,
        ...cluster.environment,
        PATH: `${programs()}:${process.env.PATH}`,
        PGDATABASE: 'postgres',
        EMQX_DB_PASSWORD: 'of-emqx',
      },
    });
    const emqx = new URL(url());
    emqx.username = 'tpedm_emqx';
    emqx.password = 'of-emqx';
    const statement = await openStatement(emqx.href, OUR_QUERY);
    const [row] = await statement.execute(['user-7', 'gw-7']);
    expect(createHash('sha256').update(`${row![1]}password 7`).digest('hex')).to.equal(row![0]);
    await statement.close();
  });

  it('leaves what the site built, and what TPEDM reads and writes', async () => {
    expect(await cluster.admin('select count(*) from my_report')).to.equal(String(GATEWAYS));
    await cluster.admin(
      "update clientid_profile set connection_status = true, host_name = 'by TPEDM' where clientid = 'gw-9'",
    );
    const { data } = await rest.call('GET', '/api/device/gw-9');
    expect(data).to.include({ host_name: 'by TPEDM' });
  });

  it('is gone back from by the backup, in a database beside this one', async () => {
    await nodeRed!.stop();
    nodeRed = undefined;
    await command('createdb', ['--template=template0', 'before']);
    await command('pg_restore', ['--dbname=before', '--no-owner', '--exit-on-error', dump]);
    const statement = await openStatement(url('before'), TPEDM_QUERY);
    expect(await statement.execute(['user-7', 'gw-7'])).to.deep.equal([['password 7']]);
    await statement.close();
  });
});
