import type { EventEmitter } from 'node:events';
import type { PersonalTokensKeeper } from '../accounts/personal-token.js';
import type { UsersKeeper } from '../accounts/users.js';
import type { AlarmEngine } from '../alarms/alarm.js';
import type { CatalogueKeeper } from '../catalogue/create-catalogue.js';
import type { ClusterMessage } from '../cluster/messages.js';
import type { CommandEngine } from '../commands/create-commands.js';
import type { Database } from '../database/database.js';
import type { ManagerEvents } from '../device-manager.js';
import type { Guard } from '../guard/guard.js';
import type { JobEngine } from '../jobs/create-jobs.js';
import { readPresence } from '../presence/read-presence.js';
import type { Device } from '../registry/device.js';
import type { Registry } from '../registry/registry.js';
import type { DeviceChange } from '../registry/with-events.js';
import type { InstallationEngine } from '../updates/install/create-installations.js';
import type { Updates } from '../updates/scan/updates.js';

export interface ClusterMessageTargets {
  database: Database;
  registry: Registry;
  commands: Pick<CommandEngine, 'gatewayOnline' | 'gatewayRetired' | 'endedElsewhere' | 'maintain'>;
  guard: Pick<Guard, 'changedElsewhere'>;
  jobs: Pick<JobEngine, 'changedElsewhere'>;
  /** Another manager has set something of a site. */
  onSites(): void;
  alarms: Pick<AlarmEngine, 'changedElsewhere'>;
  installations: Pick<InstallationEngine, 'changedElsewhere'>;
  updates: Pick<Updates, 'waitForScan'>;
  catalogue: Pick<CatalogueKeeper, 'reload'>;
  users: Pick<UsersKeeper, 'reload'>;
  tokens: Pick<PersonalTokensKeeper, 'reload'>;
  events: EventEmitter<ManagerEvents>;
}

/** The most gateways in one statement. */
const AT_ONCE = 500;

const CHANGES: ReadonlySet<string> = new Set<DeviceChange>(['registered', 'updated', 'retired', 'profile']);

/**
 * Applies a message of another manager: presence and changes of gateways are emitted as if they had happened here, waiting
 * callers get their commands, and custom operations are reloaded. Rejects when the database cannot be read.
 */
export async function applyClusterMessage(
  targets: ClusterMessageTargets,
  { kind, items }: ClusterMessage,
): Promise<void> {
  if (kind === 'presence')
    return await applyPresence(targets, items.map(([clientid]) => clientid).filter(isText));
  if (kind === 'command') return await applyCommands(targets, items);
  if (kind === 'installation') return await applyInstallations(targets, items);
  if (kind === 'catalogue') return await applyCatalogue(targets);
  if (kind === 'account') return await followAccounts(targets);
  if (kind === 'waiting') return await targets.commands.maintain();
  if (kind === 'job') return await targets.jobs.changedElsewhere(items.map(([id]) => id).filter(isText));
  if (kind === 'alarm') return await targets.alarms.changedElsewhere(items);
  if (kind === 'site') return targets.onSites();
  if (kind === 'guard') return targets.guard.changedElsewhere(items);
  if (kind === 'scan') return await applyScans(targets, items);
  await applyDevices(targets, items);
}

async function applyPresence(targets: ClusterMessageTargets, clientids: string[]): Promise<void> {
  for (const presence of await readPresence(targets.database, clientids)) {
    targets.events.emit('presence', presence);
    if (presence.status === 'online') targets.commands.gatewayOnline(presence.clientid);
  }
}

async function applyScans(
  { updates, events }: ClusterMessageTargets,
  items: ClusterMessage['items'],
): Promise<void> {
  for (const id of items.map(([id]) => id).filter(isText)) {
    const progress = await updates.waitForScan(id);
    if (progress !== null) events.emit('scan', progress);
  }
}

async function applyCommands(
  { commands }: ClusterMessageTargets,
  items: ClusterMessage['items'],
): Promise<void> {
  await commands.endedElsewhere(items.map(([requestId]) => requestId).filter(isText));
  // The gateway is free for the next command, which may wait here.
  for (const [, clientid] of items) if (clientid !== null) commands.gatewayOnline(clientid);
}

async function applyInstallations(
  { installations, events }: ClusterMessageTargets,
  items: ClusterMessage['items'],
): Promise<void> {
  const ids = items.map(([id]) => id).filter(isText);
  for (const installation of await installations.changedElsewhere(ids))
    events.emit('installation', installation);
}

async function applyDevices(
  { registry, commands, events }: ClusterMessageTargets,
  items: ClusterMessage['items'],
): Promise<void> {
  const changes = items.filter(([, change]) => change !== null && CHANGES.has(change));
  for (const [clientid, change] of changes)
    if (change === 'retired' && clientid !== null) await commands.gatewayRetired(clientid);
  const devices = await devicesOf(registry, [
    ...new Set(changes.map(([clientid]) => clientid).filter(isText)),
  ]);
  for (const [clientid, change] of changes) {
    const device = clientid === null ? null : (devices.get(clientid) ?? null);
    events.emit('device', { clientid, change: change as DeviceChange, device });
  }
}

/** Reads the gateways that are registered, many in one statement. */
async function devicesOf(registry: Registry, clientids: readonly string[]): Promise<Map<string, Device>> {
  const devices = new Map<string, Device>();
  for (let begin = 0; begin < clientids.length; begin += AT_ONCE) {
    const page = await registry.list({ clientids: clientids.slice(begin, begin + AT_ONCE), limit: AT_ONCE });
    for (const device of page.devices) devices.set(device.clientid, device);
  }
  return devices;
}

/** Reloads people before tokens, so that whoever was removed or disabled is locked out even if the tokens cannot be read. */
async function followAccounts({ users, tokens }: ClusterMessageTargets): Promise<void> {
  await users.reload();
  await tokens.reload();
}

/** Reloads the custom operations. A late message is harmless: if they are the same as before, no event is emitted. */
async function applyCatalogue({ catalogue, events }: ClusterMessageTargets): Promise<void> {
  if (await catalogue.reload()) events.emit('catalogue');
}

function isText(value: string | null): value is string {
  return value !== null;
}
