import type { Guard } from '../../nodes/manager/guard/guard.js';

/** A guard that lets everybody pass, for rigs of parts that stand above the guard. */
export const OPEN_GUARD: Pick<Guard, 'take' | 'ended' | 'stopOf' | 'changedElsewhere'> = {
  take: async () => null,
  ended: async () => undefined,
  stopOf: async () => null,
  changedElsewhere: () => undefined,
};
