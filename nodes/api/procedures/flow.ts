import { defineProcedure } from '../procedure.js';
import { nothing } from './inputs.js';

/** What can be asked about the flow that the pack brings. */
export const FLOW_PROCEDURES = {
  /** What is new in it and missing in the flow that runs; null: nothing. It is another after a restart alone. */
  'flow.news': defineProcedure({
    role: 'administrator',
    input: nothing,
    handler: async (manager) => manager.flowNews(),
    invalidatedBy: () => false,
  }),
} as const;
