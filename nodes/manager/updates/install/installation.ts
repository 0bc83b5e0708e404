import type { Cause } from '../../shared/reason.js';
import type { TpeErrorCode } from '../../shared/tpe-error.js';
import type { SoftwarePackage } from '../software-package.js';

export const INSTALLATION_STATES = [
  /** Recorded, but its turn has not come. */
  'QUEUED',
  'IN_PROGRESS',
  /** The gateway reports the version that was installed. */
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  /** It was not begun, and nothing was changed on the gateway. */
  'REJECTED',
  'CANCELED',
  /** The gateway had these versions, or newer ones, before. */
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
  /** The index of its package in `packages`. */
  package: number;
  name: StepName;
  /** ISO 8601 UTC. */
  startedAt: string;
  endedAt: string | null;
  /** What goes on, in words for a person; mostly null. */
  detail: string | null;
  /** The same without words, for programs; also null where they are the gateway's own. */
  cause: Cause | null;
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
  /** Whether the gateway first makes a snapshot, to which it returns if the installation fails. Default: the gateway's own setting. */
  snapshot?: boolean;
  /** How long each package may take, 1000..86400000 ms; default 3600000. */
  timeoutMs?: number;
  /** False forbids the installation over a cellular connection. Default true: the gateway's own setting decides. */
  allowCellular?: boolean;
  /**
   * The part of a job that it is, as executionKey makes it. A gateway gets each part once: for a second installation with the same key,
   * nothing is recorded or begun, and its caller gets the record of the first.
   */
  execution?: string;
}

/** The record of one installation. */
export interface Installation {
  /** Decimal digits. */
  id: string;
  clientid: string;
  packages: SoftwarePackage[];
  state: InstallationState;
  /** Why it ended this way, or what it waits for while it is QUEUED, in words for a person; null if there is nothing to say. */
  reason: string | null;
  /** The same without words, for programs; also null where they are those of others. */
  cause: Cause | null;
  reasonCode: TpeErrorCode | null;
  /** The index in `packages` of the current package. */
  package: number;
  step: StepName | null;
  /** The progress of the whole installation, 0..100. */
  progress: number;
  /** All steps that have begun, in order. */
  steps: InstallationStep[];
  /** What the gateway reported before the first package (`before`) and last (`after`). */
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
  /** The id of the job that it belongs to; null: to none. */
  job: string | null;
}

/** Whether a state is an end: every state but QUEUED and IN_PROGRESS. */
export function isOver(state: InstallationState): boolean {
  return state !== 'QUEUED' && state !== 'IN_PROGRESS';
}

export interface InstallationQuery {
  clientid?: string;
  /** A part of the id or the name of gateways, in any case. */
  gateway?: string;
  state?: InstallationState;
  /** The `id` of the last installation of the page before; installations are listed newest first. */
  before?: string;
  /** 1..500, default 50. */
  limit?: number;
}

/** How installations stand: those under way, and how those of the last days ended. */
export interface InstallationOverview {
  /** For how many days what has ended counts. */
  days: number;
  waiting: number;
  inProgress: number;
  done: number;
  canceled: number;
  /** Those that were not done, where no later one of the gateway has taken their place; 1001 stands for more than 1000. */
  failed: number;
  /** The newest of these. */
  failures: Installation[];
}

/** Installs software on gateways and proves it by the versions that they report afterwards. */
export interface Installations {
  /**
   * Records the installation and resolves with its record. It is then carried out, also after a restart of the manager, and reported by
   * the `installation` event. One that cannot be begun (gateway unknown or offline, another installation under way, a URL that is not
   * allowed) is recorded as REJECTED. Rejects with INVALID_INPUT if the request is not valid, with UNAVAILABLE if it could not be
   * recorded, and with CLOSED.
   */
  start(request: InstallationRequest): Promise<Installation>;
  get(id: string): Promise<Installation | null>;
  /** Lists installations, newest first. Rejects with INVALID_INPUT if the query is not valid. */
  list(query: InstallationQuery): Promise<Installation[]>;
  /** How installations stand: those under way, and how those of the last days ended. */
  overview(): Promise<InstallationOverview>;
  /** The installations on a gateway whose `execution` begins with `prefix`, oldest first. */
  ofExecution(clientid: string, prefix: string): Promise<Installation[]>;
  /**
   * Asks for the end of an installation. It becomes CANCELED as soon as that is true of the gateway too. An upgrade that the gateway does
   * not cancel is carried out to its end, and the packages behind it are left out. Rejects with NOT_FOUND, with CONFLICT if it has ended,
   * and with CLOSED.
   */
  cancel(id: string, requestedBy: string): Promise<Installation>;
  /** Resolves when it has ended, or after `waitMs` with the record as it is then; null if it is unknown. Rejects with CLOSED. */
  waitFor(id: string, waitMs: number): Promise<Installation | null>;
}
