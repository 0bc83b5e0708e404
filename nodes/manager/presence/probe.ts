import type { CommandRecord } from '../commands/command.js';
import type { DeviceFilter } from '../registry/device-filter.js';
import { someAtOnce } from '../shared/some-at-once.js';

export interface ProbeTargets {
  /** Client ids of the gateways to ask. */
  each(filter: DeviceFilter): AsyncIterable<{ clientid: string }>;
  /** Asks one gateway for /device/general; resolves with the record of the command. */
  ask(clientid: string): Promise<CommandRecord>;
  /** Told of each gateway that did not answer, or that nobody listens for. */
  onSilent(clientid: string): Promise<void>;
}

const AT_ONCE = 50;

/**
 * Finds out who is there where the broker cannot tell: asks every enabled gateway, some at a time. Those that answer
 * are marked by their answer. Resolves when all have been asked, or `signal` ended it.
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
    // The database or the broker is away: that says nothing about the gateway.
  }
}
