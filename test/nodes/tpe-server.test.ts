import { expect } from 'chai';
import type { Finding } from '../../nodes/manager/composition/check-options.js';
import type { ServerNode } from '../../nodes/node-red/server/server-node.js';
import tpeServer from '../../nodes/tpe-server/tpe-server.js';
import { freePort } from '../support/free-port.js';
import { helper, nodeOf } from '../support/node-red-helper.js';
import { temporaryFolder } from '../support/node-red-process.js';

describe('node tpe-server', () => {
  let folder: string;
  let port: string;

  const config = () => ({ registry: 'embedded', dataFolder: folder, broker: 'embedded', port });

  async function test(body: object): Promise<{ status: number; body: unknown }> {
    return helper.request().post('/tpe-server/test').send(body);
  }

  const textOf = (findings: unknown, part: Finding['part']) =>
    (findings as Finding[])
      .filter((finding) => finding.part === part)
      .map(({ ok, text }) => `${ok}: ${text}`)
      .join('\\n');

  before(async () => {
    folder = temporaryFolder();
    port = `${await freePort()}`;
    const credentials = {
      server: { databaseUrl: 'postgresql://someone:stored-secret@127.0.0.1:9/none', password: 'p' },
    };
    await helper.load(tpeServer as never, [{ id: 'server', type: 'tpe-server', ...config() }], credentials);
  });
  after(() => helper.unload());

  it('takes nothing from pages of other hosts', async () => {
    const { status } = await helper
      .request()
      .post('/tpe-server/test')
      .set('Origin', 'http://evil.example')
      .send({ id: 'S', config: config(), credentials: {} });
    expect(status).to.equal(403);
  });

  it('says in words what a form that is not deployed would find, and changes nothing', async () => {
    const { status, body } = await test({ id: 'new', config: config(), credentials: {} });
    expect(status).to.equal(200);
    expect(textOf(body, 'database')).to.equal(
      `true: An embedded database will be made in ${folder}/registry.`,
    );
    expect(textOf(body, 'broker')).to.equal(`true: MQTT: port ${port} on 127.0.0.1 is free.`);
    expect(textOf(body, 'topics')).to.contain('/tpedm/{clientid}/input');
  });

  it('takes a password that was not changed from the deployed node, and never shows it', async () => {
    const unchanged = { databaseUrl: '__PWRD__', username: '', password: '__PWRD__' };
    const { body } = await test({
      id: 'server',
      config: { ...config(), registry: 'postgresql' },
      credentials: unchanged,
    });
    expect(textOf(body, 'database')).to.match(/^false: PostgreSQL cannot be reached: .*127\.0\.0\.1:9/);
    expect(JSON.stringify(body)).not.to.contain('stored-secret');
  });

  it('names a field that is wrong', async () => {
    const { status, body } = await test({
      id: 'new',
      config: { ...config(), port: 'http' },
      credentials: {},
    });
    expect(status).to.equal(400);
    expect(body).to.have.property('error').that.contains('MQTT port');
    expect((await test({ id: 'new', config: { port: { a: 1 } }, credentials: {} })).status).to.equal(400);
    expect((await test({})).status).to.equal(400);
  });

  it('knows the folder and the port that it uses itself', async () => {
    await (nodeOf('server') as ServerNode).getManager();
    const { body } = await test({ id: 'server', config: config(), credentials: {} });
    expect(textOf(body, 'database')).to.contain('in use by this server');
    expect(textOf(body, 'broker')).to.equal(`true: MQTT: port ${port} is open and in use by this server.`);
    const other = await test({ id: 'other', config: config(), credentials: {} });
    expect(textOf(other.body, 'broker')).to.equal(
      `false: MQTT: port ${port} on 127.0.0.1 is taken by another program: stop it, or choose another port.`,
    );
  });
});
