import type { CommandRecord } from '../commands/command.js';
import type { DeviceFilter } from '../registry/device-filter.js';
import { someAtOnce } from '../shared/some-at-once.js';

export interface ProbeTargets {
  /** The gateways to probe. */
  each(filter: DeviceFilter): AsyncIterable<{ clientid: string }>;
  /** Requests /device/general from one gateway; resolves with the record of the command. */
  ask(clientid: string): Promise<CommandRecord>;
  /** Called for each gateway that did not answer, or that does not subscribe to its topic. */
  onSilent(clientid: string): Promise<void>;
}

const AT_ONCE = 50;

/**
 * Probes every enabled gateway, some at a time, for brokers that do not report connections. A gateway that answers needs no
 * handling here, since its answer itself marks it as online. Resolves when all have been probed, or when `signal` was aborted and
 * the running probes have ended. Rejects as `each` does.
 */
export async function probe(targets: ProbeTargets, signal: AbortSignal): Promise<void> {
  const gateways = targets.each({ enabled: true });
  await someAtOnce(gateways, AT_ONCE, ({ clientid }) => askOne(targets, clientid), signal);
}

async function askOne(targets: ProbeTargets, clientid: string): Promise<void> {
  try {
    const record = await targets.ask(clientid);
    const isUnheard = record.state === 'REJECTED' && record.reasonCode === 'OFFLINE';
    if (record.state === 'TIMED_OUT' || isUnheard) await targets.onSilent(clientid);
  } catch {
    // The database or the broker is away, which proves nothing about the gateway.
  }
}
