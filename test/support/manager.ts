import type { EventEmitter } from 'node:events';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import type {
  DeviceManager,
  DeviceManagerOptions,
  ManagerEvents,
} from '../../nodes/manager/device-manager.js';
import type { Presence } from '../../nodes/manager/presence/presence.js';
import type { PresenceStatus } from '../../nodes/manager/registry/presence-status.js';
import { connectGateway, type GatewayLogin, type TestGateway } from './gateway.js';

export interface TestManager {
  manager: DeviceManager;
  /** Of the embedded broker. */
  port: number;
  /** What the manager logged. */
  log: string[];
}

/** A real device manager with the embedded broker on a free port. */
export async function openTestManager(
  database: DatabaseOptions,
  more: Partial<DeviceManagerOptions> = {},
): Promise<TestManager> {
  const log: string[] = [];
  const manager = await openDeviceManager({
    database,
    broker: { kind: 'embedded', host: '127.0.0.1', port: 0 },
    instance: 'test',
    log: { info: (text) => log.push(text), warn: (text) => log.push(text) },
    ...more,
  });
  return { manager, port: portOf(manager), log };
}

/** The port of the embedded broker, which was asked for a free one. */
export function portOf(manager: DeviceManager): number {
  const port = /:(\d+)/.exec(manager.broker.health().detail)?.[1];
  if (port === undefined) throw new Error(`no port in "${manager.broker.health().detail}"`);
  return Number(port);
}

/** Registers a gateway and connects it; resolves when the manager knows that it is online. */
export async function onlineGateway(
  test: TestManager,
  clientid: string,
  options: GatewayLogin['options'] = {},
): Promise<TestGateway> {
  const { credential } = await test.manager.registry.register({ clientid });
  const online = presenceOf(test.manager, clientid, 'online');
  const gateway = await connectGateway({ ...credential, port: test.port, options });
  await online;
  return gateway;
}

/** Resolves with the next change of this gateway to this status. */
export function presenceOf(
  manager: DeviceManager,
  clientid: string,
  status: PresenceStatus,
): Promise<Presence> {
  return nextEvent(
    manager,
    'presence',
    (presence) => presence.clientid === clientid && presence.status === status,
  );
}

/** Resolves with the next event that the condition holds for, of several that come at once too. */
export function nextEvent<Name extends keyof ManagerEvents>(
  manager: DeviceManager,
  name: Name,
  condition: (value: ManagerEvents[Name][0]) => boolean,
): Promise<ManagerEvents[Name][0]> {
  const events: EventEmitter = manager.events;
  return new Promise((resolve) => {
    const look = (value: ManagerEvents[Name][0]) => {
      if (!condition(value)) return;
      events.off(name, look);
      resolve(value);
    };
    events.on(name, look);
  });
}
