import type { FromSchema } from 'json-schema-to-ts';
import type { Device } from '../../registry/device.js';
import type { DeviceFilter } from '../../registry/device-filter.js';
import type { PresenceStatus } from '../../registry/presence-status.js';
import { CAUSE_OR_NULL, type WithCauses } from '../../shared/reason.js';
import { count, listOf, objectOf, text, textOrNull, time, timeOrNull } from '../../shared/value-schemas.js';
import { SOFTWARE_PACKAGE, type SoftwarePackage } from '../software-package.js';
import { CANDIDATE } from './candidate.js';
import type { PlannedPath } from './plan-now.js';

/** The schema of the progress of a scan, or of its end. */
export const SCAN_PROGRESS = {
  ...objectOf({
    id: text,
    state: { enum: ['RUNNING', 'DONE', 'STOPPED', 'FAILED'] },
    total: { ...count, description: 'Gateways in all.' },
    done: { ...count, description: 'Gateways that were looked at.' },
    found: { ...count, description: 'Gateways with an update.' },
    failed: { ...count, description: 'Gateways that could not be scanned.' },
    unseen: {
      ...count,
      description: 'Gateways that were never connected: nothing is known of their software.',
    },
    faults: {
      type: 'object',
      additionalProperties: text,
      description: 'What kept models from being scanned, by model.',
    },
    faultCauses: {
      type: 'object',
      additionalProperties: CAUSE_OR_NULL,
      description: 'The causes of `faults`, by model.',
    },
    reason: { ...textOrNull, description: 'Why it ended early; null: it did not.' },
    cause: CAUSE_OR_NULL,
    requestedBy: text,
    startedAt: time,
    endedAt: timeOrNull,
  }),
  description: 'How far a scan is, or how it ended.',
} as const;
export type ScanProgress = FromSchema<typeof SCAN_PROGRESS, WithCauses>;
export type ScanState = ScanProgress['state'];

/** The schema of what a scan found for one gateway. */
export const DEVICE_UPDATE = {
  ...objectOf({
    clientid: text,
    modelName: textOrNull,
    firmwareVersion: textOrNull,
    tpeVersion: textOrNull,
    recommended: {
      anyOf: [SOFTWARE_PACKAGE, { type: 'null' }],
      description: 'The next package to install; null: nothing is newer.',
    },
    path: { ...listOf(SOFTWARE_PACKAGE), description: 'All packages to install, in this order.' },
    candidates: listOf(CANDIDATE),
    scannedAt: time,
  }),
  description: 'What the last scan found for a gateway.',
} as const;
export type DeviceUpdate = FromSchema<typeof DEVICE_UPDATE, WithCauses>;

/** Gateways of one model with the same versions and the same updates to install. */
export interface UpdateGroup {
  id: string;
  modelName: string | null;
  firmwareVersion: string | null;
  tpeVersion: string | null;
  /** All packages to install, in this order; empty if nothing is newer. */
  path: SoftwarePackage[];
  /** The number of gateways. */
  gateways: number;
  /** When the last of them was scanned; ISO 8601 UTC. */
  scannedAt: string;
}

export interface GroupGateway {
  clientid: string;
  hostName: string | null;
  status: PresenceStatus;
}

/** Gateways of which there is no result of a scan. */
export interface ScanCoverage {
  /** Those that were connected before. */
  notScanned: number;
  /** Those that were never connected, so that nothing is known of them. */
  neverSeen: number;
}

export interface UpdateQuery {
  /** Only gateways with an update. Default true. */
  available?: boolean;
  /** 1..1000, default 50. */
  limit?: number;
  /** `next` of the page before. */
  cursor?: string;
}

/** Finds out which gateways could run newer software. */
export interface Updates {
  /**
   * Begins a scan and resolves when it has begun; the events `scan` and `update` report it. If one with the same filter is running already,
   * resolves with that. Rejects with CONFLICT if another one is running, and with INVALID_INPUT if no repository is configured.
   */
  scan(filter: DeviceFilter, requestedBy: string): Promise<ScanProgress>;
  /** Resolves with the end of a scan; null if there is no such scan. */
  waitForScan(id: string): Promise<ScanProgress | null>;
  /** Asks the running scan to stop. Rejects with NOT_FOUND if none is running. */
  stopScan(requestedBy: string): Promise<ScanProgress>;
  /** The scan that is running or ran last; null if there was none. */
  lastScan(): Promise<ScanProgress | null>;
  /** A page of results, by client id. Rejects with INVALID_INPUT if `limit` is out of its bounds. */
  results(query: UpdateQuery): Promise<{ updates: DeviceUpdate[]; next: string | null }>;
  /** All results in groups of gateways with the same model, versions and plan; those with updates first, 200 groups at most. */
  groups(): Promise<UpdateGroup[]>;
  /** Of how many gateways there is no result, so that nobody takes nothing known for nothing found. */
  coverage(): Promise<ScanCoverage>;
  /** The gateways of such a group, by client id. `limit` is 1..500, else it rejects with INVALID_INPUT. */
  gatewaysOf(query: {
    group: string;
    limit: number;
    /** `next` of the page before. */
    cursor?: string;
  }): Promise<{ gateways: GroupGateway[]; next: string | null }>;
  /** The last result of a gateway; null if it was not scanned since it last reported other versions. */
  result(clientid: string): Promise<DeviceUpdate | null>;
  /**
   * Plans the updates of a gateway by what the repository has now, or some minutes ago. Rejects with INVALID_INPUT if the options of the
   * repository are not valid.
   */
  plan(device: Device): Promise<PlannedPath>;
}
