import { expect } from 'chai';
import * as fc from 'fast-check';
import { opener } from '../support/databases.js';
import { GENERAL, type TestGateway } from '../support/gateway.js';
import { anyJson, assault, spoilt } from '../support/hostile.js';
import { onlineGateway, openTestManager, type TestManager } from '../support/manager.js';
import { patience } from '../support/patience.js';

const answerTo = (requestId: string | number) => ({
  'request-id': requestId,
  state: 200,
  status: 200,
  method: 'GET',
  path: '/device/general',
  payload: JSON.stringify(GENERAL),
});

describe('hostile: what a gateway publishes', () => {
  const open = opener('pglite');
  let test: TestManager;
  let gateway: TestGateway;

  before(async () => {
    test = await openTestManager(await open.options(), { commandTimeoutMs: patience(30_000) });
    gateway = await onlineGateway(test, 'A');
    await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
  });
  after(() => test.manager.close());

  const publish = (payload: string | Buffer) => gateway.publish('/tpedm/A/output', payload);

  afterEach('and the next command is answered', async () => {
    const request = { clientid: 'A', method: 'GET', path: '/device/time' } as const;
    const { requestId } = await test.manager.commands.submit(request);
    await gateway.answer(requestId, { data: 'well' });
    const record = await test.manager.commands.waitFor(requestId, patience(60_000));
    expect(record?.answer?.payload).to.deep.equal({ data: 'well' });
    expect((await test.manager.registry.get('A'))?.status).to.equal('online');
  });

  it('is acknowledged and harms nothing when it is noise', () =>
    assault(fc.uint8Array({ maxLength: 4000 }), (bytes) => publish(Buffer.from(bytes))));

  it('is acknowledged and harms nothing when it is any JSON', () =>
    assault(anyJson, (value) => publish(JSON.stringify(value))));

  it('is acknowledged and harms nothing when it is a spoilt answer, also to what was asked', async () => {
    await assault(spoilt(answerTo('1'), answerTo(-1), answerTo(2 ** 53)), (value) =>
      publish(JSON.stringify(value)),
    );
    await assault(
      spoilt(answerTo('REQUEST')),
      async (value) => {
        const { requestId } = await test.manager.commands.submit({
          ...{ clientid: 'A', method: 'GET', path: '/device/general' },
        });
        await publish(JSON.stringify(value).replaceAll('REQUEST', requestId));
        const timely = JSON.stringify(answerTo(requestId));
        await publish(timely);
        const record = await test.manager.commands.waitFor(requestId, patience(60_000));
        expect(record?.state).to.be.oneOf(['SUCCEEDED', 'FAILED']);
      },
      undefined,
      30,
    );
  });
});
