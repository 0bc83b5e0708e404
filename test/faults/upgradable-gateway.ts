import { setTimeout as delay } from 'node:timers/promises';
import { createClock } from '../../nodes/manager/gateway-simulator/clock.js';
import { createGatewayApi } from '../../nodes/manager/gateway-simulator/gateway-api.js';
import { virtualIdentities } from '../../nodes/manager/gateway-simulator/identity.js';
import type { SoftwarePackage } from '../../nodes/manager/updates/software-package.js';
import type { CountingGateway } from './counting-gateway.js';
import { PACKAGE_HOST } from './job-site.js';

/** One of the AIG line, which restarts after an upgrade because it is told to. */
const AIG = virtualIdentities(8).find(({ modelName }) => modelName.startsWith('AIG-301'))!;
/** So many times faster than a real one: slow enough to be killed at each step. */
const TIME_SCALE = 400;
const REBOOT_MS = 400;
/** The time that an answer has to leave before the gateway goes, ms. */
const PARTING_MS = 100;

export const TO_1_6: SoftwarePackage = {
  ...{ category: 'mil', packageName: 'to 1.6', version: '1.6.0', minFirmwareVersion: '1.5' },
  ...{ displayName: null, size: 341_000_000 },
  yamlUrl: `https://${PACKAGE_HOST}/Upgrade_AIG-301_2.5.0-4404_IMG_1.5_to_1.6.0.yaml`,
};

/** Has a gateway that counts what it receives behave as a virtual one: it loads and installs packages, and restarts. */
export function beUpgradable(gateway: CountingGateway): void {
  async function away(forMs: number, onReturn?: () => void): Promise<void> {
    gateway.leave();
    await delay(forMs);
    onReturn?.();
    gateway.comeBack();
  }

  const api = createGatewayApi({
    identity: { ...AIG, clientid: gateway.clientid },
    clock: createClock(() => 0),
    mqttClient: { id: 1, name: 'tpedm', enable: true },
    timeScale: TIME_SCALE,
    restartMs: REBOOT_MS,
    upgradeFault: () => undefined,
    effects: {
      reboot: () => void away(REBOOT_MS, api.booted),
      away: (forMs) => void away(forMs),
      gone: () => gateway.leave(),
      later: (work, afterMs) => void setTimeout(work, afterMs),
    },
  });
  gateway.general = () => api.handle('GET', '/device/general', {}).payload;
  gateway.says = ({ method, path, requestBody }) => {
    const { status, payload, afterwards } = api.handle(method, path, requestBody ?? {});
    if (afterwards !== undefined) setTimeout(afterwards, PARTING_MS);
    return { state: status, payload };
  };
}
