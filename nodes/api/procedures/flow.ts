import { defineProcedure } from '../procedure.js';
import { nothing } from './inputs.js';

/** The procedures for the bundled flow. */
export const FLOW_PROCEDURES = {
  /** Returns what the running flow lacks of the bundled flow; null if it lacks nothing. Changes only with a restart of Node-RED. */
  'flow.news': defineProcedure({
    role: 'administrator',
    input: nothing,
    handler: async (manager) => manager.flowNews(),
    invalidatedBy: () => false,
  }),
} as const;
