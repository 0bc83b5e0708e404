import type { DeviceManager } from '../../manager/device-manager.js';
import { shareReading } from '../../manager/shared/shared-reading.js';
import { defineProcedure } from '../procedure.js';
import { readWall, type WallState } from '../wall-state.js';
import { nothing } from './inputs.js';

/** A fleet whose figures take long is read again after a rest of up to so long, ms: nobody looks at a wall more often. */
const LONGEST_REST_MS = 10_000;

const readings = new WeakMap<DeviceManager, () => Promise<WallState>>();

/** The procedure for screens that show the fleet to a whole room. */
export const WALL_PROCEDURES = {
  /** Returns how the fleet is now, read once for all screens that ask at the same time. */
  'wall.state': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler(manager) {
      const known = readings.get(manager) ?? shareReading(() => readWall(manager), LONGEST_REST_MS);
      readings.set(manager, known);
      return known();
    },
  }),
} as const;
