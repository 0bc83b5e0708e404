import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Database, Row } from '../../nodes/manager/database/database.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { opener } from '../support/databases.js';
import { type Emqx, startEmqx } from '../support/emqx/index.js';
import type { PayloadForm } from '../support/emqx/webhook-bodies.js';
import { emqx4 } from '../support/emqx-authentication.js';
import { verdictOf } from '../support/emqx-credentials.js';
import { errorOf } from '../support/errors.js';
import { freePort } from '../support/free-port.js';
import { connectGateway, GENERAL, type TestGateway } from '../support/gateway.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { patienceSeconds } from '../support/patience.js';
import { type RestCaller, restCaller } from '../support/rest-caller.js';
import { TPEDM_TABLES } from '../support/tpedm-schema.js';

const SECRET = 'secret-of-the-webhooks';
const API = { apiKey: 'admin', apiSecret: 'public' };

/** A TPEDM's database, with passwords as its web server writes them, and what a user added. */
const TPEDM = `${TPEDM_TABLES}
  insert into mqtt_user (clientid, username, password) values
    ('pump-1', 'pump', 'moxa'), ('pump-2', 'pump', 'pässwörd of 2'), ('pump-3', 'pump-3', 'moxa');
  insert into clientid_profile (clientid, connection_status, host_name, created_at, connection_status_updated_at)
    values ('pump-1', false, 'Pump house', 1650000000, 1650000200), ('pump-2', null, null, 1650000001, null),
      ('pump-3', true, null, 1650000002, 1650000300);
  insert into dm_category (name) values ('Mine');
  insert into dm_operation (categoryid, name, command) values (1, 'My own', '{"path": "/mine"}');
  create table spare_parts (id serial primary key, clientid varchar references mqtt_user (clientid), part text);
  insert into spare_parts (clientid, part) values ('pump-1', 'fuse'), ('pump-2', null);
  alter table clientid_profile add column inventory text default 'none yet';`;

describe('moving over from TPEDM: its database, its config.json, its EMQX 4.4', () => {
  const open = opener('postgresql');
  let database: Database;
  let port: number;
  let emqx: Emqx;
  let nodeRed: NodeRedProcess;
  let rest: RestCaller;
  let spareParts: Row[];

  before(async () => {
    const options = await open.emptyOptions();
    if (options.kind !== 'postgresql') throw new Error('not a PostgreSQL database');
    database = await openDatabase(options);
    await database.execute(TPEDM);
    spareParts = await database.query('select * from spare_parts order by id');
    port = await freePort();
    emqx = await startTheirEmqx('plain');
    nodeRed = await startNodeRed({
      env: {
        PORT: String(port),
        TPE_WEBHOOK_SECRET: SECRET,
        TPE_TPEDM_CONFIG: configFile(new URL(options.url)),
      },
    });
    rest = restCaller(nodeRed);
    await rest.until('/api/device', ({ status }) => status === 200);
  });
  after(async () => {
    await nodeRed?.stop();
    await emqx?.stop();
    await database?.close();
  });

  /** With the rules of TPEDM's plugin, which sends every message there is. */
  function startTheirEmqx(payloads: PayloadForm, ports: { mqttPort?: number; apiPort?: number } = {}) {
    return startEmqx({
      version: '4.4',
      ...API,
      ...ports,
      webhook: { url: `http://127.0.0.1:${port}/api/emqx/hook`, secret: SECRET, payloads, filters: ['#'] },
      authenticate: async (clientid, username, password) =>
        verdictOf(await emqx4(database, { clientid, username: username ?? '', password })),
    });
  }

  function configFile(url: URL): string {
    const file = join(temporaryFolder(), 'config.json');
    const config = {
      web: { host: '0.0.0.0', port: 80 },
      database: {
        host: url.hostname,
        port: url.port,
        dbName: url.pathname.slice(1),
        user: url.username,
        password: decodeURIComponent(url.password),
      },
      EMQX_Manage_API: {
        soureURI: `${emqx.apiUrl}/api/v4/`,
        headers: {
          Authorization: `Basic ${Buffer.from(`${API.apiKey}:${API.apiSecret}`).toString('base64')}`,
        },
      },
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  const portOf = (url: string) => Number(new URL(url).port);
  const connect = (clientid: string, username: string, password: string) =>
    connectGateway({ clientid, username, password, port: portOf(emqx.mqttUrl) });

  /** It comes online, tells what it is, gets a command, and its answer is read. */
  async function works(gateway: TestGateway): Promise<void> {
    const { clientid } = gateway;
    await rest.until(`/api/device/${clientid}`, ({ data }) => data.connection_status === true);
    const profile = await gateway.nextRequest();
    expect(profile.path).to.equal('/device/general');
    await gateway.answer(profile.requestId, GENERAL);
    const asked = rest.call('POST', `/api/emqx/clients/${clientid}/message?wait=${patienceSeconds(60)}`, {
      path: '/device/time',
      method: 'GET',
    });
    const { requestId } = await gateway.nextRequest();
    const payload = { data: { timezone: `Größe ${requestId}` } };
    await gateway.answer(requestId, payload);
    expect((await asked).data).to.deep.include({ state: 'SUCCEEDED', answer: { status: 200, payload } });
    const { data } = await rest.call('GET', `/api/device/${clientid}`);
    expect(data).to.include({
      status: 'online',
      status_source: 'webhook',
      model_name: GENERAL.data.modelName,
      tpe_version: GENERAL.data.thingsproVersion,
    });
  }

  it('says what it took, and lists what TPEDM knew as it is now', async () => {
    expect(nodeRed.log()).to.match(
      /TPEDM +TPE_BROKER, DATABASE_URL, EMQX_API_URL, EMQX_API_KEY, EMQX_API_SECRET/,
    );
    expect(nodeRed.log()).not.to.contain('only for tests');
    const { data } = await rest.until('/api/device/pump-3', (reply) => !reply.data.connection_status);
    expect(data).to.include({ status: 'offline', status_source: 'reconcile', created_at: 1650000002 });
    expect((await rest.call('GET', '/api/device/pump-1')).data).to.include({
      host_name: 'Pump house',
      status: 'offline',
      status_source: 'tpedm',
    });
    expect((await rest.call('GET', '/api/device/pump-2')).data).to.include({ status: 'never_seen' });
  });

  it('works with an old gateway that keeps its old password', async () => {
    const gateway = await connect('pump-1', 'pump', 'moxa');
    await works(gateway);
    await gateway.leave();
    await rest.until('/api/device/pump-1', ({ data }) => data.status === 'offline');
    const [stored] = await database.query<{ password: string }>(
      "select password from mqtt_user where clientid = 'pump-1'",
    );
    for (const [clientid, password] of [
      ['pump-1', 'pässwörd of 2'],
      ['pump-1', stored!.password],
      ['pump-2', 'moxa'],
    ] as const) {
      expect((await errorOf(connect(clientid, 'pump', password))).message).to.match(/Not authorized/i);
    }
  });

  it('works when EMQX is told to send payloads in base64', async () => {
    const ports = { mqttPort: portOf(emqx.mqttUrl), apiPort: portOf(emqx.apiUrl) };
    await emqx.stop();
    emqx = await startTheirEmqx('base64', ports);
    const gateway = await connect('pump-2', 'pump', 'pässwörd of 2');
    await works(gateway);
    await gateway.leave();
  });

  it('registers new gateways beside the old', async () => {
    const login = { clientid: 'pump-4', username: 'pump-4', password: 'correct horse battery' };
    expect((await rest.call('POST', '/api/device', login)).status).to.equal(200);
    const gateway = await connect(login.clientid, login.username, login.password);
    await works(gateway);
    await gateway.leave();
    expect((await rest.call('GET', '/api/device')).data).to.have.length(4);
  });

  it("leaves the user's table, columns and operations as they are", async () => {
    expect(await database.query('select * from spare_parts order by id')).to.deep.equal(spareParts);
    expect(await database.query('select distinct inventory from clientid_profile')).to.deep.equal([
      { inventory: 'none yet' },
    ]);
    const { data: categories } = await rest.call('GET', '/api/operation/category');
    const mine = categories.find(({ name }: { name: string }) => name === 'Mine');
    const { data: operations } = await rest.call('GET', `/api/operation?categoryid=${mine.id}`);
    expect(operations[0]).to.include({ name: 'My own', command: '{"path": "/mine"}' });
  });
});
