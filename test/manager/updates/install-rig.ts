import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import type { DeviceManager, DeviceManagerOptions } from '../../../nodes/manager/device-manager.js';
import { enrollVirtualGateways } from '../../../nodes/manager/gateway-simulator/enroll.js';
import { virtualIdentities } from '../../../nodes/manager/gateway-simulator/identity.js';
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../../nodes/manager/gateway-simulator/simulator.js';
import type { VirtualGateway } from '../../../nodes/manager/gateway-simulator/virtual-gateway.js';
import type {
  Installation,
  InstallationRequest,
} from '../../../nodes/manager/updates/install/installation.js';
import type { SoftwarePackage } from '../../../nodes/manager/updates/software-package.js';
import { FAST_TIMING } from '../../support/fast-timing.js';
import { nextEvent, openTestManager, portOf, presenceOf } from '../../support/manager.js';
import { runsOut } from '../../support/patience.js';
import { expectCause } from './expect-cause.js';

/** Which virtual gateway is which. */
export const UC = 'virtual-0001';
export const AIG = 'virtual-0003';
export const AIG_302 = 'virtual-0008';

const base = { displayName: null, minFirmwareVersion: null, size: null };
const at = (file: string) => `https://packages.example.com/${file}`;

export const TO_1_6: SoftwarePackage = {
  ...base,
  category: 'mil',
  packageName: 'to 1.6',
  version: '1.6.0',
  minFirmwareVersion: '1.5',
  size: 341_000_000,
  yamlUrl: at('Upgrade_AIG-301_2.5.0-4404_IMG_1.5_to_1.6.0.yaml'),
};
export const TO_1_7: SoftwarePackage = {
  ...base,
  category: 'mil',
  packageName: 'to 1.7',
  version: '1.7.0',
  minFirmwareVersion: '1.6',
  yamlUrl: at('Upgrade_AIG-301_2.5.1-4424_IMG_1.6.0_to_1.7.0.yaml'),
};
export const TPE_2_3: SoftwarePackage = {
  ...base,
  category: 'tpe',
  packageName: 'tpe 2.3',
  version: '2.3.0-3571',
  yamlUrl: at('package_2.3.0-3571-tpe_armhf.yaml'),
};
export const AIG_302_1_3: SoftwarePackage = {
  ...base,
  category: 'tpe',
  packageName: 'aig-302 1.3',
  version: '1.3.0',
  yamlUrl: at('aig-302_1.3.0-20260106.tar'),
};

/** A manager with virtual gateways on its broker; the manager can be closed and opened again under them. */
export interface InstallRig {
  manager: DeviceManager;
  simulator: Simulator;
  gateway(clientid: string): VirtualGateway;
  /** Each record that was told, in order, over all managers. */
  told: Installation[];
  /** Starts an installation; resolves when it is recorded. */
  install(request: Partial<InstallationRequest> & { clientid: string }): Promise<Installation>;
  /** Resolves with it when it has ended; its causes then say the same as its words. */
  ended(id: string): Promise<Installation>;
  /** Resolves with it when it is in this step. */
  inStep(id: string, step: string): Promise<Installation>;
  /** Resolves when the gateway is online. */
  untilOnline(clientid: string): Promise<void>;
  /** The commands that were sent to a gateway, oldest first. */
  sent(clientid: string, method: string, path: string): Promise<CommandRecord[]>;
  /** Closes the manager, and opens it again on the same database and port. */
  reopen(): Promise<void>;
  stop(): Promise<void>;
}

/** Virtual gateways register and connect, all of them; resolves when the manager knows that they are online. */
export async function startRig(
  database: DatabaseOptions,
  simulated: Partial<SimulatorOptions> = {},
  more: Partial<DeviceManagerOptions> = {},
): Promise<InstallRig> {
  const open = async (port: number) =>
    (
      await openTestManager(database, {
        packageHosts: ['packages.example.com'],
        broker: { kind: 'embedded', host: '127.0.0.1', port },
        installTiming: FAST_TIMING,
        // What is lost with a connection is asked again after that time, well within the pace's own limits.
        commandTimeoutMs: runsOut(1500),
        ...more,
      })
    ).manager;

  const told: Installation[] = [];
  const follow = (opened: DeviceManager) => {
    opened.events.on('installation', (installation) => told.push(installation));
    return opened;
  };
  let manager = follow(await open(0));
  const port = portOf(manager);
  const identities = virtualIdentities(8).filter(({ clientid }) => [UC, AIG, AIG_302].includes(clientid));
  const { gateways } = await enrollVirtualGateways(manager.registry, identities);
  const profiles = identities.map(({ clientid }) =>
    nextEvent(manager, 'device', ({ clientid: whose, change }) => whose === clientid && change === 'profile'),
  );
  const simulator = startSimulator({
    url: `mqtt://127.0.0.1:${port}`,
    inputTopic: '/tpedm/{clientid}/input',
    outputTopic: '/tpedm/{clientid}/output',
    latencyMs: [0, 5],
    rebootMs: 200,
    retryMs: 100,
    timeScale: 600,
    ...simulated,
    gateways,
  });
  await Promise.all(profiles);

  return {
    get manager() {
      return manager;
    },
    simulator,
    gateway: (clientid) => simulator.find(clientid)!,
    told,
    install: (request) =>
      manager.installations.start({ packages: [TO_1_6], requestedBy: 'a test', ...request }),
    async ended(id) {
      const installation = (await manager.installations.waitFor(id, Infinity))!;
      expectCause(installation.reason, installation.cause);
      for (const { detail, cause } of installation.steps) expectCause(detail, cause);
      return installation;
    },
    async inStep(id, step) {
      const found = told.findLast((installation) => installation.id === id && installation.step === step);
      if (found) return found;
      return await nextEvent(
        manager,
        'installation',
        (installation) => installation.id === id && installation.step === step,
      );
    },
    async untilOnline(clientid) {
      const online = presenceOf(manager, clientid, 'online');
      if ((await manager.registry.get(clientid))?.status !== 'online') await online;
    },
    async sent(clientid, method, path) {
      const all = await manager.commands.list({ clientid, limit: 500 });
      const ours = all.filter((command) => command.method === method && command.path === path);
      return ours.filter(({ sentAt }) => sentAt !== null).toReversed();
    },
    async reopen() {
      await manager.close();
      manager = follow(await open(port));
    },
    async stop() {
      await simulator.stop();
      await manager.close();
    },
  };
}
