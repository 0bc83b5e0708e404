import type { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DeviceManager, DeviceManagerOptions } from '../../nodes/manager/device-manager.js';
import { asTpeError } from '../../nodes/manager/shared/tpe-error.js';
import { type DeathPoint, type DyingDatabase, dyingDatabase } from './death-point.js';

/** What the process of manager-process.ts is asked: a method of a room of its manager. */
export interface ManagerCall {
  room: 'jobs' | 'commands' | 'installations' | 'registry' | 'guard' | 'manager';
  method: string;
  parameters: unknown[];
}

/** A call, or where to die from now on. */
export type ManagerQuestion = { id: number } & ({ call: ManagerCall } | { point: DeathPoint });

export interface ManagerReply {
  value?: unknown;
  fault?: { code: string; message: string };
}

/** What the process is told when it begins. */
export interface ManagerBeginning {
  options: Omit<DeviceManagerOptions, 'log'>;
  /** Where in its statements it kills itself; null: nowhere. */
  diesAt: DeathPoint | null;
}

let manager: DeviceManager;
let dieAt: DyingDatabase['dieAt'];

/** Opens the manager on a database that kills the process at a point. The product has no hook for that: its module is replaced here. */
async function begin({ options, diesAt }: ManagerBeginning): Promise<void> {
  const file = require.resolve('../../nodes/manager/database/open-database.js');
  const real = require(file) as { openDatabase: typeof openDatabase };
  const opened: typeof openDatabase = async (...given) => {
    const dying = dyingDatabase(await real.openDatabase(...given));
    dieAt = dying.dieAt;
    if (diesAt !== null) dieAt(diesAt);
    return dying.database;
  };
  require.cache[file]!.exports = { ...real, openDatabase: opened };
  const { openDeviceManager } =
    require('../../nodes/manager/composition/open-device-manager.js') as typeof import('../../nodes/manager/composition/open-device-manager.js');
  manager = await openDeviceManager({ ...options, log: { info: say, warn: say } });
  manager.events.on('health', (health) => process.send?.({ health }));
}

function say(text: string): void {
  process.send?.({ log: text });
}

async function answer({ room, method, parameters }: ManagerCall): Promise<ManagerReply> {
  const rooms = { ...manager, manager } as unknown as Record<
    string,
    Record<string, (...given: unknown[]) => unknown>
  >;
  try {
    return { value: await rooms[room]![method]!(...parameters) };
  } catch (error) {
    const { code, message } = asTpeError(error);
    return { fault: { code, message } };
  }
}

process.on('message', (message: ManagerBeginning | ManagerQuestion) => {
  if ('point' in message) {
    dieAt(message.point);
    process.send?.({ id: message.id, reply: {} });
    return;
  }
  if ('call' in message) {
    void answer(message.call).then((reply) => process.send?.({ id: message.id, reply }));
    return;
  }
  void begin(message).then(
    () => process.send?.({ opened: true }),
    (error) => {
      process.send?.({ refused: asTpeError(error).message });
    },
  );
});
process.on('disconnect', () => process.exit());
