import type { OperationSet } from '../../catalogue/operation-set.js';
import type { Commands } from '../../commands/command.js';
import type { Device } from '../../registry/device.js';
import type { Registry } from '../../registry/registry.js';
import type { Installations } from '../../updates/install/installation.js';
import type { Updates } from '../../updates/scan/updates.js';
import type { Well } from '../../well/well.js';
import type { ExecutionWork } from '../execution.js';

/** Where the placeholders of a request have their values from. */
export interface Sources {
  gateway: Device;
  values: Readonly<Record<string, unknown>>;
  job: { id: string; name: string };
}

/** The parts of a request that may have placeholders. */
interface Fillable {
  params?: unknown;
  path?: string;
  requestBody?: unknown;
}

/** What fills placeholders and secrets; see jobs/definition. Each throws INVALID_INPUT for what has no value. */
export interface Filling {
  fillRequest<Given extends Fillable>(request: Given, sources: Sources): Given;
  fillIn(value: unknown, sources: Sources): unknown;
  resolveSecrets(
    value: unknown,
    lookUp: (name: string) => string | undefined,
  ): { value: unknown; secrets: string[] };
}

/** What carries out attempts, and what it does that with. */
export interface RunOptions {
  commands: Pick<Commands, 'send' | 'waitFor' | 'ofExecution' | 'cancel'>;
  installations: Pick<Installations, 'start' | 'waitFor' | 'ofExecution' | 'cancel'>;
  updates: Pick<Updates, 'plan'>;
  catalogue: OperationSet;
  registry: Pick<Registry, 'get'>;
  /** Whether the broker tells who is connected; else a gateway that is told to be online may have gone. */
  knowsPresence(): boolean;
  /** Whether the broker has begun since a time, ms since the epoch: then all gateways have new connections. */
  brokerBeganSince(at: number): Promise<boolean>;
  well: Pick<Well, 'before' | 'untilWell'>;
  filling: Filling;
  /** The secret with this name; undefined if it is not set. */
  secret(name: string): string | undefined;
}

/** One step that is being carried out on one gateway. */
export interface StepRun extends RunOptions {
  work: ExecutionWork;
  job: { id: string; name: string };
  /** The index of the step. */
  index: number;
  signal: AbortSignal;
  /** When it has to be over, ms since the epoch. */
  until: number;
}
