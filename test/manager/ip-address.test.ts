import { expect } from 'chai';
import { toBrokerClient } from '../../nodes/manager/broker/emqx/api.js';
import { parseClientEvent } from '../../nodes/manager/broker/mqtt/sys-events.js';
import { readWebhook } from '../../nodes/manager/intake/emqx-webhook.js';
import { addressKey } from '../../nodes/manager/shared/address-key.js';
import { ipAddress, peerAddress } from '../../nodes/manager/shared/ip-address.js';
import { callerReader } from '../../nodes/node-red/runtime/caller.js';

/** As written anywhere, and what it is. */
const ADDRESSES: [text: string, address: string | null][] = [
  ['10.1.2.3', '10.1.2.3'],
  ['10.1.2.3:51234', '10.1.2.3'],
  ['2001:db8::1:2', '2001:db8::1:2'],
  ['2001:0DB8:0:0::0001', '2001:db8::1'],
  ['[2001:db8::1]:1234', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7:8:51234', '1:2:3:4:5:6:7:8'],
  ['::1', '::1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:10.0.0.1', '10.0.0.1'],
  ['::ffff:0a00:0001', '10.0.0.1'],
  ['[::ffff:10.0.0.1]:1883', '10.0.0.1'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
  ['[fe80::1%eth0]:1883', 'fe80::1%eth0'],
  ['', null],
  ['undefined', null],
  ['gateway.example.com:1883', null],
  ['10.1.2', null],
  ['fe80::1%', null],
  ['x'.repeat(200), null],
];
/** With a port behind, as `peername` always has one. */
const PEERS: [text: string, address: string | null][] = [
  ['10.1.2.3:51234', '10.1.2.3'],
  ['2001:db8::1:2:51234', '2001:db8::1:2'],
  ['2001:db8::1:2', '2001:db8::1'],
  ['::ffff:10.0.0.1:51234', '10.0.0.1'],
  ['::1:51234', '::1'],
  ['[2001:db8::1]:51234', '2001:db8::1'],
  ['fe80::1%eth0:51234', 'fe80::1%eth0'],
  ['2001:db8::1', '2001:db8::1'],
];

describe('an IP address', () => {
  it('is one, whole and in one form, however it is written', () => {
    for (const [text, address] of ADDRESSES) expect(ipAddress(text), text).to.equal(address);
    for (const [text, address] of PEERS) expect(peerAddress(text), text).to.equal(address);
  });

  it('is the same wherever it comes from', () => {
    const of = {
      'webhook of EMQX 4': (text: string) => eventAddress({ action: 'client_connected', ipaddress: text }),
      'webhook, login refused': (text: string) =>
        eventAddress({ action: 'client_connack', conn_ack: 'not_authorized', ipaddress: text }),
      $SYS: (text: string) => {
        const body = { clientid: 'gw', connected_at: 1_700_000_000_000, ipaddress: text };
        const event = parseClientEvent(
          '$SYS/brokers/n/clients/gw/connected',
          Buffer.from(JSON.stringify(body)),
        );
        return event?.type === 'connected' ? event.ipAddress : null;
      },
      'client list of EMQX': (text: string) =>
        toBrokerClient({ clientid: 'gw', connected: true, ip_address: text }, null).ipAddress,
      'X-Forwarded-For': (text: string) =>
        callerReader(['loopback'])({
          headers: { 'x-forwarded-for': text },
          socket: { remoteAddress: '::1' } as never,
        }) || null,
    };
    for (const [door, read] of Object.entries(of)) {
      for (const [text, address] of ADDRESSES) {
        if (text === '' || text.length > 100) continue;
        expect(read(text), `${door}: ${text}`).to.equal(address);
      }
    }
    for (const [text, address] of PEERS)
      expect(eventAddress({ event: 'client.connected', peername: text }), text).to.equal(address);
  });

  it('counts as one for limits, however it is written', () => {
    for (const text of ['::ffff:10.0.0.1', '10.0.0.1:99', '[::ffff:0a00:1]:5'])
      expect(addressKey(text)).to.equal('10.0.0.1');
    for (const text of ['2001:db8::1', '2001:0DB8:0::9', '[2001:db8::2]:99'])
      expect(addressKey(text)).to.equal('2001:db8:0:0');
  });

  function eventAddress(fields: Record<string, unknown>): string | null {
    const read = readWebhook({ clientid: 'gw', connected_at: 1_700_000_000_000, ...fields }, 'plain');
    if (read.kind !== 'event' || !('ipAddress' in read.event)) throw new Error(JSON.stringify(read));
    return read.event.ipAddress;
  }
});
