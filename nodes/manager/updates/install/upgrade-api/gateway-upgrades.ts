import type { PackageUrl } from '../../../catalogue/package-url.js';
import type { Reason } from '../../../shared/reason.js';

/** A request to the gateway. */
export interface GatewayRequest {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  requestBody?: Record<string, unknown>;
}

/** What became of a request: an answer, or the reason why there is none. */
export type Reply =
  | { kind: 'answered'; status: number; payload: unknown /** Null for a success. */; error: Reason | null }
  | { kind: 'offline' | 'silent'; reason: Reason };

/** An upgrade that a gateway knows of. */
export interface ListedUpgrade {
  id: string;
  /** The URL of its package; null if the gateway does not report it. */
  url: string | null;
  /** Whether it is under way, so that no other one can begin. */
  isActive: boolean;
}

/** The state of an upgrade on the gateway. */
export interface UpgradeReport {
  /** `created`: it waits for the request to start. `gone`: the gateway does not know it any more. */
  state: 'created' | 'running' | 'suspended' | 'succeeded' | 'failed' | 'canceled' | 'gone';
  step: 'download' | 'install';
  /** The progress of this step, 0..100. */
  progress: number;
  /** What it is doing or why it failed. */
  detail: Reason | null;
  /** Whether it makes a snapshot, after which the gateway restarts by itself; null if the gateway does not say. */
  snapshot: boolean | null;
}

/** The requests by which one kind of gateway is upgraded, and how to read its answers. */
export interface GatewayUpgrades {
  list: GatewayRequest;
  /** Returns the upgrades, oldest first; null if the answer cannot be understood. */
  readList(status: number, payload: unknown): ListedUpgrade[] | null;
  create(url: PackageUrl, snapshot: boolean | null): GatewayRequest;
  /** Returns the id of the new upgrade; null if the answer does not contain it. */
  readCreated(payload: unknown): string | null;
  one(id: string): GatewayRequest;
  /** Returns the state of an upgrade; null if the answer cannot be understood. */
  readOne(id: string, status: number, payload: unknown): UpgradeReport | null;
  /** Returns the request that starts an upgrade; null if it always starts by itself. */
  start(id: string): GatewayRequest | null;
  /** Returns the request that cancels an upgrade; null if it cannot be canceled. */
  cancel(id: string): GatewayRequest | null;
}
