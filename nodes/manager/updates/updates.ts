import type { DeviceFilter } from '../registry/device.js';
import type { Candidate } from './plan.js';
import type { SoftwarePackage } from './software-package.js';

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
  /** Null when the gateway was never scanned. */
  result(clientid: string): Promise<DeviceUpdate | null>;
}
