import { defineProcedure } from '../procedure.js';
import { nothing } from './inputs.js';

/** Where a menu needs no more than "20 or more". */
export const MOST_COUNTED = 20;

/** How much of each kind asks for attention. */
export interface FleetMarks {
  offline: number;
  alarms: number;
  failedJobs: number;
  failedInstallations: number;
  paused: number;
}

/** A curve, which each first page reads: a time for each point would be most of what is sent. */
export interface OnlineOverTime {
  /** ISO 8601 in UTC: the times of the first and the last point. */
  from: string;
  until: string;
  online: number[];
}

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

  /**
   * Returns the numbers that the menu has beside its pages: gateways that are offline, open alarms, jobs and installations that have failed,
   * and jobs that pause until a person acts. Up to MOST_COUNTED of the last three are counted.
   */
  'fleet.marks': defineProcedure({
    role: 'viewer',
    input: nothing,
    async handler({ registry, alarms, jobs }): Promise<FleetMarks> {
      const failed = (kind: 'job-failed' | 'installation-failed') =>
        alarms.list({ state: 'open', kind, limit: MOST_COUNTED });
      const [{ offline }, { critical, warning, info }, failedJobs, failedInstallations, paused] =
        await Promise.all([
          // Those alone: each open page asks for them whenever a gateway comes or goes.
          registry.counts({ status: 'offline' }),
          alarms.counts(),
          failed('job-failed'),
          failed('installation-failed'),
          jobs.list({ state: 'PAUSED', limit: MOST_COUNTED }),
        ]);
      return {
        offline,
        alarms: critical + warning + info,
        failedJobs: failedJobs.items.length,
        failedInstallations: failedInstallations.items.length,
        paused: paused.items.length,
      };
    },
    invalidatedBy: ({ kind }) =>
      kind === 'presence' || kind === 'device' || kind === 'alarm' || kind === 'job',
  }),

  /** Returns how many gateways were online over the last hours, at times that are equally far from each other, the last of them now. */
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
    async handler({ history }, { hours, points }): Promise<OnlineOverTime> {
      const curve = await history.overTime(hours, points);
      return { from: curve[0]!.at, until: curve.at(-1)!.at, online: curve.map(({ online }) => online) };
    },
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
