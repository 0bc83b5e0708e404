import { expect } from 'chai';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import { versionsIn } from '../../../nodes/manager/gateway-simulator/upgrade-package.js';
import { checkClientId } from '../../../nodes/manager/protocol/client-id.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';

describe('the identities of virtual gateways', () => {
  it('are the same after a restart, however many are asked for', () => {
    expect(virtualIdentities(5)).to.deep.equal(virtualIdentities(40).slice(0, 5));
  });

  it('of other names are others, with serial numbers of their own', () => {
    const [ours, theirs] = [virtualIdentities(20), virtualIdentities(20, 'pump')];
    expect(theirs[0]).to.include({ clientid: 'pump-0001', modelName: ours[0]!.modelName });
    const serials = [...ours, ...theirs].map(({ serialNumber }) => serialNumber);
    expect(new Set(serials).size).to.equal(40);
    for (const names of ['a/b', '$x', '#', 'x'.repeat(61)]) {
      expect(() => virtualIdentities(1, names), names).to.throw(TpeError, /"names" must be/);
    }
  });

  it('are different from each other and plausible', () => {
    const all = virtualIdentities(1000);
    for (const field of ['clientid', 'serialNumber', 'hostName'] as const) {
      expect(new Set(all.map((identity) => identity[field])).size, field).to.equal(1000);
    }
    for (const { clientid, serialNumber, hostName, firmwareVersion } of all) {
      expect(() => checkClientId(clientid)).not.to.throw();
      expect(serialNumber).to.match(/^[A-Z0-9]{12}$/);
      expect(hostName).to.match(/^[a-z0-9-]{1,64}$/);
      expect(firmwareVersion).to.match(/^v?\d+(\.\d+)+$/);
    }
  });

  it('spread over the models and over versions that an update can be found for', () => {
    const all = virtualIdentities(12);
    const families = all.map(({ modelName }) => /^(UC-\d{2}|AIG-\d{3})/.exec(modelName)?.[0]);
    expect(new Set(families)).to.deep.equal(
      new Set(['UC-81', 'UC-82', 'UC-31', 'UC-21', 'AIG-301', 'AIG-501', 'AIG-302']),
    );
    expect(new Set(all.map(({ firmwareVersion }) => firmwareVersion)).size).to.be.greaterThan(4);
    expect(new Set(all.map(({ site }) => site)).size).to.be.greaterThan(1);
  });
});

describe('the versions in the name of a package', () => {
  const tpe = { api: 'tpe' } as const;
  const cases = [
    ['Upgrade_AIG-301_2.6.0-4499_IMG_1.7.0_to_1.8.0.yaml', '2.6.0-4499', '1.8.0'],
    ['Upgrade_AIG-301_2.4.0-4020_IMG_1.4_to_1.5.deb.yaml', '2.4.0-4020', '1.5'],
    ['package_2.3.0-3571-tpe_armhf.yaml', '2.3.0-3571', null],
    ['package_2.2.1-3369-aig_amd64.yaml?token=1.2.3-4', '2.2.1-3369', null],
    ['Rev_1.0.0_IMG_1.0_to_1.1.yaml', null, '1.1'],
    ['AIG-301_1.5.2-202400606_armhf.yaml', null, null],
    ['platform_2.2.0_armhf.yaml', null, null],
  ] as const;
  for (const [name, tpeVersion, firmwareVersion] of cases) {
    it(`are found in ${name}`, () => {
      const url = `https://packages.example.com/a_9.9.9-9/${name}`;
      expect(versionsIn(url, tpe)).to.deep.equal({ tpeVersion, firmwareVersion });
    });
  }

  it('are found in a package for an AIG-302', () => {
    expect(versionsIn('https://x.example.com/aig-302_1.2.0-20250906.tar', { api: 'aig-302' })).to.deep.equal({
      tpeVersion: '1.2.0',
      firmwareVersion: null,
    });
  });
});
