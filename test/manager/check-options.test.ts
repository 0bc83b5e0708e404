import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { expect } from 'chai';
import type { BrokerOptions, EmqxOptions } from '../../nodes/manager/broker/options.js';
import { checkOptions, type Finding } from '../../nodes/manager/composition/check-options.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import { opener } from '../support/databases.js';
import { freePort } from '../support/free-port.js';
import { openTestManager } from '../support/manager.js';
import { temporaryFolder } from '../support/node-red-process.js';
import { postgres } from '../support/postgres.js';
import { TPEDM_TABLES } from '../support/tpedm-schema.js';
import { json, KEY, openRestServer, type RestServer, v5 } from './broker/emqx-rig.js';
import { openPlainBroker } from './broker/mqtt-rig.js';

const HERE: BrokerOptions = { kind: 'embedded', host: '127.0.0.1', port: 0 };

describe('test of a configuration', () => {
  const databases = opener('postgresql');
  const folders = opener('pglite');

  async function check(
    part: Finding['part'],
    options: { database?: DatabaseOptions; broker?: BrokerOptions },
  ) {
    const folder = temporaryFolder();
    const findings = await checkOptions(
      { database: { kind: 'embedded', folder }, broker: HERE, instance: 'test', ...options },
      null,
    );
    return findings.filter((finding) => finding.part === part);
  }

  async function database(options: DatabaseOptions): Promise<Finding> {
    return (await check('database', { database: options }))[0]!;
  }

  it('tells an empty PostgreSQL database from one with our tables', async () => {
    expect(await database(await databases.emptyOptions()))
      .to.deep.include({ ok: true })
      .and.to.have.property('text')
      .that.contains('will be created');
    expect(await database(await databases.options()))
      .to.have.property('text')
      .that.contains('its tables are there');
  });

  it('recognises the database of a TPEDM', async () => {
    const options = await databases.emptyOptions();
    const name = new URL((options as { url: string }).url).pathname.slice(1);
    await (await postgres()).admin(TPEDM_TABLES, name);
    expect((await database(options)).text).to.contain('a TPEDM are there and will be adopted');
  });

  it('says who may not create tables, and how to allow it', async () => {
    const options = await databases.emptyOptions();
    const url = new URL((options as { url: string }).url);
    const role = `weak_${Date.now()}`;
    const { admin } = await postgres();
    await admin(`create role ${role} login password 'weak-secret'`);
    try {
      url.username = role;
      url.password = 'weak-secret';
      const weak = await database({ kind: 'postgresql', url: url.href });
      expect(weak.ok).to.equal(false);
      expect(weak.text)
        .to.contain(`"${role}"`)
        .and.to.match(/GRANT [^;]*CREATE ON SCHEMA/);
      url.password = 'wrong-secret';
      const wrong = await database({ kind: 'postgresql', url: url.href });
      expect(wrong.ok).to.equal(false);
      expect(wrong.text).to.contain('refused').and.to.contain('password');
      expect(wrong.text).not.to.contain('wrong-secret');
    } finally {
      await admin(`drop role ${role}`);
    }
  });

  it('says when PostgreSQL does not answer, or its URL is none', async () => {
    const away = await database({
      kind: 'postgresql',
      url: `postgresql://u:hidden@127.0.0.1:${await freePort()}/x`,
    });
    expect(away)
      .to.deep.include({ ok: false })
      .and.to.have.property('text')
      .that.contains('cannot be reached');
    const bad = await database({ kind: 'postgresql', url: 'mysql://u:hidden@db/x' });
    expect(bad).to.deep.include({ ok: false });
    expect(away.text + bad.text).not.to.contain('hidden');
  });

  it('says when a folder holds a database already, or cannot be one', async () => {
    expect((await database(await folders.options())).text).to.contain('There is an embedded database');
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect((await database({ kind: 'embedded', folder: join(file, 'below') })).ok).to.equal(false);
  });

  it('says when a port is taken, an address is not here, or a certificate is none', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    try {
      expect((await check('broker', { broker: { ...HERE, port } }))[0]?.text).to.contain(
        `port ${port} on 127.0.0.1 is taken`,
      );
    } finally {
      other.close();
    }
    expect((await check('broker', { broker: { ...HERE, host: '192.0.2.1' } }))[0]?.text).to.contain(
      'has no address 192.0.2.1',
    );
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'bad.pem'), 'no certificate');
    const tls = {
      port: await freePort(),
      certFile: join(folder, 'bad.pem'),
      keyFile: join(folder, 'bad.pem'),
    };
    const findings = await check('broker', { broker: { ...HERE, tls } });
    expect(findings.map((finding) => finding.ok)).to.deep.equal([true, true, false]);
  });

  it('tries an MQTT broker with its account and its topics', async () => {
    const test = await openTestManager(await folders.options());
    const url = `mqtt://127.0.0.1:${test.port}`;
    try {
      const { credential } = await test.manager.registry.register({ clientid: 'gw' });
      const [stranger] = await check('broker', {
        broker: { kind: 'mqtt', url, username: 'gw', password: credential.password },
      });
      expect(stranger?.ok).to.equal(false);
      expect(stranger?.text).to.contain(`The broker at ${url} refused the connection`);
      expect(stranger?.text).not.to.contain(credential.password);
    } finally {
      await test.manager.close();
    }
    const [away] = await check('broker', { broker: { kind: 'mqtt', url } });
    expect(away?.text).to.contain('connection refused');
  });

  it('says what an MQTT broker allows', async () => {
    const aedes = await Aedes.createBroker();
    const server = createServer(aedes.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const broker: BrokerOptions = {
      kind: 'mqtt',
      url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    try {
      const [allowed] = await check('broker', { broker });
      expect(allowed).to.deep.include({ ok: true });
      expect(allowed?.text).to.contain('the subscription to /tpedm/+/output');
      aedes.authorizeSubscribe = (_client, _subscription, done) => done(null, null);
      const [refused] = await check('broker', { broker });
      expect(refused).to.deep.include({ ok: false });
      expect(refused?.text).to.contain('accepted the connection, but refused /tpedm/+/output');
    } finally {
      server.close();
      aedes.close();
    }
  });

  describe('with EMQX', () => {
    let server: RestServer;
    beforeEach(async () => {
      const clients = { data: [], meta: {} };
      server = await openRestServer(
        v5(({ path }) => (path === '/api/v5/clients_v2' ? json(clients) : undefined)),
      );
    });
    afterEach(() => server.close());

    const emqx = (more: Partial<EmqxOptions> = {}) =>
      check('broker', { broker: { kind: 'emqx', apiUrl: server.url, ...KEY, events: 'webhook', ...more } });

    it('says its version, and that it takes the key', async () => {
      const findings = await emqx();
      expect(findings).to.deep.equal([
        {
          part: 'broker',
          ok: true,
          text: `EMQX 5.8.9 at ${server.url} accepts the API key and lists its clients.`,
        },
      ]);
    });

    it('says what is wrong with the key, its rights, the address and the options', async () => {
      const words = async (more: Partial<EmqxOptions> = {}) => {
        const [finding] = await emqx(more);
        expect(finding).to.include({ ok: false });
        expect(finding?.text).not.to.include(KEY.apiSecret);
        return finding?.text;
      };
      expect(await words({ apiUrl: `http://127.0.0.1:${await freePort()}` })).to.include(
        'connection refused',
      );
      expect(await words({ apiUrl: 'emqx' })).to.include('must look like http://host:18083');
      expect(await words({ events: 'mqtt' })).to.include('needs an MQTT connection');
      server.answer(
        v5(({ path }) => (path.includes('clients') ? json({ code: 'UNAUTHORIZED_ROLE' }, 403) : undefined)),
      );
      expect(await words()).to.include('no right to GET /api/v5/clients_v2');
      server.answer(() => json({ code: 'BAD_API_KEY_OR_SECRET', message: 'Check api_key/api_secret' }, 401));
      expect(await words()).to.include('refuses the API key');
    });

    it('tries the MQTT connection too, with what it is for', async () => {
      const plain = await openPlainBroker({
        authorizeSubscribe: (_client, subscription, done) =>
          done(null, subscription.topic.startsWith('$SYS') ? null : subscription),
      });
      try {
        const [, commands] = await emqx({ mqtt: { url: plain.url, sharedGroup: 'workers' } });
        expect(commands).to.deep.include({ ok: true });
        expect(commands?.text).to.include('commands are sent through it');
        const [, events] = await emqx({ mqtt: { url: plain.url }, events: 'mqtt' });
        expect(events).to.deep.include({ ok: false });
        expect(events?.text).to.include('$SYS/brokers/+/clients/+/connected');
        const [, group] = await emqx({ mqtt: { url: plain.url, sharedGroup: 'a/b' }, events: 'mqtt' });
        expect(group?.text).to.include('The shared group "a/b"');
      } finally {
        await plain.close();
      }
    });
  });

  it('names topics that cannot work', async () => {
    const findings = await checkOptions(
      {
        database: { kind: 'embedded', folder: temporaryFolder() },
        broker: HERE,
        instance: 'test',
        topics: { input: '/x' },
      },
      null,
    );
    expect(findings.at(-1)).to.deep.include({ part: 'topics', ok: false });
  });
});
