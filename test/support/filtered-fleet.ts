import { virtualIdentities } from '../../nodes/manager/gateway-simulator/identity.js';
import type { Device } from '../../nodes/manager/registry/device.js';
import type { DeviceFilter, FilterKey } from '../../nodes/manager/registry/device-filter.js';
import { onlineGateway, type TestManager } from './manager.js';

/** A value of each condition, and which of the gateways below have it. */
export type FilterCases = { [Key in FilterKey]: [NonNullable<DeviceFilter[Key]>, string[]] };

const NAMES = Array.from({ length: 13 }, (_, index) => `g${String(index + 1).padStart(2, '0')}`);

export const FLEET = ['here', ...NAMES].toSorted();

/** Each condition finds a part of the fleet of its own. */
export const FILTER_CASES: FilterCases = {
  search: ['needle', ['g01']],
  status: ['online', ['here']],
  model: ['UC-OWN', ['g02', 'g03']],
  firmware: ['1.0.1', ['g04', 'g05']],
  tpe: ['2.0.0-7', ['g06', 'g08']],
  tag: ['north', ['g03', 'g04']],
  site: ['Brea', ['g05', 'g06', 'g07']],
  redundancy: ['pumps A/B', ['g12', 'g13']],
  clientids: [
    ['g01', 'g08'],
    ['g01', 'g08'],
  ],
  hasUpdate: [true, ['g09']],
  enabled: [false, ['g10', 'g11']],
};

/** Registers the fleet; one is connected and never answers. Resolves when every condition finds its part. */
export async function enrollFilteredFleet(test: TestManager): Promise<void> {
  const { registry, updates } = test.manager;
  const old = virtualIdentities(1)[0]!;
  const has = (key: FilterKey, clientid: string) => FILTER_CASES[key][1].includes(clientid);
  await onlineGateway(test, 'here');
  for (const clientid of NAMES) {
    await registry.register({
      clientid,
      note: has('search', clientid) ? 'the needle' : '',
      site: has('site', clientid) ? 'Brea' : '',
      tags: has('tag', clientid) ? ['north'] : [],
      redundancy: has('redundancy', clientid) ? 'pumps A/B' : '',
    });
    const { modelName, firmwareVersion, tpeVersion } = old;
    const own = { modelName: 'AIG-999', firmwareVersion: '1.0', tpeVersion: '1.0.0-1' };
    await registry.storeProfile(clientid, {
      ...(has('hasUpdate', clientid) ? { modelName, firmwareVersion, tpeVersion } : own),
      ...(has('firmware', clientid) && { firmwareVersion: FILTER_CASES.firmware[0] }),
      ...(has('tpe', clientid) && { tpeVersion: FILTER_CASES.tpe[0] }),
      ...(has('model', clientid) && { modelName: 'UC-OWN-1' }),
      hostName: null,
      serialNumber: null,
      biosVersion: null,
      description: null,
      deviceType: null,
      raw: {},
    });
    if (has('enabled', clientid)) await registry.update(clientid, { enabled: false });
  }
  await updates.waitForScan((await updates.scan({}, 'test')).id);
}

export function idsOf(devices: readonly Pick<Device, 'clientid'>[]): string[] {
  return devices.map(({ clientid }) => clientid).toSorted();
}
