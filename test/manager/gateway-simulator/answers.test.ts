import { expect } from 'chai';
import { connectAsync } from 'mqtt';
import type { GatewayFaults } from '../../../nodes/manager/gateway-simulator/faults.js';
import { expiryText } from '../../../nodes/manager/protocol/request.js';
import { type Fleet, requestText, startFleet } from './fleet.js';

const FIRST = 'virtual-0001';

describe('what a virtual gateway answers', () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet(12);
  });
  after(() => fleet.stop());
  beforeEach(() => fleet.simulator.setFaults('all', {}));

  it('comes on its own topic at QoS 1, not retained, with the id of the request', async () => {
    const answer = fleet.next(FIRST);
    fleet.tell(FIRST, requestText({ method: 'GET', path: '/device/general', requestId: '31' }));
    expect(await answer).to.deep.include({
      topic: `/tpedm/${FIRST}/output`,
      qos: 1,
      retain: false,
      requestId: '31',
      status: 200,
    });
  });

  it('has every shape that gateways are known for, and always the same of one gateway', async () => {
    const shapeOf = (raw: string) => {
      const body = JSON.parse(raw) as Record<string, unknown>;
      return [
        `payload as ${typeof body.payload}`,
        `id as ${typeof body['request-id']}`,
        Object.keys(body)
          .filter((key) => key === 'state' || key === 'status')
          .join(' and '),
        `first ${Object.keys(body)[0]}`,
      ];
    };
    const seen = new Set<string>();
    for (const { identity } of fleet.simulator.all()) {
      const first = await fleet.ask(identity.clientid, 'GET', '/device/general');
      const second = await fleet.ask(identity.clientid, 'GET', '/device/general');
      expect(first.payload).to.have.nested.property('data.serialNumber', identity.serialNumber);
      expect(shapeOf(second.raw)).to.deep.equal(shapeOf(first.raw));
      for (const feature of shapeOf(first.raw)) seen.add(feature);
    }
    expect([...seen]).to.include.members([
      ...['payload as string', 'payload as object', 'id as string', 'id as number'],
      ...['state', 'status', 'state and status', 'first request-id', 'first payload'],
    ]);
  });

  it('is an error with a number for the id where nothing is', async () => {
    const answer = await fleet.ask(FIRST, 'GET', '/nothing/here');
    expect(answer.status).to.equal(404);
    expect(answer.payload).to.deep.equal({ error: { code: 404, message: 'page not found' } });
    expect(JSON.parse(answer.raw)['request-id']).to.be.a('number').and.to.equal(Number(answer.requestId));
    for (const path of ['/device/general/', '//device/general', '/device/general/x', 'device']) {
      expect((await fleet.ask(FIRST, 'GET', path)).status, path).to.equal(404);
    }
    expect((await fleet.ask(FIRST, 'DELETE', '/device/general')).status).to.equal(404);
  });

  it('bears the request id -1 where a header is missing, malformed or expired', async () => {
    const good = expiryText(Date.now() + 60_000);
    const headers: unknown[] = [
      undefined,
      {},
      [],
      { 'request-expired-time': good, 'request-id': '1' },
      [{ 'request-expired-time': good, 'request-id': '1' }],
      [{ 'request-expired-time': good }],
      [{ 'request-id': '1' }],
      [{ 'request-expired-time': good }, { 'request-id': 1 }],
      [{ 'request-expired-time': good }, { 'request-id': 'b5e0-uuid' }],
      ...[
        expiryText(Date.now() - 2000),
        good.replace(' ', 'T'),
        `${good}Z`,
        `${good}.000001`,
        'soon',
        1e12,
      ].map((expiry) => [{ 'request-expired-time': expiry }, { 'request-id': '1' }]),
      [{ 'request-expired-time': '2999-02-30 00:00:00' }, { 'request-id': '1' }],
    ];
    for (const each of headers) {
      const answer = fleet.next(FIRST);
      fleet.tell(FIRST, JSON.stringify({ path: '/device/general', method: 'GET', headers: each }));
      const { raw } = await answer;
      expect(JSON.parse(raw), JSON.stringify(each)).to.deep.include({ 'request-id': -1, state: 400 });
    }
    const answer = fleet.next(FIRST);
    fleet.tell(FIRST, requestText({ method: 'GET', path: '/x', expiry: expiryText(Date.now() - 5000) }));
    expect((await answer).payload).to.deep.equal({ code: 400, message: 'request time invalid(before now)' });
    const other = fleet.next(FIRST);
    fleet.tell(FIRST, 'no JSON at all');
    expect((await other).requestId).to.equal('-1');
  });

  it('goes on after any rubbish', async () => {
    for (const text of ['', '[]', 'null', '{"headers":[null,1]}', '{"path":{},"method":[]}']) {
      const answer = fleet.next(FIRST);
      fleet.tell(FIRST, text);
      expect((await answer).requestId).to.equal('-1');
    }
    expect((await fleet.ask(FIRST, 'GET', '/device/general')).status).to.equal(200);
  });

  describe('with a fault', () => {
    const ask = (faults: GatewayFaults) => {
      fleet.simulator.setFaults(FIRST, faults);
      return fleet.ask(FIRST, 'GET', '/device/general');
    };

    it('is not there (silent), and is there again without it', async () => {
      let wasHeard = false;
      fleet.simulator.setFaults(FIRST, { silent: true });
      const heard = fleet.next(FIRST).then((answer) => {
        wasHeard = true;
        return answer;
      });
      fleet.tell(FIRST, requestText({ method: 'GET', path: '/device/general', requestId: '98' }));
      // Another gateway answers meanwhile: this one had its time.
      await fleet.ask('virtual-0002', 'GET', '/device/general');
      await fleet.ask('virtual-0002', 'GET', '/device/general');
      expect(wasHeard).to.equal(false);
      fleet.simulator.setFaults(FIRST, {});
      fleet.tell(FIRST, requestText({ method: 'GET', path: '/device/general', requestId: '99' }));
      expect((await heard).requestId).to.equal('99');
    });

    it('comes late (slow)', async () => {
      const askedAt = Date.now();
      expect((await ask({ slowMs: 150 })).status).to.equal(200);
      expect(Date.now() - askedAt).to.be.at.least(149);
    });

    it('is half of its JSON (broken)', async () => {
      const { raw } = await ask({ brokenJson: true });
      expect(raw).to.match(/^\{/);
      expect(() => JSON.parse(raw)).to.throw(SyntaxError);
    });

    it('comes twice (duplicate)', async () => {
      const first = await ask({ duplicateAnswers: true });
      expect((await fleet.next(FIRST)).raw).to.equal(first.raw);
    });

    it('belongs to no request (wrong id)', async () => {
      fleet.simulator.setFaults(FIRST, { wrongRequestId: true });
      const heard = fleet.next(FIRST);
      fleet.tell(FIRST, requestText({ method: 'GET', path: '/device/general', requestId: '40' }));
      expect((await heard).requestId).to.equal('41');
    });

    it('is a refusal where its clock runs ahead, and none where it runs behind', async () => {
      expect(await ask({ clockOffsetMs: 3_600_000 })).to.include({ requestId: '-1', status: 400 });
      expect(await ask({ clockOffsetMs: -3_600_000 })).to.include({ status: 200 });
    });

    it('stays at the broker (retained)', async () => {
      const { raw } = await ask({ retainedAnswer: true });
      const late = await connectAsync(`mqtt://127.0.0.1:${fleet.broker.port}`);
      late.subscribe(`/tpedm/${FIRST}/output`);
      const heard = await new Promise((resolve) => {
        late.once('message', (_topic, payload, { retain }) => resolve([String(payload), retain]));
      });
      expect(heard).to.deep.equal([raw, true]);
      await late.endAsync();
    });

    it('is huge', async () => {
      expect((await ask({ hugeAnswerBytes: 300_000 })).raw.length).to.be.greaterThan(300_000);
    });

    it('is an error', async () => {
      expect((await ask({ errorStatus: 503 })).status).to.equal(503);
      expect((await fleet.ask('virtual-0002', 'GET', '/device/general')).status).to.equal(200);
    });
  });
});
