import { expect } from 'chai';
import * as fc from 'fast-check';
import { generate, parser } from 'mqtt-packet';
import { createFrameScanner, NOWHERE } from '../../../nodes/manager/broker/embedded/frames.js';

const CONNECT = generate({
  cmd: 'connect',
  clientId: 'A',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 0,
});
const publish = (payload: Buffer, qos: 0 | 1 | 2 = 1) =>
  generate({
    cmd: 'publish',
    topic: '/tpedm/A/output',
    messageId: 7,
    payload,
    qos,
    retain: true,
    dup: false,
  });

function scan(bytes: Buffer, sizes: number[] = []) {
  const large: number[] = [];
  let goodbyes = 0;
  const scanner = createFrameScanner({
    onGoodbye: () => (goodbyes += 1),
    onTooLarge: (size) => void large.push(size),
  });
  const passed: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes.length === 0 ? bytes.length : Math.max(1, sizes[index % sizes.length]!);
    const out = scanner(Buffer.from(bytes.subarray(at, at + size)));
    if (out === null) return { ended: true, passed: Buffer.concat(passed), large, goodbyes };
    // Not copied: what has gone on must not change later.
    passed.push(...out);
    at += size;
  }
  return { ended: false, passed: Buffer.concat(passed), large, goodbyes };
}

describe('frames', () => {
  it('passes packets on unchanged, however they are cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 6 });
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(payloads, sizes, (list, cuts) => {
        const bytes = Buffer.concat([CONNECT, ...list.map((payload) => publish(Buffer.from(payload)))]);
        expect(scan(bytes, cuts).passed.equals(bytes)).to.equal(true);
      }),
    );
  });

  it('cuts a large PUBLISH down to one that can be acknowledged', () => {
    const tooLarge = Buffer.alloc(1_500_000, 'x');
    for (const qos of [0, 1, 2] as const) {
      for (const cuts of [[], [65536], [3, 70_000]]) {
        const bytes = Buffer.concat([CONNECT, publish(tooLarge, qos), publish(Buffer.from('after'))]);
        const { passed, large, ended } = scan(bytes, cuts);
        expect(ended).to.equal(false);
        expect(large).to.have.length(1);
        expect(large[0]).to.be.within(1_500_000, 1_500_100);
        const packets: Record<string, unknown>[] = [];
        const reader = parser({ protocolVersion: 4 });
        reader.on('packet', (packet) => void packets.push({ ...packet }));
        reader.parse(passed);
        expect(packets.map((packet) => packet.cmd)).to.deep.equal(['connect', 'publish', 'publish']);
        expect(packets[1]).to.include({ topic: NOWHERE, qos });
        expect(packets[1]!.messageId).to.equal(qos === 0 ? undefined : 7);
        expect(String(packets[1]!.payload)).to.equal('');
        expect(String(packets[2]!.payload)).to.equal('after');
      }
    }
  });

  it('ends what does not begin with CONNECT, and lengths that cannot be', () => {
    expect(scan(publish(Buffer.from('x'))).ended).to.equal(true);
    expect(scan(Buffer.from('GET /')).ended).to.equal(true);
    expect(scan(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80])).ended).to.equal(true);
    expect(scan(Buffer.from([0x10, 0xff, 0xff, 0x7f])).ended).to.equal(true);
    expect(scan(Buffer.concat([CONNECT, Buffer.from([0x82, 0xff, 0xff, 0x7f])])).ended).to.equal(true);
  });

  it('holds no more than what came, when a packet comes byte by byte', () => {
    const bytes = Buffer.concat([CONNECT, publish(Buffer.alloc(200_000, 'x'))]);
    const { passed } = scan(bytes, [1]);
    expect(passed.equals(bytes)).to.equal(true);
  });

  it('notices the goodbye', () => {
    expect(scan(Buffer.concat([CONNECT, generate({ cmd: 'disconnect' })])).goodbyes).to.equal(1);
    expect(scan(CONNECT).goodbyes).to.equal(0);
  });
});
