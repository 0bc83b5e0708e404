import { expect } from 'chai';
import { eachDatabase } from '../../support/databases.js';
import type { TestGateway } from '../../support/gateway.js';
import { onlineGateway, openTestManager, type TestManager } from '../../support/manager.js';

eachDatabase('commands: how several stand', (open) => {
  let test: TestManager;
  let gateway: TestGateway;

  beforeEach(async () => {
    test = await openTestManager(await open.options());
    gateway = await onlineGateway(test, 'gw-1');
  });
  afterEach(async () => {
    await gateway.leave();
    await test.manager.close();
  });

  it('is told of each that there is, without bodies', async () => {
    const { commands } = test.manager;
    const request = { clientid: 'gw-1', method: 'GET', path: '/apps' } as const;
    const refused = await commands.send({ ...request, clientid: 'gw-unknown' });
    const sent = await commands.submit(request);
    const outcomes = await commands.outcomes([sent.requestId, refused.requestId, '999999999', 'x']);
    expect(outcomes.map(({ requestId }) => requestId)).to.have.members([refused.requestId, sent.requestId]);
    const told = outcomes.find(({ requestId }) => requestId === refused.requestId);
    expect(told).to.deep.include({ clientid: 'gw-unknown', state: 'REJECTED', answerStatus: null });
    expect(told?.cause?.code).to.equal('gateway-unknown');
    expect(told).not.to.have.any.keys('requestBody', 'answer');
    expect(await commands.outcomes([])).to.deep.equal([]);
  });
});
