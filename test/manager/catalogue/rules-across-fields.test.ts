import { expect } from 'chai';
import { createOperationSet, TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { resolveRequest } from '../../../nodes/manager/catalogue/validation/resolve-request.js';
import {
  faultsAcrossFields,
  fieldsTogether,
} from '../../../nodes/manager/catalogue/validation/rules-across-fields.js';

const STATIC = 'patch-device-ethernets-id-update-one-device-ethernets-static';
const address = { ip: '192.168.4.100', netmask: '255.255.255.0', gateway: '192.168.4.254' };
const faultsIn = (body: unknown, skip: string[] = []) =>
  faultsAcrossFields(body, skip).map(({ path, rule }) => `${path} ${rule}`);

/** Bodies with what is wrong with them; null: nothing. */
const CASES: [body: unknown, fault: string | null][] = [
  [address, null],
  [{ ...address, ip: '192.168.4.0' }, '/ip address-is-network'],
  [{ ...address, ip: '192.168.4.255' }, '/ip address-is-broadcast'],
  [{ ip: '127.0.0.1', netmask: '255.0.0.0' }, '/ip address-of-no-host'],
  [{ ip: '239.1.2.3', netmask: '255.255.255.0' }, '/ip address-of-no-host'],
  [{ ...address, gateway: '192.168.5.254' }, '/gateway gateway-outside-network'],
  [{ ...address, gateway: '192.168.4.100' }, '/gateway gateway-is-the-address'],
  [{ ...address, gateway: '192.168.4.255' }, '/gateway address-is-broadcast'],
  [{ ...address, gateway: '' }, null],
  [{ ...address, gateway: '0.0.0.0' }, null],
  [{ ...address, ip: '0.0.0.0' }, null],
  [{ ...address, enableDhcp: true, gateway: '10.0.0.1' }, null],
  [{ ...address, ip: '192.168.5.0', netmask: '255.255.252.0', gateway: '192.168.7.254' }, null],
  // Of a network of two addresses, both are of hosts.
  [{ ip: '10.0.0.0', netmask: '255.255.255.254', gateway: '10.0.0.1' }, null],
  [{ startIp: '192.168.3.200', endIp: '192.168.3.100' }, '/endIp range-out-of-order'],
  [{ startIp: '192.168.3.9', endIp: '192.168.3.10', netmask: '255.255.255.0' }, null],
  [{ startIp: '192.168.3.9', endIp: '192.168.4.10', netmask: '255.255.255.0' }, '/endIp pool-over-networks'],
  [
    { startIp: '192.168.3.0', endIp: '192.168.3.10', netmask: '255.255.255.0' },
    '/startIp address-is-network',
  ],
  [
    { ...address, dhcpServer: { startIp: '192.168.5.1', endIp: '192.168.5.9' } },
    '/dhcpServer/startIp pool-outside-network',
  ],
  [
    { ...address, dhcpServer: { startIp: '192.168.4.90', endIp: '192.168.4.110' } },
    '/dhcpServer/startIp pool-has-own-address',
  ],
  [
    {
      ap: {
        dhcpServer: { startIp: '192.168.10.100', endIp: '192.168.11.200' },
        network: { ipAddress: '192.168.10.1', ipNetmask: '255.255.255.0' },
      },
    },
    '/ap/dhcpServer/endIp pool-outside-network',
  ],
  [{ httpPort: 80, httpsPort: 80 }, '/httpsPort ports-alike'],
  [{ httpPort: 80, httpsPort: 80, httpEnable: false }, null],
  [{ enable: true, primary: '', secondary: '' }, '/primary dns-server-missing'],
  [{ enable: false, primary: '' }, null],
  [{ enable: true, primary: '8.8.8.8', secondary: '8.8.8.8' }, '/secondary servers-alike'],
  [JSON.parse('{"target":"a","timeout":30,"interval":20}'), '/timeout timeout-over-interval'],
  [{ timeoutMin: 60, idleTimeoutMin: 61 }, '/idleTimeoutMin idle-over-session'],
  [{ ntp: { enable: true, source: 'timeserver', server: ' ' } }, '/ntp/server time-server-missing'],
  [{ ntp: { enable: true, source: 'gps', server: '' } }, null],
  [{ func: 3, readAddress: 0, readQuantity: 126 }, '/readQuantity too-many-to-read'],
  [{ func: 1, readAddress: 0, readQuantity: 2000 }, null],
  [{ func: 3, readAddress: 65_530, readQuantity: 10 }, '/readQuantity beyond-last-address'],
  [{ func: 16, writeAddress: 0, writeQuantity: 124 }, '/writeQuantity too-many-to-write'],
  [{ func: 3, writeQuantity: 1968 }, null],
  [{ scalingFunc: 2, pointSourceMin: 4, pointSourceMax: 4 }, '/pointSourceMax scale-of-nothing'],
  [[{ protocol: 'tcp', sourcePort: '90-80' }], '/0/sourcePort ports-out-of-order'],
  [[{ protocol: 'tcp', sourcePort: '8022' }], null],
];

describe('rules across fields', () => {
  for (const [body, fault] of CASES)
    it(`${JSON.stringify(body)}: ${fault ?? 'fits'}`, () =>
      expect(faultsIn(body)).to.deep.equal(fault === null ? [] : [fault]));

  it('say nothing of what is not known yet', () => {
    const wrong = { ...address, gateway: '10.0.0.1' };
    expect(faultsIn(wrong, ['/netmask'])).to.deep.equal([]);
    expect(faultsIn(wrong, [''])).to.deep.equal([]);
    expect(faultsIn({ ...wrong, ip: '{{value.ip}}' })).to.deep.equal([]);
  });

  it('let each example of the catalogue through', () => {
    const wrong = OPERATIONS.flatMap(({ id, bodyExample }) =>
      faultsIn(bodyExample).map((fault) => `${id}: ${fault}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('are checked by every door, in the words of a person and in those of others', () => {
    const requestBody = { enable: true, enableDhcp: false, wan: true, ...address, gateway: '10.0.0.1' };
    const named = { operation: STATIC, params: { id: 1 }, requestBody };
    const written = { method: 'PATCH', path: '/device/ethernets/1', requestBody };
    for (const given of [named, written]) {
      const [fault, ...more] = resolveRequest(TPE_OPERATIONS, given).faults;
      expect(more).to.deep.equal([]);
      expect(fault?.text).to.equal(
        'requestBody/gateway must be within 192.168.4.0/24, the network of 192.168.4.100: else it cannot be reached (gateway-outside-network)',
      );
      expect(fault?.cause?.params).to.deep.equal({ network: '192.168.4.0/24', address: '192.168.4.100' });
    }
    expect(resolveRequest(TPE_OPERATIONS, named, ['/requestBody/ip']).faults).to.deep.equal([]);
  });

  it('are not for operations that users brought, whose fields may mean something else', () => {
    const own = createOperationSet([{ ...TPE_OPERATIONS.get(STATIC)!, id: 'own', source: 'own' }]);
    const requestBody = { enable: true, enableDhcp: false, wan: true, ...address, gateway: '10.0.0.1' };
    expect(resolveRequest(own, { operation: 'own', params: { id: 1 }, requestBody }).faults).to.deep.equal(
      [],
    );
  });

  it('end soon for whatever is given', () => {
    const wide = Array.from({ length: 100_000 }, () => ({ ...address, gateway: '10.0.0.1' }));
    expect(faultsAcrossFields(wide, [])).to.have.length(10);
    let deep: unknown = address;
    for (let level = 0; level < 1000; level += 1) deep = { dhcpServer: deep };
    expect(faultsAcrossFields(deep, [])).to.deep.equal([]);
  });

  it('tell which fields belong together', () => {
    expect([...fieldsTogether(new Set(['gateway', 'dns']))].sort()).to.deep.equal([
      'dns',
      'enableDhcp',
      'gateway',
      'ip',
      'netmask',
    ]);
    expect([...fieldsTogether(new Set(['hostName']))]).to.deep.equal(['hostName']);
  });
});
