import { expect } from 'chai';
import { readRequestHeaders } from '../../../nodes/manager/commands/request-headers.js';
import { expiryText } from '../../../nodes/manager/protocol/request.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { eachDatabaseOptions } from '../../support/databases.js';
import { GENERAL, type TestGateway } from '../../support/gateway.js';
import { nextEvent, onlineGateway, openTestManager, type TestManager } from '../../support/manager.js';

function faultOf(headers: unknown): TpeError {
  try {
    readRequestHeaders(headers);
  } catch (error) {
    if (error instanceof TpeError) return error;
  }
  throw new Error('it was taken');
}

describe("a caller's headers of a request", () => {
  const at = Date.UTC(2030, 0, 31, 12);
  const time = '2030-01-31 12:00:00';

  it('are a list of objects with one header each, or one object', () => {
    for (const headers of [
      [{ 'request-expired-time': time }],
      { 'request-expired-time': time },
      [{ 'Request-Expired-Time': time }],
      [{ 'request-expired-time': time }, { 'request-expired-time': time }],
    ])
      expect(readRequestHeaders(headers)).to.deep.equal({ expiresAt: at, faults: [] });
    for (const said of [
      ...['2030-01-31T12:00:00Z', '2030-01-31t12:00:00z', `${time}Z`, `${time} UTC`, ` ${time} `],
      // As Python writes a time; nothing is done later than that.
      ...['2030-01-31T12:00:00', `${time}.999999`, `${time}.000000+00:00`],
      ...['2030-01-31T13:30:00+01:30', '2030-01-31 04:00:00-0800'],
    ])
      expect(readRequestHeaders({ 'request-expired-time': said }).expiresAt, said).to.equal(at);
    // As the rows of TPEDM's tables have it.
    const placeholders = [{ 'request-expired-time': '{expired-time}' }, { 'request-id': '{request-id}' }];
    for (const none of [undefined, null, '', [], {}, placeholders])
      expect(readRequestHeaders(none)).to.deep.equal({ expiresAt: null, faults: [] });
  });

  it('that are not sent are told of', () => {
    const { faults } = readRequestHeaders([{ 'request-id': '1' }, { 'x-other': 1 }]);
    expect(faults.map(({ path }) => path)).to.deep.equal(['/request-id', '/x-other']);
  });

  it('are refused in any other shape, and the right form is said', () => {
    for (const headers of ['x', 5, true, [5], [[]], [null], new Date(), Array(30).fill({ a: 1 })])
      expect(faultOf(headers).code).to.equal('INVALID_INPUT');
    for (const bad of [
      ...[
        '31.01.2030 12:00',
        `${time} CET`,
        '2030-01-31',
        `${time}+25:00`,
        '9999-12-31 23:59:59-01:00',
        '0000-00-00 00:00:00',
        '{time}',
        '2030-02-30 00:00:00',
        '2030-01-31 24:00:00',
        '',
        'soon',
      ],
      ...[1_900_000_000, null, {}],
    ]) {
      expect(faultOf([{ 'request-expired-time': bad }]).message, String(bad))
        .to.contain('YYYY-MM-DD HH:MM:SS')
        .and.to.contain('UTC');
    }
    const twice = [{ 'request-expired-time': time }, { 'request-expired-time': '2031-01-31 12:00:00' }];
    expect(faultOf(twice).message).to.contain('twice');
  });
});

eachDatabaseOptions("commands: a caller's deadline", (freshDatabase) => {
  let test: TestManager;
  let gateway: TestGateway;

  before(async () => {
    test = await openTestManager(await freshDatabase());
    gateway = await onlineGateway(test, 'gw-late');
    await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
  });
  after(async () => {
    await gateway.leave();
    await test.manager.close();
  });

  const send = (headers: unknown, more: object = {}) =>
    test.manager.commands.send({
      clientid: 'gw-late',
      path: '/system/sshserver',
      method: 'PUT',
      headers,
      ...more,
    });

  it('that is over ends the command as EXPIRED, and nothing is sent', async () => {
    const seen = gateway.received.length;
    const record = await send([{ 'request-expired-time': '2020-11-12 11:45:26' }, { 'request-id': '1' }], {
      requestBody: { enable: true, port: 22 },
    });
    expect(record).to.deep.include({ state: 'EXPIRED', sentAt: null, reasonCode: 'TIMED_OUT' });
    expect(record.reason).to.contain('2020-11-12 11:45:26');
    expect(record.endedAt).not.to.equal(null);
    expect(await test.manager.commands.get(record.requestId)).to.deep.equal(record);
    const next = send(undefined);
    await gateway.answer((await gateway.nextRequest()).requestId);
    expect((await next).state).to.equal('SUCCEEDED');
    expect(gateway.received).to.have.length(seen + 1);
  });

  it('to come goes out as it was given, and the request id is ours', async () => {
    const time = expiryText(Date.now() + 7_200_000);
    const sent = send([{ 'request-expired-time': time }, { 'request-id': '1' }]);
    const request = await gateway.nextRequest();
    expect(request.headers).to.deep.equal([
      { 'request-expired-time': time },
      { 'request-id': request.requestId },
    ]);
    expect(request.requestId).not.to.equal('1');
    await gateway.answer(request.requestId);
    const record = await sent;
    expect(record.expiresAt).to.equal(`${time.replace(' ', 'T')}.000Z`);
    expect(record.faults.map(({ text }) => text).join()).to.contain('headers/request-id');
  });

  it('ends what still waits behind another command', async () => {
    const first = send(undefined);
    const { requestId } = await gateway.nextRequest();
    const waiting = await send([{ 'request-expired-time': expiryText(Date.now() + 1000) }]);
    expect(waiting).to.deep.include({ state: 'EXPIRED', sentAt: null });
    await gateway.answer(requestId);
    expect((await first).state).to.equal('SUCCEEDED');
  });

  it('far away does not end it at once', async () => {
    await test.manager.registry.register({ clientid: 'gw-away' });
    const record = await test.manager.commands.submit({
      clientid: 'gw-away',
      path: '/device/general',
      method: 'GET',
      whenOffline: 'queue',
      headers: { 'request-expired-time': '2099-01-01 00:00:00' },
    });
    const ended = nextEvent(test.manager, 'command', (one) => one.requestId === record.requestId);
    await test.manager.commands.cancel(record.requestId, 'test');
    expect((await ended).state).to.equal('CANCELED');
  });

  it('in another form is refused', async () => {
    const record = await send([{ 'request-expired-time': '01/01/2030' }]);
    expect(record).to.deep.include({ state: 'REJECTED', reasonCode: 'INVALID_INPUT' });
    expect(record.reason).to.contain('YYYY-MM-DD HH:MM:SS');
  });
});
