import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { bodyAsGiven } from '../../../nodes/manager/commands/body-text.js';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import type { AnswerOutput } from '../../../nodes/manager/intake/gateway-output.js';
import { eachDatabaseOptions } from '../../support/databases.js';
import { GENERAL, type TestGateway } from '../../support/gateway.js';
import { nextEvent, onlineGateway, openTestManager, type TestManager } from '../../support/manager.js';

const PATH = '/system/sshserver';

/** What a gateway may say that names the command with this id. */
const ODD: Record<string, (id: string) => string | Buffer> = {
  'state 0 and words': (id) => `{"request-id":"${id}","state":0,"payload":"Get \\"http://x\\": EOF"}`,
  'no state': (id) => `{"request-id":"${id}","payload":"{}"}`,
  'a negative state': (id) => `{"request-id":"${id}","state":-1}`,
  'a huge state': (id) => `{"request-id":"${id}","state":1e9}`,
  'a state of another type': (id) => `{"request-id":"${id}","state":{"code":200}}`,
  'a state in words': (id) => `{"request-id":"${id}","state":"OK"}`,
  'half of it': (id) => `{"request-id":"${id}","state":200,"payl`,
  'no JSON': (id) => `{'request-id': '${id}', 'state': 200}`,
  'an id with zeros': (id) => `{"request-id":" 00${id} ","state":0}`,
  'an id as a fraction': (id) => `{"request-id":${id}.0,"state":0}`,
  'two ids': (id) => `{"request-id":"${id}","state":200,"headers":[{"request-id":"1"}]}`,
  'two ids, the other one first': (id) => `{"request-id":"1","request-id":"${id}","state":200}`,
  'two states': (id) => `{"request-id":"${id}","state":200,"state":500}`,
  'a list': (id) => `[{"request-id":"${id}","state":200}]`,
  'in a text': (id) => JSON.stringify(JSON.stringify({ 'request-id': id, state: 200 })),
  'the request itself': (id) =>
    `{"path":"${PATH}","method":"GET","headers":[{"request-expired-time":"2030-01-01 00:00:00"},{"request-id":"${id}"}],"requestBody":{}}`,
  'two bytes for each character': (id) => Buffer.from(`\ufeff{"request-id":"${id}","state":200}`, 'utf16le'),
  'too deep': (id) => `{"request-id":"${id}","state":200,"payload":${'['.repeat(500)}${']'.repeat(500)}}`,
};

/** What can be read, whatever it looks like. */
const READABLE: Record<string, (id: string) => string | Buffer> = {
  'a byte order mark': (id) => `\ufeff{"request-id":"${id}","state":200,"payload":{"data":1}}`,
  'the id in headers': (id) => `{"headers":[{"request-id":"${id}"}],"state":"200","payload":{"data":1}}`,
  'no UTF-8': (id) =>
    Buffer.concat([
      Buffer.from(`{"request-id":${id},"state":200,"payload":{"data":1,"name":"M`),
      Buffer.from([0xfc, 0xff]),
      Buffer.from('"}}'),
    ]),
  'half a character and NUL': (id) =>
    `{"request-id":"${id}","state":200,"payload":"{\\"data\\":1,\\"x\\":\\"\\\\ud800 \\\\u0000\\"}"}`,
  'a request id in its payload': (id) =>
    `{"request-id":"${id}","state":200,"payload":{"data":1,"log":"request-id: 1","request-id":7}}`,
};

eachDatabaseOptions('commands: whatever a gateway answers', (freshDatabase) => {
  let test: TestManager;
  let gateway: TestGateway;

  before(async () => {
    test = await openTestManager(await freshDatabase(), { commandTimeoutMs: 3_600_000 });
    gateway = await onlineGateway(test, 'gw-odd');
    await gateway.answer((await gateway.nextRequest()).requestId, GENERAL);
  });
  after(async () => {
    await gateway.leave();
    await test.manager.close();
  });

  const send = (more: object = {}) =>
    test.manager.commands.send({ clientid: 'gw-odd', path: PATH, method: 'GET', ...more });
  const output = '/tpedm/gw-odd/output';

  /** The record of a command that was answered so, after which the next one is served. */
  async function answeredBy(
    payload: (id: string) => string | Buffer,
    topic = output,
  ): Promise<CommandRecord> {
    const [sent, next] = [send(), send()];
    const { requestId } = await gateway.nextRequest();
    await gateway.publish(topic, payload(requestId));
    const record = await sent;
    await gateway.answer((await gateway.nextRequest()).requestId);
    expect((await next).state).to.equal('SUCCEEDED');
    return record;
  }

  for (const [name, payload] of Object.entries(ODD)) {
    it(`ends the command at once and says why: ${name}`, async () => {
      const record = await answeredBy(payload);
      expect(record).to.deep.include({ state: 'FAILED', reasonCode: 'UNREADABLE', answer: null });
      expect(record.reason).to.match(
        /^The gateway answered, but the answer cannot be taken\. The answer .+\.$/,
      );
      expect(record.cause?.code).to.equal('answer-not-taken');
      expect(record.reason?.endsWith(` ${record.cause?.params.words}`)).to.equal(true);
    });
  }

  for (const [name, payload] of Object.entries(READABLE)) {
    it(`takes what can be read: ${name}`, async () => {
      const record = await answeredBy(payload);
      expect(record.state, record.reason ?? '').to.equal('SUCCEEDED');
      expect(record.answer?.payload).to.deep.include({ data: 1 });
    });
  }

  it("tells the gateway's own words in the reason, without secrets", async () => {
    expect((await answeredBy(ODD['state 0 and words']!)).reason).to.contain('Get "http://x": EOF');
    const secret = await answeredBy(
      (id) => `{"request-id":"${id}","state":0,"payload":"password=geheim123"}`,
    );
    expect(JSON.stringify(secret)).not.to.contain('geheim123');
  });

  it('ends for anything that names it, and goes on', async () => {
    const named = fc.record({
      state: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.integer(), fc.constant(200)),
      payload: fc.jsonValue({ maxDepth: 3 }),
      more: fc.dictionary(fc.constantFrom('status', 'headers', 'path', 'x'), fc.jsonValue({ maxDepth: 2 })),
      cut: fc.oneof(fc.constant(0), fc.nat(10)),
    });
    await fc.assert(
      fc.asyncProperty(named, async ({ state, payload, more, cut }) => {
        const record = await answeredBy((id) => {
          const text = JSON.stringify({ 'request-id': id, state, ...more, payload });
          return text.slice(0, Math.max(text.indexOf(id) + id.length + 1, text.length - cut));
        });
        expect(record.state).to.be.oneOf(['SUCCEEDED', 'FAILED']);
      }),
      { numRuns: 40 },
    );
  });

  it('tells once of what names no command, and nothing stops', async () => {
    const [sent] = [send()];
    const { requestId } = await gateway.nextRequest();
    const before = test.log.length;
    for (const payload of [
      ...['', 'null', '{}', '{"request-id":[1],"state":200}', '{"request-id":"999999999","state":0}'],
      gzipSync(`{"request-id":"${requestId}","state":200}`),
      Buffer.from([0, 1, 2, 255]),
    ])
      await gateway.publish(output, payload);
    await gateway.answer(requestId);
    expect((await sent).state).to.equal('SUCCEEDED');
    const told = test.log.slice(before).filter((line) => line.includes('"gw-odd"'));
    expect(told).to.have.length(7);
    expect(told.join()).to.contain('no command in flight (999999999)');
  });

  it('takes a whole answer also after one that could not be read', async () => {
    const sent = send();
    const { requestId } = await gateway.nextRequest();
    await gateway.publish(output, `{"request-id":"${requestId}"}`);
    expect((await sent).state).to.equal('FAILED');
    const late = nextEvent(
      test.manager,
      'output',
      (one) => one.kind === 'answer' && one.requestId === requestId,
    );
    await gateway.answer(requestId, { data: 5 });
    expect(((await late) as AnswerOutput).command).to.deep.include({ state: 'SUCCEEDED', reasonCode: null });
  });

  it("leaves another gateway's command alone", async () => {
    const other = await onlineGateway(test, 'gw-other');
    await other.answer((await other.nextRequest()).requestId, GENERAL);
    const sent = send();
    const { requestId } = await gateway.nextRequest();
    await other.publish('/tpedm/gw-other/output', `{"request-id":"${requestId}"}`);
    await other.publish('/tpedm/gw-other/output', `{"request-id":-1}`);
    await gateway.answer(requestId);
    expect((await sent).state).to.equal('SUCCEEDED');
    await other.leave();
  });

  it('carries numbers of 64 bits to the gateway, and back with all their digits', async () => {
    const big = 18446744073709551615n;
    const sent = send({
      method: 'PUT',
      path: '/modbusmaster/operate/direct-write-tag',
      requestBody: { dataValue: big },
    });
    const request = await gateway.nextRequest();
    expect(request.raw).to.contain('"requestBody":{"dataValue":18446744073709551615}');
    await gateway.publish(
      output,
      `{"request-id":${request.requestId},"state":200,"payload":{"data":{"a":18446744073709551615,"b":0.12345678901234567891}}}`,
    );
    const record = await sent;
    const kept = { data: { a: '18446744073709551615', b: '0.12345678901234567891' } };
    expect(record.answer?.payload).to.deep.equal(kept);
    expect(
      record.faults.filter((one) => one.in === 'answer' && one.rule === 'digits').map(({ path }) => path),
    ).to.deep.equal(['/data/a', '/data/b']);
    const stored = await test.manager.commands.get(record.requestId);
    expect(stored?.answer?.payload).to.deep.equal(kept);
    expect(stored?.requestBody).to.deep.equal({ dataValue: '18446744073709551615' });
    // What is sent once more is what was sent.
    expect(bodyAsGiven(stored!)).to.deep.equal({ dataValue: big });
  });

  it('refuses numbers that a flow has lost already, with their place', async () => {
    for (const value of [Number('18446744073709551615'), Number.NaN, Number.POSITIVE_INFINITY]) {
      const record = await send({ method: 'PUT', requestBody: { list: [{ value }] } });
      expect(record.state).to.equal('REJECTED');
      expect(record.reason).to.contain('requestBody/list/0/value');
    }
  });
});
