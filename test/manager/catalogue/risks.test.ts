import { expect } from 'chai';
import { readOwnOperation } from '../../../nodes/manager/catalogue/custom-operation.js';
import { createOperationSet, TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { OPERATIONS } from '../../../nodes/manager/catalogue/operations.js';
import { restartsGateway } from '../../../nodes/manager/catalogue/restarting.js';
import { RISK_CLASSES, RISKS } from '../../../nodes/manager/catalogue/risk.js';
import { resolveRequest } from '../../../nodes/manager/catalogue/validation/resolve-request.js';
import { REVIEWED } from './reviewed-risks.js';

const rankOf = (risk: (typeof RISKS)[number]) => RISKS.indexOf(risk);
/** Ids of the operations of a class. */
const having = (wanted: (typeof RISK_CLASSES)[number]) =>
  OPERATIONS.filter(({ classes }) => classes.includes(wanted)).map(({ id }) => id);

describe('the risks of the operations', () => {
  it('are those that somebody has reviewed', () => {
    for (const { id, risk, classes } of OPERATIONS) {
      const reviewed = REVIEWED[id];
      expect(
        reviewed,
        `${id} is new: read what it does, and say its risk and classes in reviewed-risks.ts`,
      ).to.be.a('string');
      expect([risk, ...classes].join(' '), `${id} is not as it was reviewed`).to.equal(reviewed);
    }
    expect(Object.keys(REVIEWED)).to.have.members(OPERATIONS.map(({ id }) => id));
  });

  it('are disruptive at least with any class, and have the class that says so where data is lost', () => {
    for (const { id, risk, classes, mayCutMqtt, actuates } of OPERATIONS) {
      if (classes.length > 0) expect(rankOf(risk), id).to.be.at.least(rankOf('disruptive'));
      if (risk === 'destructive') expect(classes, id).to.include('loses-data');
      expect({ mayCutMqtt, actuates }, id).to.deep.equal({
        mayCutMqtt: classes.includes('cuts-mqtt'),
        actuates: classes.includes('moves-equipment'),
      });
      expect(classes, id).to.deep.equal(RISK_CLASSES.filter((one) => classes.includes(one)));
    }
  });

  it('are the same for all operations of one path and method: no body makes less of it', () => {
    const byRequest = new Map<string, string>();
    for (const { id, method, path, risk, classes } of OPERATIONS) {
      const request = `${method} ${path}`;
      const rating = [risk, ...classes].join(' ');
      expect(byRequest.get(request) ?? rating, id).to.equal(rating);
      byRequest.set(request, rating);
    }
  });

  it('are read for what only reads: a GET has a class where a parameter asks for more', () => {
    for (const { id, method, risk, raisedBy } of OPERATIONS) {
      if (method === 'GET') expect(risk, id).to.equal('read');
      if (raisedBy !== undefined) expect(raisedBy.classes, id).not.to.deep.equal([]);
    }
    const raised = OPERATIONS.filter(({ raisedBy }) => raisedBy !== undefined);
    expect(raised.map(({ id, raisedBy }) => [id, raisedBy?.parameter])).to.deep.equal([
      ['get-system-configuration', 'encryption'],
    ]);
  });

  it('name at least what issue after issue has shown to be more than a setting', () => {
    expect(having('runs-code')).to.include.members([
      'patch-function',
      'put-function-requirements',
      'put-function-requirements-migration',
      'patch-azure-iotedge',
      'patch-openvpn-dlm',
    ]);
    expect(having('changes-source')).to.include.members([
      ...['post-system-upgrade-file', 'put-system-upgrade', 'patch-system-upgrade-set-upgrade-configuration'],
      ...[
        'put-system-update-settings',
        'patch-system-update-settings',
        'delete-upgrades-id-delete-one-upgrades',
      ],
      ...['put-azure-device', 'put-aws', 'put-sparkplug', 'post-sparkplug-brokers', 'put-sparkplug-brokers'],
      ...['put-sparkplug-brokers-id', 'patch-logger-ftp-settings', 'post-logger-ftp-test-connection'],
      ...['post-mqtt-id-messages', 'put-mqtt-id-messages-group-id', 'post-upgrades-post-one-upgrades'],
    ]);
    expect(having('loses-data')).to.include.members([
      ...['put-audits-configuration', 'put-events-configuration', 'patch-events-profile', 'put-system-log'],
      ...['put-azure-device-store-and-forward', 'put-aws-store-and-forward', 'put-mqtt-id-store-and-forward'],
      ...['put-sparkplug-store-and-forward', 'patch-datalogger', 'patch-logger-cache'],
      ...['post-logger-cache-apply', 'post-logger-cache-reset'],
    ]);
    expect(having('moves-equipment')).to.include.members([
      'patch-device-serials-id-set-one-device-serials',
      'patch-device-serials',
    ]);
    expect(having('cuts-mqtt')).to.include.members([
      'put-device-network-wan-check',
      'patch-device-network-wan-check',
    ]);
    expect(having('changes-access')).to.include.members([
      'post-users',
      'post-mqtt',
      'put-system-decommission',
    ]);
  });
});

/** What restarts a gateway or the application that holds its MQTT connection, by what the vendor says of each. */
const RESTARTING = [
  'put-apps-appname-restart-restart-one-apps',
  'put-system-reboot-reboot-device-now',
  'put-system-reset-default-reset-to-factory-default',
  'put-system-reset-default-reset-to-system-default',
  'put-system-decommission',
  'patch-system-configuration-filename',
];

describe('the operations that restart a gateway', () => {
  const restarts = (method: string, path: string, requestBody?: unknown) =>
    restartsGateway(resolveRequest(TPE_OPERATIONS, { method, path, requestBody }));

  it('are those that do so at once, and are disruptive at least', () => {
    const found = OPERATIONS.filter((one) => one.restarts);
    expect(found.map(({ id }) => id)).to.have.members(RESTARTING);
    for (const { id, risk, classes } of found) {
      expect(rankOf(risk), id).to.be.at.least(rankOf('disruptive'));
      expect(classes, id).to.include('cuts-mqtt');
    }
  });

  it('are known by path, method and body, however they are asked for', () => {
    expect(restarts('PUT', '/system/reboot', { now: true })).to.equal(true);
    expect(restarts('put', '/api/v1/system/reboot', { now: true })).to.equal(true);
    expect(restarts('PUT', '/system/reset-default?mode=factory')).to.equal(true);
    expect(restarts('PUT', '/system/reset-default')).to.equal(true);
    expect(restarts('PUT', '/apps/cloud/restart')).to.equal(true);
    const at = { minute: '0', hour: '3', day: '*', month: '*', dayOfWeek: '1' };
    expect(restarts('PUT', '/system/reboot', { enableScheduler: true, at })).to.equal(false);
    expect(restarts('PUT', '/apps/cloud/stop')).to.equal(false);
    expect(restarts('GET', '/system/reboot')).to.equal(false);
    expect(restarts('POST', '/no/such/path')).to.equal(false);
  });

  it('are described by users too, who cannot say that one does not', () => {
    const own = (more: object) =>
      readOwnOperation({ category: 'Ours', name: 'One', method: 'PUT', path: '/pumps/restart', ...more });
    expect(own({}).restarts).to.equal(false);
    expect(own({ restarts: true }).restarts).to.equal(true);
    expect(own({ path: '/system/reboot', restarts: false }).restarts).to.equal(true);
    const request = { operation: 'own-reboot', requestBody: { now: true } };
    const told = createOperationSet([
      { ...own({ path: '/system/reboot', id: 'own-reboot' }), restarts: false },
    ]);
    expect(restartsGateway(resolveRequest(told, request))).to.equal(true);
    expect(() => own({ restarts: 'yes' })).to.throw(/restarts/);
  });
});
