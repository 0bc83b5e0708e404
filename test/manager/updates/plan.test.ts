import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageUrlRule } from '../../../nodes/manager/catalogue/package-url.js';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import { listIn } from '../../../nodes/manager/updates/repository/list-in.js';
import { forModel, readPackages } from '../../../nodes/manager/updates/repository/package-list.js';
import { planUpdates, type Runs } from '../../../nodes/manager/updates/scan/plan.js';
import type { SoftwarePackage } from '../../../nodes/manager/updates/software-package.js';
import { expectCause } from './expect-cause.js';

const FOLDER = join(__dirname, '../../../nodes/manager/gateway-simulator/packages');
const { list } = listIn(JSON.parse(readFileSync(join(FOLDER, 'packages.json'), 'utf8')));

function mil(version: string, more: Partial<SoftwarePackage> = {}): SoftwarePackage {
  const packageName = `firmware ${version}`;
  return {
    ...{ category: 'mil', packageName, displayName: null, version, minFirmwareVersion: null, size: null },
    yamlUrl: `https://tpe2.thingspro.io/${version}.yaml`,
    ...more,
  };
}
const tpe = (version: string, more: Partial<SoftwarePackage> = {}) =>
  mil(version, { category: 'tpe', ...more });
const runs = (firmwareVersion: string | null, tpeVersion: string | null = '2.3.0-1'): Runs => ({
  modelName: 'UC',
  firmwareVersion,
  tpeVersion,
});
const rule = packageUrlRule(null, []);

function plan(has: Runs, packages: SoftwarePackage[]) {
  const of = (category: string) => packages.filter((one) => one.category === category);
  const { path, candidates, recommended } = planUpdates(has, of('mil'), of('tpe'), rule);
  expect(recommended).to.equal(path[0] ?? null);
  for (const { reason, cause } of candidates) expectCause(reason, cause);
  return {
    path: path.map(({ version }) => version),
    reasons: Object.fromEntries(candidates.map((one) => [one.package.version, one.reason])),
    codes: candidates.map(({ cause }) => cause?.code),
  };
}

describe('the plan for an update', () => {
  it('climbs step by step where packages lead from one version to the next', () => {
    const { packages } = forModel(readPackages(list, 'mil'), 'AIG-301-T-AU-AZU-LX');
    expect(plan(runs('1.5.2', '2.4.0-4020'), packages).path).to.deep.equal(['1.6.0', '1.7.0', '1.8.0']);
    const { path, reasons } = plan(runs('1.7.0', '2.5.1-4424'), packages);
    expect(path).to.deep.equal(['1.8.0']);
    expect(reasons['1.6.0']).to.equal('the gateway has 1.7.0 already');
    expect(plan(runs('1.4', '2.3.1-3657'), packages)).to.deep.include({ path: [] });
    expect(plan(runs('1.4'), packages).reasons['1.6.0']).to.equal('it needs firmware 1.5 first');
  });

  it('takes the fewest steps to the highest version', () => {
    const packages = [
      mil('1.1'),
      mil('1.2'),
      mil('1.3', { minFirmwareVersion: '1.1' }),
      mil('2.0', { minFirmwareVersion: '1.2' }),
    ];
    expect(plan(runs('1.0'), packages).path).to.deep.equal(['1.2', '2.0']);
    const needs = plan(runs('1.0'), [mil('1.1', { minFirmwareVersion: '9' })]);
    expect(needs.reasons['1.1']).to.equal('it needs firmware 9 first');
  });

  it('puts the firmware before TPE, and minds what the firmware brings along', () => {
    const both = [mil('1.6'), tpe('2.4.0-1', { minFirmwareVersion: '1.6' }), tpe('2.3.0-2')];
    const { path, reasons } = plan(runs('1.5'), both);
    expect(path).to.deep.equal(['1.6', '2.4.0-1']);
    expect(reasons['2.3.0-2']).to.equal('a newer one is recommended');
    expect(reasons['1.6']).to.equal('step 1 of 2');
    const brings = [mil('1.6', { packageName: 'Upgrade_X_2.6.0-4499_IMG_1.5_to_1.6' }), tpe('2.5.0-1')];
    expect(plan(runs('1.5'), brings)).to.deep.equal({
      path: ['1.6'],
      reasons: { '1.6': 'recommended', '2.5.0-1': 'the firmware brings 2.6.0-4499 along' },
      codes: ['package-recommended', 'package-in-firmware'],
    });
  });

  it('says of each package why it is left out', () => {
    const { path, reasons } = plan(runs('1.5', 'odd'), [
      mil('garbage'),
      mil('1.9', { yamlUrl: 'https://elsewhere.example.com/x.yaml' }),
      mil('1.8', { yamlUrl: 'javascript:alert(1)' }),
      tpe('2.4.0'),
    ]);
    expect(path).to.deep.equal([]);
    expect(reasons.garbage).to.equal('its version "garbage" cannot be read');
    expect(reasons['1.9']).to.contain('elsewhere.example.com is not allowed');
    expect(reasons['1.8']).to.contain('does not begin with https:');
    expect(reasons['2.4.0']).to.equal('the gateway\'s version "odd" cannot be read');
    expect(plan(runs(null), [mil('1.6')]).reasons['1.6']).to.equal('the gateway has not told its version');
  });

  it('finds something for some of the virtual gateways, and nothing for others', () => {
    const found = virtualIdentities(8).map(({ modelName, firmwareVersion, tpeVersion }) => {
      const of = (category: 'mil' | 'tpe') => forModel(readPackages(list, category), modelName).packages;
      return planUpdates({ modelName, firmwareVersion, tpeVersion }, of('mil'), of('tpe'), rule).path.length;
    });
    expect(found).to.deep.equal([1, 0, 3, 1, 1, 1, 1, 0]);
  });
});
