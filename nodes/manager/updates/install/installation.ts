import type { TpeErrorCode } from '../../shared/tpe-error.js';
import type { SoftwarePackage } from '../software-package.js';

export const INSTALLATION_STATES = [
  /** Recorded; its turn has not come. */
  'QUEUED',
  'IN_PROGRESS',
  /** The gateway was asked, and says that it has the version. */
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  /** It was not begun: nothing was asked of the gateway but questions. */
  'REJECTED',
  'CANCELED',
  /** The gateway has what it should get, or newer. */
  'ALREADY_INSTALLED',
] as const;
export type InstallationState = (typeof INSTALLATION_STATES)[number];

/** What is done for each package, in this order. */
export const INSTALLATION_STEPS = [
  'precheck',
  'create',
  'start',
  'download',
  'install',
  'reboot',
  'reconnect',
  'verify',
] as const;
export type StepName = (typeof INSTALLATION_STEPS)[number];

export interface InstallationStep {
  /** Of which package: its place in `packages`. */
  package: number;
  name: StepName;
  /** ISO 8601 UTC. */
  startedAt: string;
  endedAt: string | null;
  /** For a person; null mostly. */
  detail: string | null;
  /** 0..100. */
  progress: number;
}

export interface GatewayVersions {
  tpeVersion: string | null;
  firmwareVersion: string | null;
}

/** What to install, as callers give it. */
export interface InstallationRequest {
  clientid: string;
  /** Installed one after the other as one installation: 1..20. */
  packages: readonly SoftwarePackage[];
  /** The requester, for the record: a user name, a node's name, `REST`. */
  requestedBy: string;
  /** Whether the gateway makes a snapshot first, to which it goes back where the installation fails; default: as it is set. */
  snapshot?: boolean;
  /** How long each package may take, 1000..86400000 ms; default 3600000. */
  timeoutMs?: number;
  /** False: not where the gateway is connected by cellular. Default true: as the gateway itself allows it. */
  allowCellular?: boolean;
}

/** The record of one installation. */
export interface Installation {
  /** Decimal digits. */
  id: string;
  clientid: string;
  packages: SoftwarePackage[];
  state: InstallationState;
  /** For a person: why it ended so. Null while it has not, and where all went well. */
  reason: string | null;
  reasonCode: TpeErrorCode | null;
  /** Where it is: a place in `packages`. */
  package: number;
  step: StepName | null;
  /** Of the whole, 0..100. */
  progress: number;
  /** All steps that were begun, in order. */
  steps: InstallationStep[];
  /** What the gateway said of itself before the first package, and what it said last. */
  before: GatewayVersions;
  after: GatewayVersions;
  snapshot: boolean | null;
  allowCellular: boolean;
  timeoutMs: number;
  requestedBy: string;
  cancelRequestedBy: string | null;
  instance: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  startedAt: string | null;
  updatedAt: string;
  endedAt: string | null;
}

/** True in every state but QUEUED and IN_PROGRESS. */
export function isOver(state: InstallationState): boolean {
  return state !== 'QUEUED' && state !== 'IN_PROGRESS';
}

export interface InstallationQuery {
  clientid?: string;
  state?: InstallationState;
  /** Newest first; `id` of the last one seen. */
  before?: string;
  /** 1..500, default 50. */
  limit?: number;
}

/** Installs software on gateways and proves it by the versions that they tell afterwards. */
export interface Installations {
  /**
   * Records the installation and sees it through; resolves once it is recorded. The rest goes on by itself, also after a
   * restart of the manager, and is told by the `installation` event. One that cannot be begun (gateway unknown or offline,
   * another installation under way, a URL that is not allowed) is recorded as REJECTED. Rejects with INVALID_INPUT when
   * the request makes no sense, and with UNAVAILABLE when it could not be recorded.
   */
  start(request: InstallationRequest): Promise<Installation>;
  get(id: string): Promise<Installation | null>;
  /** Newest first. INVALID_INPUT. */
  list(query: InstallationQuery): Promise<Installation[]>;
  /**
   * Asks for its end: it is CANCELED as soon as that is true of the gateway, too. What the gateway does not let go any
   * more is seen through, and the packages behind it are left out. NOT_FOUND; CONFLICT when it has ended.
   */
  cancel(id: string, requestedBy: string): Promise<Installation>;
  /** Resolves when it has ended, or after `waitMs` with the record as it then is. Null when unknown. */
  waitFor(id: string, waitMs: number): Promise<Installation | null>;
}
