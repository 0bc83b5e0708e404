import { expect } from 'chai';
import {
  bodyToSend,
  changedFields,
  togetherOf,
  withFields,
} from '../../../nodes/manager/catalogue/changed-fields.js';
import { blankBody, labelWithin } from '../../../nodes/manager/catalogue/form-schema.js';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import {
  bodyOfPresent,
  choicesIn,
  entryOf,
  valueOfAnswer,
  withFixed,
} from '../../../nodes/manager/catalogue/present-body.js';
import { formReadsOf } from '../../../nodes/manager/catalogue/present-values.js';
import { REDACTED } from '../../../nodes/manager/shared/redact.js';

const STATIC = 'patch-device-ethernets-id-update-one-device-ethernets-static';
const operationOf = (id: string) => TPE_OPERATIONS.get(id)!;
const readsOf = (id: string) => formReadsOf(operationOf(id), TPE_OPERATIONS);
const lan = {
  ...{ type: 'ethernets', id: 1, displayName: 'LAN1', name: 'eth0', wan: true, enable: true },
  ...{ enableDhcp: true, ip: '192.168.3.100', netmask: '255.255.255.0', gateway: '192.168.3.254' },
  ...{ dns: ['8.8.8.8'], mac: '00:90:e8:12:34:56' },
};

describe('present values', () => {
  it('are read by the GET of the same path, from the list above it, or not at all', () => {
    expect(readsOf(STATIC)).to.deep.equal({
      present: { operation: 'get-device-ethernets-id', params: { id: 'id' }, entry: null },
      choices: { id: { operation: 'get-device-ethernets-get-all-device-ethernets', params: {} } },
    });
    expect(readsOf('put-device-dns').present).to.deep.equal({
      ...{ operation: 'get-device-dns-get-device-dns', params: {}, entry: null },
    });
    expect(readsOf('put-mqtt-id').present).to.include({ entry: 'id' });
    expect(readsOf('put-mqtt-id-messages-group-id').choices).to.have.keys('id', 'group_id');
    expect(readsOf('put-users-me-password').present).to.equal(null);
    // When it was rebooted last is no setting.
    expect(readsOf('put-system-reboot-reboot-device-now').present).to.equal(null);
    expect(readsOf('get-device-ethernets-id')).to.deep.include({ present: null });
    expect(readsOf('get-device-ethernets-id').choices).to.have.keys('id');
  });

  it('are found for most of what changes settings, and never by what is refused', () => {
    const changing = OPERATIONS.filter(
      ({ method, bodySchema }) => bodySchema !== null && (method === 'PUT' || method === 'PATCH'),
    );
    const reads = changing.map((operation) => formReadsOf(operation, TPE_OPERATIONS).present);
    expect(reads.filter((read) => read !== null).length).to.be.greaterThan(100);
    for (const read of reads.filter((one) => one !== null)) {
      const { method, risk, refusedBecause } = operationOf(read.operation);
      expect({ method, risk, refusedBecause }).to.deep.equal({
        ...{ method: 'GET', risk: 'read', refusedBecause: null },
      });
    }
  });

  it('become a body: what it knows of the answer, what is fixed, and nothing that is hidden', () => {
    const { bodySchema } = operationOf(STATIC);
    const body = bodyOfPresent(bodySchema!, lan, '/device/ethernets/{id}');
    expect(body).to.deep.equal({
      ...{ enable: true, enableDhcp: true, ip: '192.168.3.100', netmask: '255.255.255.0' },
      ...{ gateway: '192.168.3.254', dns: ['8.8.8.8'], wan: true },
    });
    // What the operation sets in any case is a change where the gateway has something else.
    expect(changedFields(body, withFixed(bodySchema!, body))).to.deep.equal([
      { path: '/enableDhcp', before: true, after: false },
    ]);
    expect(withFixed(bodySchema!, {})).to.deep.equal({ enableDhcp: false });
    const ssh = operationOf('put-system-sshserver-set-system-sshserver');
    expect(bodyOfPresent(ssh.bodySchema!, { sshEnable: false, sshPort: 2222 }, ssh.path)).to.deep.equal({
      enable: false,
      port: 2222,
    });
    const dns = operationOf('put-device-dns');
    expect(bodyOfPresent(dns.bodySchema!, ['1.1.1.1', '8.8.8.8'], dns.path)).to.deep.equal({
      ...{ enable: true, primary: '1.1.1.1', secondary: '8.8.8.8' },
    });
    const wifi = operationOf('patch-device-wifi-id');
    const present = { mode: 'ap', enable: true, ap: { ssid: 'a', security: { password: REDACTED } } };
    expect(bodyOfPresent(wifi.bodySchema!, present, wifi.path)).to.deep.equal({
      data: { mode: 'ap', enable: true, ap: { ssid: 'a', security: {} } },
    });
  });

  it('of each operation fit the example of its GET, and would change nothing', () => {
    for (const operation of OPERATIONS) {
      const { present } = formReadsOf(operation, TPE_OPERATIONS);
      if (present === null) continue;
      const value = valueOfAnswer(operationOf(present.operation).answerExample);
      const found = present.entry === null ? value : entryOf(value, present.entry, 1);
      const body = bodyOfPresent(operation.bodySchema!, found, operation.path);
      expect(changedFields(body, body), operation.id).to.deep.equal([]);
    }
  });

  it('are found in lists by what the path names, with the names that people know', () => {
    expect(entryOf([{ id: 1 }, { id: 2, name: 'b' }], 'id', '2')).to.deep.equal({ id: 2, name: 'b' });
    expect(entryOf([{ masterSerIfaceId: 3 }], 'masterSerIfaceId', 3)).to.deep.equal({ masterSerIfaceId: 3 });
    expect(entryOf({ id: 1 }, 'id', 1)).to.equal(undefined);
    expect(choicesIn([lan, { id: 2 }, 'x', null], 'id')).to.deep.equal([
      { value: 1, label: 'LAN1, eth0' },
      { value: 2, label: '' },
      { value: 'x', label: 'x' },
    ]);
    expect(choicesIn([{ name: 'moby', displayName: 'Docker' }], 'appname')).to.deep.equal([
      { value: 'moby', label: 'Docker' },
    ]);
  });
});

describe('changed fields', () => {
  const before = { enable: true, ip: '192.168.3.100', netmask: '255.255.255.0', gateway: '192.168.3.254' };
  const body = { ...before, enableDhcp: false, wan: true, dns: ['8.8.8.8'] };

  it('are told one by one, a list as a whole', () => {
    const after = { ...body, ip: '192.168.3.7', dns: ['1.1.1.1'], ntp: { server: 'a', interval: undefined } };
    expect(changedFields(body, after)).to.deep.equal([
      { path: '/ip', before: '192.168.3.100', after: '192.168.3.7' },
      { path: '/dns', before: ['8.8.8.8'], after: ['1.1.1.1'] },
      { path: '/ntp/server', before: undefined, after: 'a' },
    ]);
    expect(withFields(body, changedFields(body, after))).to.deep.equal({
      ...{ ...body, ip: '192.168.3.7', dns: ['1.1.1.1'], ntp: { server: 'a' } },
    });
    expect(changedFields({ a: 1, b: 2 }, { b: 2, a: 1 })).to.deep.equal([]);
  });

  it('are all that PATCH sends, with what the API asks for and what a rule looks at beside them', () => {
    const operation = operationOf(STATIC);
    const required = { enable: true, enableDhcp: false, ip: before.ip, netmask: before.netmask, wan: true };
    expect(bodyToSend(operation, body, body)).to.deep.equal(required);
    const dns = { ...body, dns: ['1.1.1.1'] };
    expect(bodyToSend(operation, body, dns)).to.deep.equal({ ...required, dns: ['1.1.1.1'] });
    const moved = { ...body, ip: '192.168.3.7' };
    expect(bodyToSend(operation, body, moved)).to.deep.equal({
      ...{ ...required, ip: '192.168.3.7', gateway: before.gateway },
    });
  });

  it('are sent with all others by PUT', () => {
    const operation = operationOf('put-system-sshserver-set-system-sshserver');
    expect(bodyToSend(operation, { enable: true, port: 22 }, { enable: true, port: 2222 })).to.deep.equal({
      ...{ enable: true, port: 2222 },
    });
  });

  it('of many gateways are set on each beside what is its own', () => {
    const bodies = [body, { ...body, ip: '192.168.3.101' }, { ...body, ip: '192.168.3.101' }];
    const { common, differing } = togetherOf(bodies);
    const { ip: _ip, ...alike } = body;
    expect(common).to.deep.equal(alike);
    expect(differing).to.deep.equal({ '/ip': ['192.168.3.100', '192.168.3.101'] });
    const changes = changedFields(common, { ...(common as object), dns: ['1.1.1.1'] });
    expect(bodies.map((one) => withFields(one, changes))).to.deep.equal(
      bodies.map((one) => ({ ...one, dns: ['1.1.1.1'] })),
    );
    expect(togetherOf([{ a: { b: 1, c: 2 } }, { a: { b: 1 } }])).to.deep.equal({
      common: { a: { b: 1 } },
      differing: { '/a/c': [2, undefined] },
    });
  });

  it('begin blank: with what the API fixes, and no value that nobody chose', () => {
    const { bodySchema } = operationOf(STATIC);
    expect(blankBody(bodySchema!)).to.deep.equal({ enableDhcp: false });
    for (const { bodySchema: schema } of OPERATIONS) {
      const text = schema === null ? '' : JSON.stringify(blankBody(schema));
      expect(text).not.to.match(/:0[,}]/);
    }
  });

  it('have the names that the form has', () => {
    const ntp = operationOf('patch-device-time-set-device-time-ntp-gps-sync').bodySchema!;
    expect(labelWithin(ntp, '/ntp/interval')).to.equal('Time synchronisation › Interval (s)');
    expect(labelWithin(operationOf('patch-device-wifi-id').bodySchema!, '/data/enable')).to.equal('Enabled');
    expect(labelWithin(ntp, '/unknown/0')).to.equal('unknown › 0');
  });
});
