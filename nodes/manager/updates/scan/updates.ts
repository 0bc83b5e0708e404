import type { DeviceFilter } from '../../registry/device-filter.js';
import type { PresenceStatus } from '../../registry/presence-status.js';
import type { SoftwarePackage } from '../software-package.js';
import type { Candidate } from './plan.js';

export type ScanState = 'RUNNING' | 'DONE' | 'STOPPED' | 'FAILED';

/** How far a scan is, or how it ended. */
export interface ScanProgress {
  id: string;
  state: ScanState;
  /** Gateways in all, looked at, with an update, and those that could not be scanned. */
  total: number;
  done: number;
  found: number;
  failed: number;
  /** What kept models from being scanned, by model. */
  faults: Record<string, string>;
  /** Why it ended early; null where it did not. */
  reason: string | null;
  requestedBy: string;
  /** ISO 8601 UTC. */
  startedAt: string;
  endedAt: string | null;
}

/** What a scan found for one gateway. */
export interface DeviceUpdate {
  clientid: string;
  modelName: string | null;
  firmwareVersion: string | null;
  tpeVersion: string | null;
  /** The next package to install; null where nothing is newer. */
  recommended: SoftwarePackage | null;
  /** All to install, in this order. */
  path: SoftwarePackage[];
  candidates: Candidate[];
  /** ISO 8601 UTC. */
  scannedAt: string;
}

/** Gateways of one model that run the same and have the same updates before them. */
export interface UpdateGroup {
  id: string;
  modelName: string | null;
  firmwareVersion: string | null;
  tpeVersion: string | null;
  /** All to install, in this order; empty where nothing is newer. */
  path: SoftwarePackage[];
  /** How many they are. */
  gateways: number;
  /** When the last of them was looked at; ISO 8601 UTC. */
  scannedAt: string;
}

export interface GroupGateway {
  clientid: string;
  hostName: string | null;
  status: PresenceStatus;
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
   * Begins a scan and resolves when it has begun; it is told by the events `scan` and `update`. Where one with the same filter
   * runs already, resolves with that. CONFLICT where another one runs, INVALID_INPUT where no repository is configured.
   */
  scan(filter: DeviceFilter, requestedBy: string): Promise<ScanProgress>;
  /** Resolves when a scan has ended, with how; null when there is no such scan. */
  waitForScan(id: string): Promise<ScanProgress | null>;
  /** Asks the running scan to end; NOT_FOUND when none runs. */
  stopScan(requestedBy: string): Promise<ScanProgress>;
  /** The scan that runs, or ran last; null when there was none. */
  lastScan(): Promise<ScanProgress | null>;
  /** By client id. INVALID_INPUT. */
  results(query: UpdateQuery): Promise<{ updates: DeviceUpdate[]; next: string | null }>;
  /** All results, gateways that are alike as one; those with updates first. 200 at most. */
  groups(): Promise<UpdateGroup[]>;
  /** Of such a group, by client id. `limit` 1..500. INVALID_INPUT. */
  gatewaysOf(query: {
    group: string;
    limit: number;
    /** `next` of the page before. */
    cursor?: string;
  }): Promise<{ gateways: GroupGateway[]; next: string | null }>;
  /** Null when the gateway was not scanned since it runs what it runs. */
  result(clientid: string): Promise<DeviceUpdate | null>;
}
