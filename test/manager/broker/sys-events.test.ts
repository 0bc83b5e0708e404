import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  CLIENT_EVENT_FILTERS,
  isClientEventTopic,
  parseClientEvent,
} from '../../../nodes/manager/broker/mqtt/sys-events.js';
import { filterCovers } from '../../../nodes/manager/protocol/topics.js';

const CONNECTED = '$SYS/brokers/emqx@172.20.0.3/clients/TBAFB1234567/connected';
const DISCONNECTED = '$SYS/brokers/emqx@172.20.0.3/clients/TBAFB1234567/disconnected';

/** As EMQX 5 publishes them; 4.4 adds connack and has no protocol. */
const CONNECTED_V5 = {
  clientid: 'TBAFB1234567',
  username: 'gw-0017',
  ipaddress: '10.20.0.15',
  sockport: 8883,
  protocol: 'mqtt',
  proto_name: 'MQTT',
  proto_ver: 4,
  keepalive: 60,
  clean_start: true,
  expiry_interval: 0,
  connected_at: 1760160813688,
  ts: 1760160813688,
};
const DISCONNECTED_V5 = {
  clientid: 'TBAFB1234567',
  username: 'gw-0017',
  ipaddress: '10.20.0.15',
  sockport: 8883,
  protocol: 'mqtt',
  proto_name: 'MQTT',
  proto_ver: 4,
  reason: 'tcp_closed',
  connected_at: 1760160813688,
  disconnected_at: 1760160904121,
  ts: 1760160904121,
};

const read = (topic: string, body: unknown) => parseClientEvent(topic, Buffer.from(JSON.stringify(body)));
const without = (body: object, ...keys: string[]) =>
  Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)));

describe('client events of EMQX on $SYS', () => {
  it('reads a connect of 5.x and of 4.4', () => {
    const expected = {
      type: 'connected',
      clientid: 'TBAFB1234567',
      connectedAt: 1760160813688,
      username: 'gw-0017',
      ipAddress: '10.20.0.15',
      protocolVersion: 4,
      keepalive: 60,
      cleanStart: true,
      node: 'emqx@172.20.0.3',
      source: 'mqtt',
    };
    expect(read(CONNECTED, CONNECTED_V5)).to.deep.equal(expected);
    expect(read(CONNECTED, { ...without(CONNECTED_V5, 'protocol'), connack: 0 })).to.deep.equal(expected);
  });

  it('reads a disconnect, which names the session that ended', () => {
    expect(read(DISCONNECTED, DISCONNECTED_V5)).to.deep.equal({
      type: 'disconnected',
      clientid: 'TBAFB1234567',
      reason: 'tcp_closed',
      connectedAt: 1760160813688,
      disconnectedAt: 1760160904121,
      node: 'emqx@172.20.0.3',
      source: 'mqtt',
    });
    expect(read(DISCONNECTED, without(DISCONNECTED_V5, 'connected_at'))).to.include({ connectedAt: null });
  });

  it('takes the client id from the body, since one with slashes cannot be read from the topic', () => {
    const topic = '$SYS/brokers/emqx@node1/clients/site/7/gw/connected';
    expect(read(topic, { ...CONNECTED_V5, clientid: 'site/7/gw' })).to.include({ clientid: 'site/7/gw' });
  });

  it("knows Erlang's word for nothing, and that old versions count in seconds", () => {
    const event = read(CONNECTED, { ...CONNECTED_V5, username: 'undefined', connected_at: 1760160813 });
    expect(event).to.include({ username: null, connectedAt: 1760160813000 });
    expect(read(CONNECTED, { clientid: 'A', connected_at: 1760160813688 })).to.include({
      username: null,
      ipAddress: null,
      protocolVersion: null,
      keepalive: null,
      cleanStart: null,
    });
  });

  it('lets go what is no event', () => {
    for (const body of [
      null,
      [],
      'text',
      {},
      without(CONNECTED_V5, 'clientid'),
      without(CONNECTED_V5, 'connected_at'),
      { ...CONNECTED_V5, clientid: '' },
      { ...CONNECTED_V5, clientid: 7 },
      { ...CONNECTED_V5, clientid: 'x'.repeat(2000) },
      { ...CONNECTED_V5, connected_at: 'today' },
      { ...CONNECTED_V5, connected_at: -1 },
      { ...CONNECTED_V5, connected_at: 1e300 },
      { ...CONNECTED_V5, keepalive: '60' },
      { ...CONNECTED_V5, padding: 'x'.repeat(20_000) },
    ]) {
      expect(read(CONNECTED, body), JSON.stringify(body)?.slice(0, 80)).to.equal(null);
    }
    expect(read(DISCONNECTED, without(DISCONNECTED_V5, 'reason'))).to.equal(null);
    expect(read(DISCONNECTED, without(DISCONNECTED_V5, 'disconnected_at'))).to.equal(null);
    expect(read('$SYS/brokers/emqx/clients/A/subscribed', CONNECTED_V5)).to.equal(null);
    expect(read('/tpedm/A/output', CONNECTED_V5)).to.equal(null);
  });

  it('survives whatever bytes come', () => {
    fc.assert(
      fc.property(fc.constantFrom(CONNECTED, DISCONNECTED), fc.uint8Array(), (topic, bytes) => {
        expect(parseClientEvent(topic, Buffer.from(bytes))).to.equal(null);
      }),
    );
  });

  it('subscribes to what it reads', () => {
    for (const topic of [CONNECTED, DISCONNECTED]) {
      expect(isClientEventTopic(topic)).to.equal(true);
      expect(CLIENT_EVENT_FILTERS.some((filter) => filterCovers(filter, topic))).to.equal(true);
    }
    expect(isClientEventTopic('$SYS/broker/clients/connected')).to.equal(false);
  });
});
