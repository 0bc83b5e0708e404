import { expect } from 'chai';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import type { AnswerOutput } from '../../../nodes/manager/intake/gateway-output.js';
import { connectionReason } from '../../../nodes/manager/registry/connection-reasons.js';
import { eachDatabaseOptions } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { connectGateway, GENERAL, type TestGateway } from '../../support/gateway.js';
import {
  nextEvent,
  onlineGateway,
  openTestManager,
  presenceOf,
  type TestManager,
} from '../../support/manager.js';
import { patience, runsOut } from '../../support/patience.js';

const PATH = '/system/sshserver';

eachDatabaseOptions('commands: a request and its answer over real MQTT', (freshDatabase) => {
  let test: TestManager;
  let number = 0;

  before(async () => {
    test = await openTestManager(await freshDatabase(), { commandTimeoutMs: patience(30_000) });
  });
  after(() => test.manager.close());

  const newId = () => {
    number += 1;
    return `gw-${number}`;
  };

  /** A connected gateway that was asked for its profile and has answered. */
  async function settledGateway(clientid = newId()): Promise<TestGateway> {
    const gateway = await onlineGateway(test, clientid);
    const stored = nextEvent(
      test.manager,
      'device',
      (event) => event.clientid === clientid && event.change === 'profile',
    );
    const request = await gateway.nextRequest();
    expect(request.path).to.equal('/device/general');
    await gateway.answer(request.requestId, GENERAL);
    await stored;
    return gateway;
  }

  const send = (clientid: string, more: object = {}) =>
    test.manager.commands.send({ clientid, path: PATH, method: 'get', ...more });

  it("sends exactly TPE's request at QoS 1, and records the answer", async () => {
    const gateway = await settledGateway();
    const sent = send(gateway.clientid, {
      method: 'put',
      requestBody: { enable: true, port: 22 },
      requestedBy: 'Ada',
    });
    const request = await gateway.nextRequest();
    expect(Object.keys(JSON.parse(request.raw))).to.deep.equal(['path', 'method', 'headers', 'requestBody']);
    expect(request).to.deep.include({
      path: PATH,
      method: 'PUT',
      requestBody: { enable: true, port: 22 },
      qos: 1,
      retain: false,
    });
    expect(request.headers.map((header) => Object.keys(header))).to.deep.equal([
      ['request-expired-time'],
      ['request-id'],
    ]);
    expect(request.headers[0]!['request-expired-time']).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(Date.parse(`${request.headers[0]!['request-expired-time']}Z`)).to.be.greaterThan(Date.now());
    expect(request.requestId).to.match(/^\d{1,16}$/);
    await gateway.answer(request.requestId, JSON.stringify({ data: { enable: true } }));
    const record = await sent;
    expect(record).to.deep.include({
      requestId: request.requestId,
      state: 'SUCCEEDED',
      requestedBy: 'Ada',
      reason: null,
      cause: null,
      answer: { status: 200, payload: { data: { enable: true } } },
    });
    expect(record.latencyMs).to.be.within(0, patience(30_000));
    expect(await test.manager.commands.get(record.requestId)).to.deep.equal(record);
    await gateway.leave();
  });

  it('stores the profile that a gateway reports when it connects', async () => {
    const gateway = await settledGateway();
    expect(await test.manager.registry.get(gateway.clientid)).to.deep.include({
      status: 'online',
      hostName: 'Moxa',
      modelName: 'UC-8112A-ME-T-LX-EU',
      serialNumber: 'IMOXA1234567',
      tpeVersion: '2.2.1-3369',
      firmwareVersion: '1.3',
    });
    await gateway.leave();
  });

  it("passes a gateway's error on with its words", async () => {
    const gateway = await settledGateway();
    const sent = send(gateway.clientid);
    const { requestId } = await gateway.nextRequest();
    await gateway.answer(Number(requestId), { error: { code: 404, message: 'page not found' } }, 404);
    const record = await sent;
    expect(record.state).to.equal('FAILED');
    expect(record.reason).to.equal('The gateway answered 404: page not found.');
    expect(record.cause).to.deep.equal({
      code: 'answered-with-words',
      params: { status: 404, words: 'page not found' },
    });
    expect((await test.manager.commands.get(requestId))?.cause).to.deep.equal(record.cause);
    await gateway.leave();
  });

  it('has one in flight for each gateway, in order, while gateways do not wait for each other', async () => {
    const [first, second] = [await settledGateway(), await settledGateway()];
    const ended: string[] = [];
    const all = ['/a', '/b', '/c'].map((path) =>
      send(first.clientid, { path }).then((record) => ended.push(record.path)),
    );
    const a = await first.nextRequest();
    const other = send(second.clientid);
    await second.answer((await second.nextRequest()).requestId);
    expect((await other).state).to.equal('SUCCEEDED');
    expect(first.received.map((request) => request.path)).to.deep.equal(['/device/general', '/a']);
    await first.answer(a.requestId);
    const b = await first.nextRequest();
    expect(b.path).to.equal('/b');
    await first.answer(b.requestId);
    await first.answer((await first.nextRequest()).requestId);
    await Promise.all(all);
    expect(ended).to.deep.equal(['/a', '/b', '/c']);
    await Promise.all([first.leave(), second.leave()]);
  });

  it('takes the first of two answers, and tells of the second as a duplicate', async () => {
    const gateway = await settledGateway();
    const sent = send(gateway.clientid);
    const { requestId } = await gateway.nextRequest();
    const duplicate = nextEvent(
      test.manager,
      'output',
      (output) => output.kind === 'answer' && output.duplicate,
    );
    await gateway.answer(requestId, { data: 1 });
    await gateway.answer(requestId, { data: 2 }, 500);
    expect((await sent).answer).to.deep.equal({ status: 200, payload: { data: 1 } });
    expect(((await duplicate) as AnswerOutput).answer.payload).to.deep.equal({ data: 2 });
    expect((await test.manager.commands.get(requestId))?.state).to.equal('SUCCEEDED');
    await gateway.leave();
  });

  it('times out, and lets a late answer still turn the record', async () => {
    const gateway = await settledGateway();
    const sent = send(gateway.clientid, { timeoutMs: runsOut(1000) });
    const { requestId } = await gateway.nextRequest();
    const record = await sent;
    expect(record).to.deep.include({
      state: 'TIMED_OUT',
      reason: 'No answer within 1 s.',
      cause: { code: 'no-answer', params: { seconds: 1 } },
      reasonCode: 'TIMED_OUT',
    });
    const late = nextEvent(
      test.manager,
      'command',
      (one) => one.requestId === requestId && one.state === 'SUCCEEDED',
    );
    await gateway.answer(requestId, { data: 'late' });
    expect(await late).to.deep.include({
      answer: { status: 200, payload: { data: 'late' } },
      reason: null,
      cause: null,
    });
    await gateway.leave();
  });

  it('times out, and says so when the connection of the gateway ended meanwhile', async () => {
    const gateway = await settledGateway();
    const sent = send(gateway.clientid, { timeoutMs: patience(3000) });
    await gateway.nextRequest();
    const isGone = presenceOf(test.manager, gateway.clientid, 'offline');
    await gateway.leave();
    await isGone;
    const { state, reason, cause } = await sent;
    const seconds = patience(3000) / 1000;
    expect({ state, reason, cause }).to.deep.equal({
      state: 'TIMED_OUT',
      reason: `No answer within ${seconds} s. Its connection ended meanwhile.`,
      cause: { code: 'no-answer-connection-ended', params: { seconds } },
    });
  });

  it('ignores a retained answer, unless it names the very command that is in flight', async () => {
    const gateway = await settledGateway();
    const sent = send(gateway.clientid);
    const { requestId } = await gateway.nextRequest();
    const answer = (id: string | number) =>
      gateway.publish(
        `/tpedm/${gateway.clientid}/output`,
        JSON.stringify({ 'request-id': id, state: 200, payload: { id } }),
        true,
      );
    await answer(-1);
    await answer(1);
    await answer(requestId);
    expect(await sent).to.deep.include({
      state: 'SUCCEEDED',
      answer: { status: 200, payload: { id: requestId } },
    });
    await gateway.leave();
  });

  it('gives a -1 to the command in flight and says that the clock is wrong', async () => {
    const gateway = await settledGateway();
    const sent = send(gateway.clientid);
    await gateway.nextRequest();
    await gateway.answer(-1, { code: 400, message: 'request time invalid(before now)' }, 400);
    const record = await sent;
    expect(record.state).to.equal('FAILED');
    expect(record.reason).to.contain('clock').and.to.contain('request time invalid');
    await gateway.leave();
  });

  it('tells of answers that nobody asked for, and stays unmoved by forged ones', async () => {
    const [honest, forger] = [await settledGateway(), await settledGateway()];
    const sent = send(honest.clientid);
    const { requestId } = await honest.nextRequest();
    const unsolicited = nextEvent(test.manager, 'output', (output) => output.clientid === forger.clientid);
    await forger.answer(requestId, { data: 'forged' });
    expect(await unsolicited).to.deep.include({ kind: 'answer', command: null, requestId });
    for (const id of ['99999999999999999999999999', 'abc', "1'; drop table tpe_command; --", '0']) {
      const told = nextEvent(
        test.manager,
        'output',
        (output) => output.kind === 'answer' && output.requestId === id,
      );
      await forger.answer(id);
      expect(((await told) as AnswerOutput).command).to.equal(null);
    }
    await honest.answer(requestId, { data: 'true' });
    expect((await sent).answer?.payload).to.deep.equal({ data: 'true' });
    await Promise.all([honest.leave(), forger.leave()]);
  });

  it('survives broken and huge messages on the answer topic', async () => {
    const gateway = await settledGateway();
    const sent = send(gateway.clientid);
    const { requestId } = await gateway.nextRequest();
    const topic = `/tpedm/${gateway.clientid}/output`;
    for (const payload of ['{"request-id":', '', 'null', '[]', '{"state":200}', Buffer.from([0xff, 0x00])]) {
      await gateway.publish(topic, payload);
    }
    await gateway.answer(requestId, { data: 'a\u0000b', password: 'geheim' });
    expect((await sent).answer?.payload).to.deep.equal({ data: 'a\ufffdb', password: '[redacted]' });
    await gateway.leave();
  });

  it('redacts passwords in what it stores of a request, but sends them', async () => {
    const gateway = await settledGateway();
    const sent = send(gateway.clientid, {
      method: 'PUT',
      requestBody: { userName: 'u', password: 'geheim' },
    });
    const request = await gateway.nextRequest();
    expect(request.requestBody).to.deep.equal({ userName: 'u', password: 'geheim' });
    await gateway.answer(request.requestId);
    expect((await sent).requestBody).to.deep.equal({ userName: 'u', password: '[redacted]' });
    await gateway.leave();
  });

  it('refuses what it must not or cannot send, and records that', async () => {
    const { credential } = await test.manager.registry.register({ clientid: newId() });
    const known = credential.clientid;
    const cases: [object, string, RegExp, string?][] = [
      [{ clientid: 'nobody' }, 'NOT_FOUND', /register it first/, 'gateway-unknown'],
      [{ clientid: 'a/b' }, 'INVALID_INPUT', /\//],
      [{ clientid: known }, 'OFFLINE', /never connected/, 'gateway-never-connected'],
      [{ clientid: known, path: '/auth' }, 'FORBIDDEN', /auth/],
      [{ clientid: known, path: '/%64evice//route/' }, 'FORBIDDEN', /route/],
      [{ clientid: known, path: 'no-slash' }, 'INVALID_INPUT', /\//],
      [{ clientid: known, method: 'TRACE' }, 'INVALID_INPUT', /GET/],
      [{ clientid: known, timeoutMs: 5 }, 'INVALID_INPUT', /"timeout" must be 1 to 3600 seconds/],
    ];
    for (const [request, code, words, cause] of cases) {
      const record = await test.manager.commands.send({
        path: PATH,
        method: 'GET',
        clientid: known,
        ...request,
      });
      expect(record, JSON.stringify(request)).to.deep.include({
        state: 'REJECTED',
        reasonCode: code,
        sentAt: null,
      });
      expect(record.reason, JSON.stringify(request)).to.match(words);
      if (cause !== undefined) expect(record.cause?.code).to.equal(cause);
      expect((await test.manager.commands.get(record.requestId))?.state).to.equal('REJECTED');
    }
  });

  it('lets a command wait for its gateway when asked to', async () => {
    const clientid = newId();
    const { credential } = await test.manager.registry.register({ clientid });
    const record = await test.manager.commands.submit({
      clientid,
      path: PATH,
      method: 'GET',
      whenOffline: 'queue',
    });
    expect(record.state).to.equal('QUEUED');
    const gateway = await connectGateway({ ...credential, port: test.port });
    const paths: string[] = [];
    for (let count = 0; count < 2; count++) {
      const request = await gateway.nextRequest();
      paths.push(request.path);
      await gateway.answer(request.requestId, request.path === PATH ? { data: 'ok' } : GENERAL);
    }
    expect(paths).to.have.members([PATH, '/device/general']);
    expect((await test.manager.commands.waitFor(record.requestId, patience(60_000)))?.state).to.equal(
      'SUCCEEDED',
    );
    await gateway.leave();
  });

  it('lets a waiting command expire, or be canceled', async () => {
    const clientid = newId();
    await test.manager.registry.register({ clientid });
    const waiting = { clientid, path: PATH, method: 'GET', whenOffline: 'queue' as const };
    const expiring = test.manager.commands.send({ ...waiting, queueForMs: runsOut(1000) });
    const canceled = await test.manager.commands.submit(waiting);
    expect(await test.manager.commands.cancel(canceled.requestId, 'Ada')).to.deep.include({
      reason: 'Canceled by Ada.',
      cause: { code: 'command-canceled', params: { who: 'Ada' } },
    });
    const { state, cause, expiresAt } = await expiring;
    expect(state).to.equal('EXPIRED');
    expect(cause).to.deep.equal({ code: 'gateway-not-reached-in-time', params: { time: expiresAt } });
    let error: { code?: string } = {};
    await test.manager.commands.cancel(canceled.requestId, 'Ada').catch((thrown) => {
      error = thrown;
    });
    expect(error.code).to.equal('CONFLICT');
  });

  it('does not cancel what is in flight, which keeps its deadline and its place', async () => {
    const gateway = await settledGateway();
    const { commands } = test.manager;
    const { clientid } = gateway;
    const sent = await commands.submit({ clientid, path: PATH, method: 'GET', timeoutMs: runsOut(5000) });
    const behind = await commands.submit({ clientid, path: '/next', method: 'GET' });
    const error = await errorOf(commands.cancel(sent.requestId, 'Ada'));
    expect(error).to.have.property('code', 'CONFLICT');
    expect(error.message).to.contain('is SENT');
    expect((await gateway.nextRequest()).requestId).to.equal(sent.requestId);
    expect((await commands.waitFor(sent.requestId, patience(60_000)))?.state).to.equal('TIMED_OUT');
    const next = await gateway.nextRequest();
    expect(next.requestId).to.equal(behind.requestId);
    await gateway.answer(next.requestId, { data: {} });
    expect((await commands.waitFor(behind.requestId, patience(60_000)))?.state).to.equal('SUCCEEDED');
    await gateway.leave();
  });

  it('bounds what waits for one gateway', async () => {
    const clientid = newId();
    await test.manager.registry.register({ clientid });
    const submit = () =>
      test.manager.commands.submit({
        clientid,
        path: PATH,
        method: 'GET',
        whenOffline: 'queue',
        queueForMs: patience(60_000),
      });
    const records: CommandRecord[] = [];
    for (let count = 0; count < 101; count++) records.push(await submit());
    expect(records.filter((record) => record.state === 'QUEUED')).to.have.length(100);
    expect(records.at(-1)).to.deep.include({
      state: 'REJECTED',
      reasonCode: 'BUSY',
      cause: { code: 'too-many-commands-wait', params: { count: 100 } },
    });
    await test.manager.retire(clientid);
    expect(await test.manager.commands.get(records[0]!.requestId)).to.deep.include({
      state: 'CANCELED',
      cause: { code: 'gateway-retired', params: {} },
    });
  });

  it('says offline when the gateway has gone', async () => {
    const gateway = await settledGateway();
    const offline = presenceOf(test.manager, gateway.clientid, 'offline');
    await gateway.leave();
    await offline;
    const record = await send(gateway.clientid);
    expect(record).to.deep.include({
      state: 'REJECTED',
      reasonCode: 'OFFLINE',
      reason: 'The gateway is offline (disconnected by itself).',
    });
    const reason = connectionReason('disconnected-by-itself');
    expect(record.cause).to.deep.equal(commandReason('gateway-offline', { reason }).cause);
  });

  it('says so when a connected gateway does not listen', async () => {
    const clientid = newId();
    const { credential } = await test.manager.registry.register({ clientid });
    const online = presenceOf(test.manager, clientid, 'online');
    const gateway = await connectGateway({ ...credential, port: test.port });
    await online;
    // It is asked for its profile first.
    await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
    await gateway.client.unsubscribeAsync(`/tpedm/${clientid}/input`);
    const record = await send(clientid, { timeoutMs: patience(60_000) });
    expect(record.state).to.equal('REJECTED');
    const { text, cause } = commandReason('nobody-listens', { topic: `/tpedm/${clientid}/input` });
    expect(record).to.deep.include({ reason: text, cause });
    await gateway.leave();
  });

  it('goes on after a restart: what waited is sent, what was in flight is still matched', async () => {
    const database = await freshDatabase();
    const before = await openTestManager(database);
    const { credential } = await before.manager.registry.register({ clientid: 'gw-restart' });
    const gateway = await connectGateway({ ...credential, port: before.port });
    const general = await gateway.nextRequest();
    await gateway.answer(general.requestId, GENERAL);
    const flying = await before.manager.commands.submit({
      clientid: 'gw-restart',
      path: PATH,
      method: 'GET',
    });
    const request = await gateway.nextRequest();
    const waiting = await before.manager.commands.submit({
      clientid: 'gw-restart',
      path: '/next',
      method: 'GET',
      whenOffline: 'queue',
    });
    await before.manager.close();

    const after = await openTestManager(database);
    const again = await connectGateway({ ...credential, port: after.port });
    await again.answer(request.requestId, { data: 'after the restart' });
    expect(
      (await after.manager.commands.waitFor(flying.requestId, patience(60_000)))?.answer?.payload,
    ).to.deep.equal({
      data: 'after the restart',
    });
    for (;;) {
      const next = await again.nextRequest();
      await again.answer(next.requestId, next.path === '/next' ? { data: 'waited' } : GENERAL);
      expect(Number(next.requestId)).to.be.greaterThan(0);
      if (next.path === '/next') break;
    }
    expect((await after.manager.commands.waitFor(waiting.requestId, patience(60_000)))?.state).to.equal(
      'SUCCEEDED',
    );
    await again.leave();
    await after.manager.close();
  });
});
