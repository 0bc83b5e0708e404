import type { DeviceManager, ManagerHealth } from '../../manager/device-manager.js';
import { backoffMs } from '../../manager/shared/backoff.js';
import { denialReason } from '../../manager/shared/denial-reasons.js';
import { asTpeError, messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { serverReason } from './server-reasons.js';

/** The state of a server's manager. */
export type ManagerState =
  | { phase: 'opening' }
  /** Opening failed and will be tried again. */
  | { phase: 'retrying'; error: Error }
  /** Opening failed, and only a change of the configuration can help. */
  | { phase: 'failed'; error: Error }
  | { phase: 'open'; manager: DeviceManager; health: ManagerHealth }
  | { phase: 'closed' };

/** Keeps one manager open for all nodes that use it. */
export interface ManagerKeeper {
  /**
   * Resolves with the manager, and waits for the first attempt to open it. Later it rejects at once while the manager is not open: with
   * UNAVAILABLE and the reason while it retries, with the error of opening if it gave up, and with CLOSED while it closes.
   */
  get(): Promise<DeviceManager>;
  state(): ManagerState;
  /** Calls the listener now and after each change until the returned function is called. */
  follow(listener: (state: ManagerState) => void): () => void;
  /** Stops all attempts and closes the manager, even if it is just opening. */
  close(): Promise<void>;
}

export interface KeeperOptions {
  open: () => Promise<DeviceManager>;
  log: { info(text: string): void; warn(text: string): void };
  /** The pause after the first failure. It doubles with each further failure, up to `longestMs`. Defaults 1000 and 60000. */
  firstMs?: number;
  longestMs?: number;
}

/** Opens the manager at once. Tries again with growing pauses as long as it fails for a reason that may pass. */
export function keepManager(options: KeeperOptions): ManagerKeeper {
  const { open, log, firstMs = 1000, longestMs = 60_000 } = options;
  const listeners = new Set<(state: ManagerState) => void>();
  let state: ManagerState = { phase: 'opening' };
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;

  const enter = (next: ManagerState) => {
    state = next;
    for (const listener of [...listeners]) listener(next);
  };

  const attempt = async () => {
    try {
      const manager = await open();
      if (closing) return manager.close();
      watch(manager);
    } catch (error) {
      if (!closing) fail(error instanceof Error ? error : new Error(messageOf(error)));
    }
  };

  const watch = (manager: DeviceManager) => {
    if (failures > 0) log.info('The device manager is open.');
    manager.events.on('health', (health) => {
      if (!closing) enter({ phase: 'open', manager, health });
    });
    enter({ phase: 'open', manager, health: manager.health() });
  };

  const fail = (error: Error) => {
    const told = state.phase === 'retrying' && state.error.message === error.message;
    if (!told) for (const text of [error.message, ...moreOf(error)]) log.warn(text);
    failures += 1;
    if (!mayPass(error)) return enter({ phase: 'failed', error });
    const backoff = {
      firstMs,
      longestMs: Math.min(longestMs, retryOf(error)),
      spread: [0.75, 1.25] as const,
    };
    retry = setTimeout(
      () => {
        opening = attempt();
      },
      backoffMs(failures - 1, backoff),
    );
    enter({ phase: 'retrying', error });
  };

  let opening = attempt();

  const shut = async () => {
    clearTimeout(retry);
    const manager = state.phase === 'open' ? state.manager : null;
    enter({ phase: 'closed' });
    listeners.clear();
    await opening;
    await manager?.close();
  };

  return {
    async get() {
      if (state.phase === 'opening') await opening;
      return managerOf(state);
    },
    state: () => state,
    follow(listener) {
      listeners.add(listener);
      listener(state);
      return () => listeners.delete(listener);
    },
    close() {
      closing ??= shut();
      return closing;
    },
  };
}

/** Whether a later attempt may succeed. A database, a broker or a port may be available then, but wrong input stays wrong. */
function mayPass(error: Error): boolean {
  return !(error instanceof TpeError && (error.code === 'INVALID_INPUT' || error.code === 'FORBIDDEN'));
}

/** Further lines for the log that do not fit into the message. */
function moreOf(error: Error): string[] {
  const more = error instanceof TpeError ? error.details.more : undefined;
  return Array.isArray(more) ? more.map(String) : [];
}

/** The longest pause for which the error allows to wait, ms. It is short if the cause may soon be gone. */
function retryOf(error: Error): number {
  const retryMs = error instanceof TpeError ? error.details.retryMs : undefined;
  return typeof retryMs === 'number' ? retryMs : Number.POSITIVE_INFINITY;
}

function managerOf(state: ManagerState): DeviceManager {
  switch (state.phase) {
    case 'open':
      return state.manager;
    case 'failed':
      throw state.error;
    case 'retrying':
      throw new TpeError(
        'UNAVAILABLE',
        serverReason('manager-not-open', { reason: asTpeError(state.error).reason }),
        {},
        state.error,
      );
    default:
      throw new TpeError('CLOSED', denialReason('manager-closing'));
  }
}
