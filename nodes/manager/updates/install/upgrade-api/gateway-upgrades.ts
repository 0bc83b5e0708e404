import type { PackageUrl } from '../../../catalogue/package-url.js';

/** A request to the gateway. */
export interface GatewayRequest {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  requestBody?: Record<string, unknown>;
}

/** What a gateway made of a question. */
export type Reply =
  | { kind: 'answered'; status: number; payload: unknown /** Where it is an error. */; error: string | null }
  | { kind: 'offline' | 'silent'; reason: string };

/** An upgrade that a gateway knows of. */
export interface ListedUpgrade {
  id: string;
  /** Null where the gateway does not tell. */
  url: string | null;
  /** No other one can begin meanwhile. */
  isActive: boolean;
}

/** How an upgrade stands on the gateway. */
export interface UpgradeReport {
  /** `created`: it waits to be started. `gone`: the gateway does not know it any more. */
  state: 'created' | 'running' | 'suspended' | 'succeeded' | 'failed' | 'canceled' | 'gone';
  step: 'download' | 'install';
  /** Of this step, 0..100. */
  progress: number;
  /** For a person: what it is doing, or why it failed. */
  detail: string | null;
  /** Whether it made a snapshot, after which the gateway restarts by itself; null where it does not tell. */
  snapshot: boolean | null;
}

/** How a kind of gateway is told to upgrade, and what it answers. */
export interface GatewayUpgrades {
  list: GatewayRequest;
  /** Oldest first; null where the answer cannot be understood. */
  readList(status: number, payload: unknown): ListedUpgrade[] | null;
  create(url: PackageUrl, snapshot: boolean | null): GatewayRequest;
  /** The id of what was made; null where the answer does not tell. */
  readCreated(payload: unknown): string | null;
  one(id: string): GatewayRequest;
  /** Null where the answer cannot be understood. */
  readOne(id: string, status: number, payload: unknown): UpgradeReport | null;
  /** Null where it begins by itself always. */
  start(id: string): GatewayRequest | null;
  /** Null where it cannot be told to give up. */
  cancel(id: string): GatewayRequest | null;
}
