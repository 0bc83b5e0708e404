import { once } from 'node:events';
import { expect } from 'chai';
import { eachDatabaseOptions, opener } from '../../support/databases.js';
import { GENERAL, type TestGateway } from '../../support/gateway.js';
import { nextEvent, onlineGateway, openTestManager, type TestManager } from '../../support/manager.js';
import { metricsIn } from '../../support/metrics.js';
import { openWebhookManager, type WebhookManager } from '../../support/webhook-manager.js';

eachDatabaseOptions('metrics of a manager', (freshDatabase) => {
  let test: TestManager;
  let gateway: TestGateway;
  const value = async (name: string) => metricsIn(await test.manager.metrics.metrics()).get(name);

  before(async () => {
    test = await openTestManager(await freshDatabase());
    // A comparison that meets the gateway before its event does counts as drift, and this one has nothing to meet.
    while (test.manager.health().presence.checkedAt === null) await once(test.manager.events, 'health');
    gateway = await onlineGateway(test, 'A');
    const { requestId } = await gateway.nextRequest();
    const stored = nextEvent(test.manager, 'device', ({ change }) => change === 'profile');
    await gateway.answer(requestId, GENERAL);
    await stored;
  });
  after(() => test.manager.close());

  it('count events, and time them to the database', async () => {
    const labels = 'type="connected",source="embedded broker",outcome="stored"';
    expect(await value(`tpedm_intake_events_total{${labels}}`)).to.equal(1);
    expect(await value('tpedm_intake_seconds_count{type="connected"}')).to.equal(1);
    expect(await value('tpedm_intake_seconds_sum{type="connected"}')).to.be.greaterThan(0);
    expect(await value('tpedm_flush_items_sum{write="presence"}')).to.equal(1);
    expect(await value('tpedm_flush_seconds_sum{write="presence"}')).to.be.greaterThan(0);
    expect(await value('tpedm_flush_waiting{write="presence"}')).to.equal(0);
  });

  it('count commands by their states, and time the answers', async () => {
    const before = (await value('tpedm_commands_total{state="FAILED",code=""}')) ?? 0;
    const flying = test.manager.commands.send({ clientid: 'A', method: 'GET', path: '/device/time' });
    const { requestId } = await gateway.nextRequest();
    expect(await value('tpedm_commands_open{state="SENT"}')).to.equal(1);
    await gateway.answer(requestId, { error: { message: 'no clock' } }, 500);
    await flying;
    expect(await value('tpedm_commands_total{state="FAILED",code=""}')).to.equal(before + 1);
    expect(await value('tpedm_command_seconds_count{state="FAILED"}')).to.equal(before + 1);
    expect(await value('tpedm_commands_open{state="SENT"}')).to.equal(0);
    await test.manager.commands.send({ clientid: 'nobody', method: 'GET', path: '/device/time' });
    expect(await value('tpedm_commands_total{state="REJECTED",code="NOT_FOUND"}')).to.equal(1);
  });

  it('tell an answer from one that came again, and from one to nothing that was asked', async () => {
    const flying = test.manager.commands.send({ clientid: 'A', method: 'GET', path: '/device/time' });
    const { requestId } = await gateway.nextRequest();
    const answers = (await value('tpedm_messages_total{kind="answer"}'))!;
    await gateway.answer(requestId, {});
    await flying;
    await gateway.answer(requestId, {});
    await gateway.answer('987654321', {});
    expect(await value('tpedm_messages_total{kind="answer"}')).to.equal(answers + 1);
    expect(await value('tpedm_messages_total{kind="duplicate"}')).to.equal(1);
    expect(await value('tpedm_messages_total{kind="unmatched"}')).to.equal(1);
  });

  it('tell how the fleet stands, and follow it', async () => {
    expect(await value('tpedm_gateways{status="online"}')).to.equal(1);
    expect(await value('tpedm_gateways{status="never_seen"}')).to.equal(0);
    await test.manager.registry.register({ clientid: 'B' });
    expect(await value('tpedm_gateways{status="never_seen"}')).to.equal(1);
    expect(await value('tpedm_up{part="database"}')).to.equal(1);
    expect(await value('tpedm_up{part="broker"}')).to.equal(1);
    expect(await value('tpedm_presence_drift')).to.equal(0);
  });
});

describe('metrics of webhooks', () => {
  const open = opener('pglite');
  let test: WebhookManager;
  before(async () => {
    test = await openWebhookManager(await open.options());
  });
  after(() => test.close());

  it('count them by what became of them', async () => {
    await test.manager.registry.register({ clientid: 'A' });
    const hook = { action: 'client_connected', clientid: 'A', username: 'A', connected_at: 1_760_000_000 };
    await Promise.all([test.manager.takeWebhook(hook), test.manager.takeWebhook(hook)]);
    await test.manager.takeWebhook('nonsense').catch(() => undefined);
    const metrics = metricsIn(await test.manager.metrics.metrics());
    expect(metrics.get('tpedm_webhooks_total{outcome="taken"}')).to.equal(1);
    expect(metrics.get('tpedm_webhooks_total{outcome="repeated"}')).to.equal(1);
    expect(metrics.get('tpedm_webhooks_total{outcome="refused"}')).to.equal(1);
    expect(metrics.get('tpedm_webhooks_waiting')).to.equal(0);
  });
});
