import { expect } from 'chai';
import type { GatewayMessage } from '../../../nodes/manager/broker/events.js';
import { createIntake } from '../../../nodes/manager/intake/intake.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';

function open() {
  const seen = {
    answers: [] as unknown[],
    unreadable: [] as unknown[],
    telemetry: [] as unknown[],
    faults: [] as string[],
  };
  const take = createIntake({
    topics: makeTopics({ ...DEFAULT_TOPICS, telemetry: ['/tpedm/{clientid}/telemetry/#', 'plant/+/tags'] }),
    onPresence: async () => undefined,
    onRefused: () => undefined,
    onUnreadable: async (clientid, { requestIds }) => {
      seen.unreadable.push([clientid, ...requestIds]);
      return requestIds.includes('1');
    },
    isAsked: (clientid) => clientid === 'gw1',
    isAwaited: async (_clientid, requestId) => requestId === '1',
    onAnswer: async (clientid, parsed) => void seen.answers.push([clientid, parsed.requestId, parsed.answer]),
    onTelemetry: (telemetry) => seen.telemetry.push([telemetry.clientid, telemetry.topic, telemetry.payload]),
    onFault: (text) => seen.faults.push(text),
  });
  const message = (topic: string, payload: string | Buffer, more: Partial<GatewayMessage> = {}) =>
    take({
      type: 'message',
      clientid: null,
      topic,
      payload: Buffer.from(payload),
      qos: 1,
      retain: false,
      receivedAt: 0,
      source: 'mqtt',
      ...more,
    });
  return { seen, message };
}

const OK = '{"request-id":"1","state":200,"payload":{}}';

describe('intake: what a message means', () => {
  it('takes an answer from its own gateway only', async () => {
    const { seen, message } = open();
    await message('/tpedm/gw1/output', OK);
    await message('/tpedm/gw1/output', OK, { clientid: 'gw1' });
    await message('/tpedm/gw1/output', OK, { clientid: 'gw2' });
    expect(seen.answers).to.have.length(2);
    expect(seen.faults).to.have.length(1);
    expect(seen.faults[0]).to.contain('"gw2"').and.to.contain('"gw1"');
  });

  it('ignores retained answers to what is not asked now, and says so', async () => {
    const { seen, message } = open();
    for (const id of ['"2"', '-1'])
      await message('/tpedm/gw1/output', OK.replace('"1"', id), { retain: true });
    expect(seen.answers).to.deep.equal([]);
    expect(seen.faults).to.have.length(2);
    expect(seen.faults[0]).to.contain('retained');
  });

  it('takes a retained answer to what is asked now, and says that it should not be one', async () => {
    const { seen, message } = open();
    await message('/tpedm/gw1/output', OK, { retain: true });
    expect(seen.answers).to.have.length(1);
    expect(seen.faults[0]).to.contain('turn retain off');
  });

  it('hands on what names a command but cannot be read, also from another topic', async () => {
    const { seen, message } = open();
    await message('/tpedm/gw1/output', '{"request-id":"1","state":0}');
    await message('/tpedm/gw1/telemetry/x', OK);
    await message('/tpedm/gw2/output', OK, { clientid: 'gw1' });
    await message('/somewhere', OK, { clientid: 'gw1' });
    // Nothing is asked of this one.
    await message('/tpedm/gw3/telemetry/x', OK);
    expect(seen.unreadable).to.deep.equal([
      ['gw1', '1'],
      ['gw1', '1'],
      ['gw1', '1'],
      ['gw1', '1'],
    ]);
    expect(seen.answers).to.deep.equal([]);
    expect(seen.telemetry).to.have.length(2);
    expect(seen.faults).to.have.length(1);
  });

  it('names the gateway whose answer is broken', async () => {
    const { seen, message } = open();
    await message('/tpedm/gw1/output', '{"request-id"');
    await message('/tpedm/gw1/output', Buffer.alloc(10 * 1024 * 1024, 'x'));
    expect(seen.faults).to.have.length(2);
    for (const fault of seen.faults) expect(fault).to.contain('"gw1"');
  });

  it('passes telemetry through as JSON, text or bytes', async () => {
    const { seen, message } = open();
    await message('/tpedm/gw1/telemetry/a', '{"t":1}');
    await message('plant/x/tags', 'words');
    await message('/tpedm/gw1/telemetry/b', Buffer.from([0xff, 0xfe]));
    expect(seen.telemetry).to.deep.equal([
      ['gw1', '/tpedm/gw1/telemetry/a', { t: 1 }],
      [null, 'plant/x/tags', 'words'],
      ['gw1', '/tpedm/gw1/telemetry/b', Buffer.from([0xff, 0xfe])],
    ]);
  });

  it('is deaf to topics that are none of ours', async () => {
    const { seen, message } = open();
    await message('/tpedm/gw1/input', OK);
    await message('/tpedm/gw1/output/more', OK);
    await message('/tpedm//output', OK);
    expect(seen).to.deep.equal({ answers: [], unreadable: [], telemetry: [], faults: [] });
  });
});
