import { expect } from 'chai';
import { opener } from '../support/databases.js';
import { EMQX_VERSIONS, recordedScenarios } from '../support/emqx-recordings.js';
import { anyJson, assault, spoilt } from '../support/hostile.js';
import { openWebhookManager, type WebhookManager } from '../support/webhook-manager.js';

describe('hostile: bodies of webhooks', () => {
  const open = opener('pglite');
  let test: WebhookManager;
  let moment = Date.now();

  before(async () => {
    test = await openWebhookManager(await open.options());
    for (const clientid of ['dev-001', 'honest']) await test.manager.registry.register({ clientid });
  });
  after(() => test.close());
  afterEach('and the next good one is taken', async () => {
    moment += 1000;
    await test.manager.takeWebhook({
      ...{ action: 'client_connected', clientid: 'honest', username: 'honest', connected_at: moment },
      ...{ keepalive: 60, proto_ver: 4, ipaddress: '10.0.0.9' },
    });
    const honest = await test.manager.registry.get('honest');
    expect(honest).to.include({ status: 'online', ipAddress: '10.0.0.9' });
  });

  it('are taken or clearly refused when they are noise', () => assault(anyJson, test.manager.takeWebhook));

  for (const version of EMQX_VERSIONS) {
    it(`are taken or clearly refused when they are spoilt ones of EMQX ${version}`, async () => {
      const bodies = Object.values(recordedScenarios(version)).flatMap(({ requests }) =>
        requests.map(({ body_raw }) => JSON.parse(body_raw) as unknown),
      );
      await assault(spoilt(...bodies), test.manager.takeWebhook);
    });
  }

  it('leave a gateway of which they tell nonsense as a person can read it', async () => {
    const device = await test.manager.registry.get('dev-001');
    expect(device?.status).to.be.oneOf(['online', 'offline', 'never_seen']);
    const { devices } = await test.manager.registry.list({});
    expect(devices.map(({ clientid }) => clientid)).to.include('dev-001');
  });
});
