import { defineAsk } from '../procedure.js';
import { nothing } from './inputs.js';

/** What can be asked about the fleet as a whole. */
export const FLEET_ASKS = {
  'fleet.statistics': defineAsk({
    role: 'viewer',
    input: nothing,
    async answer({ registry }) {
      const [counts, statistics] = await Promise.all([registry.counts(), registry.statistics()]);
      return { counts, ...statistics };
    },
    isTouchedBy: ({ kind }) =>
      kind === 'presence' || kind === 'device' || kind === 'scan' || kind === 'update',
  }),

  /** How many were online, over the last hours. */
  'fleet.overTime': defineAsk({
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
    answer: ({ history }, { hours, points }) => history.overTime(hours, points),
    isTouchedBy: ({ kind }) => kind === 'presence' || kind === 'device',
  }),

  /** The last connects and disconnects, newest first. */
  'fleet.events': defineAsk({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { limit: { type: 'integer', minimum: 1, maximum: 100 } },
      required: ['limit'],
      additionalProperties: false,
    },
    answer: ({ history }, input) => history.events(input),
    isTouchedBy: ({ kind }) => kind === 'presence',
  }),

  'fleet.health': defineAsk({
    role: 'viewer',
    input: nothing,
    answer: async (manager) => manager.health(),
    isTouchedBy: ({ kind }) => kind === 'health',
  }),
} as const;
