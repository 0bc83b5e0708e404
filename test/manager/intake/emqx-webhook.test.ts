import { expect } from 'chai';
import * as fc from 'fast-check';
import type { BrokerEvent } from '../../../nodes/manager/broker/events.js';
import type { PayloadReading } from '../../../nodes/manager/broker/options.js';
import { readWebhook, type WebhookReading } from '../../../nodes/manager/intake/emqx-webhook.js';
import {
  EMQX_VERSIONS,
  type EmqxVersion,
  recordedScenario,
  recordedScenarios,
  recordedWebhook,
} from '../../support/emqx-recordings.js';

const read = (raw: string, payloads: PayloadReading = 'auto') => readWebhook(JSON.parse(raw), payloads);

function eventOf(reading: WebhookReading): BrokerEvent {
  if (reading.kind === 'event') return reading.event;
  throw new Error(reading.kind === 'fault' ? reading.fault : `ignored ${reading.action}`);
}

function faultOf(body: unknown): string {
  const reading = readWebhook(body, 'auto');
  if (reading.kind === 'fault') return reading.fault;
  throw new Error(`was read: ${JSON.stringify(reading)}`);
}

/** An event in a few words, as a person would tell the scenario. */
function translateReason(reading: WebhookReading): string {
  if (reading.kind !== 'event') return `- ${reading.kind === 'ignored' ? reading.action : reading.fault}`;
  const { event } = reading;
  if (event.type === 'connected')
    return `${event.clientid} on as ${event.username} from ${event.ipAddress} at ${event.connectedAt}`;
  if (event.type === 'disconnected')
    return `${event.clientid} off (${event.reason}) at ${event.disconnectedAt}, since ${event.connectedAt}`;
  if (event.type === 'refused') return `${event.clientid} refused (${event.reason}) from ${event.ipAddress}`;
  const { clientid, topic, payload, qos, retain } = event;
  return `${clientid} says ${JSON.stringify(payload.toString())} on ${topic} (${qos}${retain ? ', retained' : ''})`;
}

const story = (version: EmqxVersion, scenario: string, payloads?: PayloadReading) =>
  recordedScenario(version, scenario).map(({ body_raw }) => translateReason(read(body_raw, payloads)));

describe('webhooks of EMQX, as they were recorded', () => {
  it('read every body of every scenario', () => {
    let events = 0;
    for (const version of EMQX_VERSIONS) {
      for (const [scenario, { requests }] of Object.entries(recordedScenarios(version))) {
        for (const { body_raw } of requests) {
          const reading = read(body_raw);
          expect(reading.kind, `${version} ${scenario}: ${body_raw}`).not.to.equal('fault');
          if (reading.kind === 'event') events += 1;
        }
      }
    }
    expect(events).to.be.greaterThan(70);
  });

  it('give the same connect from 4.4 and from 5, but for what only one of them tells', () => {
    const connect = {
      type: 'connected',
      clientid: 'dev-001',
      username: 'alice',
      ipAddress: '127.0.0.1',
      protocolVersion: 4,
      keepalive: 30,
      source: 'webhook',
    };
    expect(eventOf(read(recordedWebhook('4.4.19', 'client_connected').body_raw))).to.deep.equal({
      ...connect,
      connectedAt: 1795500932614,
      cleanStart: null,
      node: 'emqx@127.0.0.1',
    });
    expect(eventOf(read(recordedWebhook('5.0.26', 'client_connected').body_raw))).to.deep.equal({
      ...connect,
      connectedAt: 1795501784817,
      cleanStart: true,
      node: 'emqx5@127.0.0.1',
    });
  });

  it('name the session that ended where the broker does: 5.0 does not', () => {
    const cases: [string, string, number, number, number][] = [
      ['', 'normal', 1795500932614, 1795500940774, 1795501792963],
      ['-abrupt', 'tcp_closed', 1795500941682, 1795500945471, 1795501797528],
      ['-keepalive', 'keepalive_timeout', 1795500955235, 1795500959740, 1795501810216],
      ['-kicked', 'kicked', 1795500946698, 1795500946706, 1795501798739],
    ];
    for (const [suffix, reason, connectedAt, at4, at5] of cases) {
      const [four, five] = EMQX_VERSIONS.map((version) =>
        eventOf(read(recordedWebhook(version, `client_disconnected${suffix}`).body_raw)),
      );
      const shared = { type: 'disconnected', reason, source: 'webhook' };
      expect(four).to.include({ ...shared, connectedAt, disconnectedAt: at4, node: 'emqx@127.0.0.1' });
      expect(five).to.include({ ...shared, connectedAt: null, disconnectedAt: at5, node: 'emqx5@127.0.0.1' });
    }
  });

  it('give the same message from 4.4 and from 5, received by our own clock', () => {
    const before = Date.now();
    for (const version of EMQX_VERSIONS) {
      const { receivedAt, ...message } = eventOf(
        read(recordedWebhook(version, 'message_publish').body_raw),
      ) as BrokerEvent & { type: 'message' };
      expect(message).to.deep.equal({
        type: 'message',
        clientid: 'dev-001',
        topic: 'devices/dev-001/telemetry',
        payload: Buffer.from('{"temp":21.5,"unit":"°C"}'),
        qos: 0,
        retain: false,
        source: 'webhook',
      });
      expect(receivedAt).to.be.within(before, Date.now());
    }
  });

  it('carry the id of a message in 5, none in 4.4', () => {
    expect(read(recordedWebhook('5.0.26', 'message_publish').body_raw)).to.include({
      id: '000660FFD621C2CF7182000007200002',
    });
    expect(read(recordedWebhook('4.4.19', 'message_publish').body_raw)).to.include({ id: null });
  });

  it('tell each scenario of 4.4', () => {
    expect(story('4.4.19', 'connect_v4_user')).to.deep.equal([
      '- client_connect',
      'dev-001 on as alice from 127.0.0.1 at 1795500932614',
      '- client_connack',
    ]);
    expect(story('4.4.19', 'takeover_same_clientid_clean')).to.deep.equal([
      '- client_connect',
      'dup on as u1 from 127.0.0.1 at 1795500947924',
      '- client_connack',
      '- client_connect',
      'dup on as u2 from 127.0.0.1 at 1795500947930',
      '- client_connack',
      'dup off (normal) at 1795500948236, since 1795500947930',
      '- session_terminated',
    ]);
    expect(story('4.4.19', 'anonymous_no_username')).to.deep.equal([
      '- client_connect',
      'anon-1 on as null from 127.0.0.1 at 1795500950364',
      '- client_connack',
      'anon-1 says "x" on anon/t (0)',
      'anon-1 off (normal) at 1795500950369, since 1795500950364',
      '- session_terminated',
    ]);
    expect(story('4.4.19', 'will_message_on_abrupt').slice(3)).to.deep.equal([
      'willy says "offline" on devices/willy/lwt (1, retained)',
      'willy off (tcp_closed) at 1795500953113, since 1795500953108',
      '- session_terminated',
    ]);
    expect(story('4.4.19', 'rest_publish_webhook')).to.deep.equal([
      'nodered says "{\\"cmd\\":\\"go\\"}" on devices/dev-002/cmd (1)',
      '- message_delivered',
      '- message_acked',
    ]);
    expect(story('4.4.19', 'malformed_packet_after_connect')[3]).to.match(/^bad-p off \(frame_too_large\)/);
    expect(story('4.4.19', 'pgsql_auth_allow_anonymous_false').slice(-4)).to.deep.equal([
      '- client_connect',
      'devA2 refused (not_authorized) from 127.0.0.1',
      '- client_connect',
      'devZ refused (not_authorized) from 127.0.0.1',
    ]);
  });

  it('tell each scenario of 5.0, where a takeover is told and a publish comes behind its disconnect', () => {
    expect(story('5.0.26', 'takeover_same_clientid_persistent')).to.deep.equal([
      'dup2 on as u1 from 127.0.0.1 at 1795501801163',
      'dup2 off (takenover) at 1795501801165, since null',
      'dup2 on as u2 from 127.0.0.1 at 1795501801165',
      'dup2 off (normal) at 1795501801469, since null',
    ]);
    expect(story('5.0.26', 'takeover_same_clientid_clean')[1]).to.match(/^dup off \(discarded\)/);
    expect(story('5.0.26', 'anonymous_no_username')).to.deep.equal([
      'anon-1 on as null from 127.0.0.1 at 1795501802377',
      'anon-1 off (normal) at 1795501802378, since null',
      'anon-1 says "x" on anon/t (0)',
    ]);
    expect(story('5.0.26', 'rest_publish_webhook')).to.deep.equal([
      'http_api says "{\\"cmd\\":\\"go\\"}" on devices/dev-002/cmd (1)',
    ]);
  });

  it('keep special client ids, empty payloads and quoting as they are', () => {
    for (const version of EMQX_VERSIONS) {
      const special = story(version, 'special_clientid').filter((line) => !line.startsWith('-'));
      expect(special).to.have.length(3);
      expect(special.every((line) => line.startsWith('dév/1 a%2F#?"q" '))).to.equal(true);
      expect(story(version, 'publish_empty_payload')).to.deep.equal([
        'dev-001 says "" on devices/dev-001/empty (0)',
      ]);
      expect(story(version, 'publish_quotes_newline_tab')[0]).to.contain(
        JSON.stringify('he said "hi"\n\tend / \\ '),
      );
      expect(story(version, 'publish_clear_retained')[0]).to.match(/says "" .*retained/);
    }
  });
});

describe('webhooks of EMQX: payloads', () => {
  const payloadOf = (body: object, payloads: PayloadReading) => {
    const event = eventOf(readWebhook({ ...PUBLISH, ...body }, payloads));
    return event.type === 'message' ? event.payload.toString('utf8') : '';
  };
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const PUBLISH = { action: 'message_publish', from_client_id: 'gw', topic: '/t', qos: 1, retain: false };

  it('read base64 as recorded where EMQX 4 was set up for it', () => {
    const { body_raw } = recordedWebhook('4.4.19', 'message_publish-base64');
    expect(translateReason(read(body_raw, 'base64'))).to.contain('says "hi"');
    expect(translateReason(read(body_raw, 'plain'))).to.contain('says "aGk="');
    expect(translateReason(read(body_raw, 'auto')), 'no JSON, so perhaps no base64').to.contain(
      'says "aGk="',
    );
  });

  it('are found out by themselves where they are JSON', () => {
    for (const text of ['{"a":1}', '[1]', ' {"a":"ü"}', '\n[ ]', '{}']) {
      expect(payloadOf({ payload: encoded(text) }, 'auto')).to.equal(text);
      expect(payloadOf({ payload: text }, 'auto')).to.equal(text);
    }
    for (const text of ['online', 'abcd', 'eyJh', 'eyJhIjox', encoded('42'), encoded('{"a"'), '']) {
      expect(payloadOf({ payload: text }, 'auto')).to.equal(text);
    }
  });

  it('are what the body itself says, whatever was set', () => {
    for (const payloads of ['auto', 'plain', 'base64'] as const) {
      expect(payloadOf({ payload: 'aGk=', payload_encoding: 'base64' }, payloads)).to.equal('hi');
      expect(payloadOf({ payload: 'eyJhIjoxfQ==', payload_encoding: 'plain' }, payloads)).to.equal(
        'eyJhIjoxfQ==',
      );
    }
  });

  it('must be base64 where that is said', () => {
    for (const payload of ['a', 'aGk', '{"a":1}', 'aGk=\n', 'aGl=']) {
      expect(faultOf({ ...PUBLISH, payload, payload_encoding: 'base64' }), payload).to.contain(
        '"payload" is not base64',
      );
    }
  });
});

describe('webhooks of EMQX: what else may come', () => {
  const CONNECT = { event: 'client.connected', clientid: 'gw', connected_at: 1760160813688 };
  const DISCONNECT = {
    event: 'client.disconnected',
    clientid: 'gw',
    reason: 'normal',
    disconnected_at: 1760160904121,
  };
  const connect = (more: object) => eventOf(readWebhook({ ...CONNECT, ...more }, 'auto'));

  it('is told by the names of old and new event topics too', () => {
    for (const event of ['$events/client_connected', '$events/client/connected']) {
      expect(connect({ event })).to.include({ type: 'connected' });
    }
    for (const event of ['$events/client_disconnected', '$events/client/disconnected']) {
      expect(eventOf(readWebhook({ ...DISCONNECT, event }, 'auto'))).to.include({ type: 'disconnected' });
    }
  });

  it('is ignored by its name where it concerns nobody', () => {
    for (const event of ['client.ping', 'session.subscribed', '', '__proto__', 'constructor']) {
      expect(readWebhook({ event }, 'auto')).to.deep.equal({ kind: 'ignored', action: event });
      expect(readWebhook({ action: event }, 'auto')).to.deep.equal({ kind: 'ignored', action: event });
    }
  });

  it('finds the address in a peer name, also of IPv6', () => {
    const cases = {
      '10.20.0.15:51234': '10.20.0.15',
      'fe80::1:51234': 'fe80::1',
      '2001:db8:1:2:3:4:5:6:51234': '2001:db8:1:2:3:4:5:6',
      '[2001:db8::1]:51234': '2001:db8::1',
      '::ffff:10.1.2.3:1883': '10.1.2.3',
      '10.20.0.15': '10.20.0.15',
      undefined: null,
      'not an address': null,
    };
    for (const [peername, ipAddress] of Object.entries(cases)) {
      expect(connect({ peername }), peername).to.include({ ipAddress });
    }
  });

  it("knows Erlang's word for nothing in every place, and that old versions count in seconds", () => {
    const nothing = { username: 'undefined', peername: 'undefined', keepalive: 'undefined', node: null };
    expect(connect({ ...nothing, connected_at: 1760160813 })).to.include({
      username: null,
      ipAddress: null,
      keepalive: null,
      node: null,
      connectedAt: 1760160813000,
    });
    expect(eventOf(readWebhook({ ...DISCONNECT, connected_at: 'undefined' }, 'auto'))).to.include({
      connectedAt: null,
    });
    expect(connect({ clientid: 'undefined' })).to.include({ clientid: 'undefined' });
  });

  it('bounds a reason, which EMQX 4 may make of any Erlang term', () => {
    const event = eventOf(readWebhook({ ...DISCONNECT, reason: '{shutdown,'.repeat(10_000) }, 'auto'));
    expect(event).to.have.property('reason').with.length(256);
  });

  it('names the field and the rule that is broken', () => {
    expect(faultOf({ ...CONNECT, clientid: undefined })).to.equal(
      'The webhook "client.connected": "clientid" is missing.',
    );
    expect(faultOf({ ...CONNECT, connected_at: 'today' })).to.contain('"connected_at" must be integer');
    expect(faultOf({ ...CONNECT, connected_at: -1 })).to.contain('"connected_at" must be >= 0');
    expect(faultOf({ ...CONNECT, clientid: 'a\u0000b' })).to.contain('"clientid" must match');
    expect(faultOf({ ...CONNECT, clientid: '' })).to.contain('"clientid"');
    expect(faultOf({ ...CONNECT, clientid: 'x'.repeat(2000) })).to.contain('1024');
    expect(
      faultOf({ action: 'message_publish', from_client_id: 'a', topic: 't', payload: {}, qos: 1 }),
    ).to.contain('"payload" must be string');
    expect(faultOf({ event: 'message.publish', clientid: 'a', topic: 't', payload: '', qos: 3 })).to.contain(
      '"qos"',
    );
    for (const body of [null, [], 'text', 7, undefined]) expect(faultOf(body)).to.contain('JSON object');
    expect(faultOf({})).to.contain('neither "action"');
    expect(faultOf({ action: 5, event: {} })).to.contain('neither "action"');
  });

  it('never throws, whatever comes', () => {
    const names = fc.constantFrom(
      'client_connected',
      'client.connected',
      'message.publish',
      'message_publish',
      'x',
    );
    const wild = fc.dictionary(
      fc.constantFrom(
        'clientid',
        'from_client_id',
        'connected_at',
        'topic',
        'payload',
        'qos',
        'flags',
        'reason',
        'id',
      ),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), wild),
        names,
        fc.constantFrom('action', 'event'),
        (value, name, key) => {
          const body = typeof value === 'object' && value !== null ? { ...value, [key]: name } : value;
          expect(readWebhook(body, 'auto').kind).to.be.oneOf(['event', 'ignored', 'fault']);
        },
      ),
    );
  });
});
