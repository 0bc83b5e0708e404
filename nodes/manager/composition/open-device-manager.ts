import { seedRules } from '../alarms/store/rules.js';
import { mqttSettings } from '../broker/gateway-settings.js';
import { seedCatalogue } from '../catalogue/seed-catalogue.js';
import { askedBySystem } from '../commands/asked-by.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import type { DeviceManager, DeviceManagerOptions } from '../device-manager.js';
import { DEFAULT_TOPICS, makeTopics } from '../protocol/topics.js';
import { printableLog } from '../shared/printable.js';
import { makePrivate } from '../shared/private-folder.js';
import { createThrottledLog } from '../shared/throttled-log.js';
import { TpeError } from '../shared/tpe-error.js';
import { closeParts, openParts } from './lifecycle.js';
import { createParts, type Parts } from './parts.js';
import { createReactions, onRetired } from './reactions.js';
import { askForProfile, refreshedDevice } from './refresh-profile.js';

/**
 * Opens the device manager: migrates the database, seeds the catalogue, opens the broker, and resumes unfinished work. Rejects
 * with a TpeError that says which part failed and what to do; then nothing stays open.
 */
export async function openDeviceManager(given: DeviceManagerOptions): Promise<DeviceManager> {
  // Log lines contain client ids, user names and texts of gateways, brokers and repositories, which are untrusted.
  const options = { ...given, log: printableLog(given.log) };
  const topics = makeTopics({ ...DEFAULT_TOPICS, ...options.topics });
  const database = await openDatabase(options.database, createThrottledLog(options.log.warn));
  try {
    if (options.database.kind === 'embedded') closeFolder(options.database.folder, options.log);
    await migrate(database, options.log);
    await seedCatalogue(database);
    await seedRules(database);
    const { reactions, connect } = createReactions();
    const parts = createParts(options, database, topics, reactions);
    connect(parts);
    await openParts(parts);
    return deviceManager(parts);
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
}

/** Makes the folder private. One from an older version of the pack may be readable for other users of the machine. */
function closeFolder(folder: string, log: DeviceManagerOptions['log']): void {
  const warning = makePrivate(folder);
  if (warning !== null) log.warn(warning);
}

/** Returns the parts in the form in which nodes use them. */
function deviceManager(parts: Parts): DeviceManager {
  const { options, topics, registry, commands, broker, webhooks } = parts;
  let closing: Promise<void> | null = null;
  return {
    registry,
    commands,
    catalogue: parts.catalogue,
    installations: parts.installations,
    guard: parts.guard,
    sites: parts.sites,
    jobs: parts.jobs,
    alarms: parts.alarms,
    updates: parts.updates,
    well: parts.well,
    broker,
    history: parts.history,
    timeline: parts.timeline,
    users: parts.users,
    tokens: parts.tokens,
    views: parts.views,
    audit: parts.audit,
    events: parts.events,
    metrics: parts.metrics.registry,
    async retire(clientid) {
      const device = await registry.retire(clientid);
      await onRetired(parts, clientid);
      return device;
    },
    async refreshProfile(clientid) {
      return await refreshedDevice(
        registry,
        await askForProfile(commands, clientid, askedBySystem('refresh')),
      );
    },
    takeWebhook(body, secret = 'present') {
      if (webhooks !== null) return webhooks.take(body, secret);
      const text = `The events of this broker (${broker.kind}) do not come by webhook: choose EMQX with events by webhook.`;
      return Promise.reject(new TpeError('INVALID_INPUT', text));
    },
    health: parts.health.now,
    mqttSettings: () => mqttSettings(options.broker, topics),
    flowNews: () => options.flowNews?.() ?? null,
    close() {
      closing ??= closeParts(parts);
      return closing;
    },
  };
}
