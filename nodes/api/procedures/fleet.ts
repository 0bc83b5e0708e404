import { defineProcedure } from '../procedure.js';
import { nothing } from './inputs.js';

/** The procedures for the fleet as a whole. */
export const FLEET_PROCEDURES = {
  'fleet.statistics': defineProcedure({
    role: 'viewer',
    input: nothing,
    async handler({ registry }) {
      const [counts, statistics] = await Promise.all([registry.counts(), registry.statistics()]);
      return { counts, ...statistics };
    },
    invalidatedBy: ({ kind }) =>
      kind === 'presence' || kind === 'device' || kind === 'scan' || kind === 'update',
  }),

  /** Returns how many gateways were online over the last hours. */
  'fleet.overTime': defineProcedure({
    role: 'viewer',
    isCostly: true,
    input: {
      type: 'object',
      properties: {
        hours: { type: 'integer', minimum: 1, maximum: 720 },
        points: { type: 'integer', minimum: 2, maximum: 200 },
      },
      required: ['hours', 'points'],
      additionalProperties: false,
    },
    handler: ({ history }, { hours, points }) => history.overTime(hours, points),
    invalidatedBy: ({ kind }) => kind === 'presence' || kind === 'device',
  }),

  /** Returns the last connects and disconnects, newest first. */
  'fleet.events': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { limit: { type: 'integer', minimum: 1, maximum: 100 } },
      required: ['limit'],
      additionalProperties: false,
    },
    handler: ({ history }, input) => history.events(input),
    invalidatedBy: ({ kind }) => kind === 'presence',
  }),

  'fleet.health': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: async (manager) => manager.health(),
    invalidatedBy: ({ kind }) => kind === 'health',
  }),
} as const;
