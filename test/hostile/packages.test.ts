import { expect } from 'chai';
import type { CommandRequest } from '../../nodes/manager/commands/command.js';
import { opener } from '../support/databases.js';
import { GENERAL, type TestGateway } from '../support/gateway.js';
import { onlineGateway, openTestManager, type TestManager } from '../support/manager.js';

const EVIL = 'https://files.thingsprocloud.com\\@evil.example/x.yaml';

describe('hostile: where a gateway is told to load software from', () => {
  const open = opener('pglite');
  let test: TestManager;
  let gateway: TestGateway;

  before(async () => {
    test = await openTestManager(await open.options(), { packageHosts: ['mirror.example.com'] });
    gateway = await onlineGateway(test, 'A');
    await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
  });
  after(() => test.manager.close());

  const requests: Omit<CommandRequest, 'clientid'>[] = [
    { operation: 'post-upgrades-post-one-upgrades', requestBody: { url: EVIL, install: true } },
    { method: 'POST', path: '/upgrades', requestBody: { url: EVIL, install: true } },
    { method: 'post', path: '/api/v1/upgrades', requestBody: { URL: EVIL, install: true } },
    { method: 'POST', path: '/upgrades?url=https://evil.example/x.yaml', requestBody: {} },
    { operation: 'post-system-upgrade', requestBody: { mode: 'file', url: EVIL, allowReboot: true } },
    {
      operation: 'post-system-upgrade',
      requestBody: { mode: 'file', url: 'https://mirror.example.com/a', insecure: true, allowReboot: true },
    },
    {
      operation: 'post-system-upgrade-file',
      requestBody: { source: 'url', url: 'http://mirror.example.com/a' },
    },
    { operation: 'put-function-requirements', requestBody: { pip: ['a @ https://evil.example/a.whl'] } },
    { operation: 'patch-azure-iotedge', requestBody: { edgeAgentURI: 'evil.example/agent:1' } },
    { operation: 'own-load', requestBody: { url: EVIL } },
  ];
  for (const request of requests) {
    it(`reaches it from no other host: ${JSON.stringify(request).slice(0, 110)}`, async () => {
      await test.manager.catalogue.saveOperation({
        ...{ id: 'own-load', category: 'Ours', name: 'Load', method: 'POST', path: '/upgrades' },
        bodySchema: { type: 'object' },
        bodyExample: {},
      });
      for (const check of ['refuse', 'warn'] as const) {
        const before = gateway.received.length;
        const record = await test.manager.commands.send({ clientid: 'A', ...request, check });
        // What is not spelled plainly is refused for that already.
        expect(record.state).to.equal('REJECTED');
        expect(`${record.reasonCode}: ${record.reason}`).to.match(
          /^FORBIDDEN: (Gateways are not told to|Where .* stands in the body)|^INVALID_INPUT: "path" must be written plainly/,
        );
        expect(gateway.received.length).to.equal(before);
      }
    });
  }

  for (const path of ['/api/v1/Upgrades', '/upgrades/', '/x/../%75pgrades;a', '/./upgrades', '//upgrades']) {
    it(`is not told by a path that is not written plainly: ${path}`, async () => {
      const before = gateway.received.length;
      const requestBody = { url: 'https://evil.example/x.yaml' };
      const record = await test.manager.commands.send({ clientid: 'A', method: 'POST', path, requestBody });
      expect(record).to.include({ state: 'REJECTED', reasonCode: 'INVALID_INPUT' });
      expect(record.reason).to.contain('written plainly');
      expect(gateway.received.length).to.equal(before);
    });
  }

  it('is told as the parser wrote it', async () => {
    const url = 'HTTPS://MIRROR.example.com:443/a/../b.yaml?x=1';
    const { requestId } = await test.manager.commands.submit({
      ...{ clientid: 'A', method: 'POST', path: '/upgrades', requestBody: { url, install: true } },
    });
    const { requestBody } = await gateway.nextRequest();
    expect(requestBody).to.deep.equal({ url: 'https://mirror.example.com/b.yaml?x=1', install: true });
    await gateway.answer(requestId);
  });

  it('is no question of who installs', async () => {
    const packages = [{ category: 'tpe' as const, version: '9', yamlUrl: EVIL }];
    const installation = await test.manager.installations.start({
      ...{ clientid: 'A', requestedBy: 'a' },
      packages: packages as never,
    });
    expect(installation.state).to.equal('REJECTED');
    expect(installation.reason).to.contain('backslash');
  });
});
