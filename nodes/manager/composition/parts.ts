import { EventEmitter } from 'node:events';
import { createPersonalTokens } from '../accounts/create-personal-tokens.js';
import { createUsers } from '../accounts/create-users.js';
import { createAudit } from '../audit/audit.js';
import { createBroker } from '../broker/create-broker.js';
import type {
  BrokerEventSink,
  ClientConnected,
  ClientDisconnected,
  GatewayMessage,
} from '../broker/events.js';
import { nameSession } from '../broker/name-session.js';
import type { BrokerOptions } from '../broker/options.js';
import { createCatalogue } from '../catalogue/create-catalogue.js';
import { createSoftwareSources } from '../catalogue/software-sources.js';
import { joinInstances } from '../cluster/cluster.js';
import type { News } from '../cluster/messages.js';
import { createSchedule } from '../cluster/recurring-tasks.js';
import type { CommandRecord } from '../commands/command.js';
import { createCommands } from '../commands/create-commands.js';
import type { Database } from '../database/database.js';
import { watchAvailability } from '../database/watch-availability.js';
import type { DeviceManagerOptions, ManagerEvents } from '../device-manager.js';
import type { TelemetryOutput } from '../intake/gateway-output.js';
import { createIntake } from '../intake/intake.js';
import { createWebhookDoor, type WebhookDoor } from '../intake/webhook-door.js';
import { createMetrics } from '../metrics/metrics.js';
import { watchPresenceAsOf } from '../presence/as-of.js';
import { createAskNow } from '../presence/ask-now.js';
import { createHistory } from '../presence/history.js';
import { createOwnRestarts } from '../presence/own-restarts.js';
import type { Presence } from '../presence/presence.js';
import { createPresenceKeeper } from '../presence/presence-keeper.js';
import { createRefusedLogins } from '../presence/refused-logins.js';
import { withTrust } from '../presence/with-trust.js';
import type { ReadableAnswer } from '../protocol/answer.js';
import type { Topics } from '../protocol/topics.js';
import { announcing, type TellDevice } from '../registry/announcing.js';
import { createRegistry } from '../registry/create-registry.js';
import { createRetention } from '../retention/create-retention.js';
import { createEnding } from '../shared/ending.js';
import { createOnceAMinute } from '../shared/throttled-log.js';
import { createInstallations } from '../updates/install/create-installations.js';
import type { Installation } from '../updates/install/installation.js';
import { REAL_PACE } from '../updates/install/timing.js';
import { openRepository } from '../updates/repository/open-repository.js';
import { createUpdates } from '../updates/scan/scanner.js';
import type { DeviceUpdate, ScanProgress } from '../updates/scan/updates.js';
import { createHealth } from './health.js';
import { createProfileAsker } from './profile-on-connect.js';
import { askForProfile } from './refresh-profile.js';

/**
 * What a part tells while it works. What follows from it concerns other parts, which it does not know: that is written in
 * reactions.ts. Whatever gives a promise is waited for by the part that calls it.
 */
export interface Reactions {
  /** The database stopped answering (the error), or answers again (null). */
  onDatabase(error: unknown): void;
  /** A gateway connected or disconnected, as the broker tells it. */
  onConnection(event: ClientConnected | ClientDisconnected): Promise<void>;
  /** That changed its presence, and is written. */
  onPresence(change: Presence): void;
  /** Presence was compared with the broker's list, or by probing; or whether that list can be believed has changed. */
  onPresenceChecked(): void;
  /** Whether a gateway is there is not known: resolves with the command that it was asked by. */
  onProbe(clientid: string): Promise<CommandRecord>;
  /** Logins under the client id of a gateway were refused; `isNew`: the first after a while, or for another reason. */
  onRefusedLogin(presence: Presence, isNew: boolean): void;
  onAnswer(clientid: string, parsed: ReadableAnswer, message: GatewayMessage): Promise<void>;
  onTelemetry(telemetry: TelemetryOutput): void;
  /** A command of this manager entered a state. */
  onCommand(record: CommandRecord): void;
  /** A command waits here that other managers could send. */
  onCommandWaiting(): void;
  /** A command that somebody waits for here was ended by another manager. */
  onCommandEndedElsewhere(record: CommandRecord): void;
  /** Gateways were just registered. */
  onRegistered(clientids: readonly string[]): Promise<void>;
  onDevice: TellDevice;
  /** The users changed their operations here. */
  onCatalogue(): void;
  onScan(progress: ScanProgress): void;
  onUpdate(update: DeviceUpdate): void;
  onInstallation(installation: Installation): void;
  onAudit(): void;
  /** People or their tokens are seen to have changed, whoever changed them. */
  onAccount(): void;
  /** People or their tokens were changed here. */
  onOwnAccount(): void;
  /** Another manager wrote something. */
  onNews(news: News): Promise<void>;
  /** News of other managers may have been missed, or one of them may have died. */
  onMaintain(): Promise<void>;
}

/** All that a manager consists of. */
export type Parts = ReturnType<typeof createParts>;

type Base = ReturnType<typeof createBase>;
type PresenceParts = ReturnType<typeof createPresence>;
type WorkParts = ReturnType<typeof createWork>;

const DEFAULT_COMMAND_TIMEOUT_MS = 60_000;
const DEFAULT_QUEUE_MS = 3_600_000;
/** A broker that cannot say whether a gateway listens yet: wait so long after its connect, ms. */
const SETTLE_MS = 2000;

/**
 * Creates each part, those first that others need; none is open yet. `opened` is the database, migrated. Throws INVALID_INPUT
 * for options that cannot be.
 */
export function createParts(
  options: DeviceManagerOptions,
  opened: Database,
  topics: Topics,
  reactions: Reactions,
) {
  const base = createBase(options, opened, topics, reactions);
  const presence = createPresence(base, reactions);
  const work = createWork(base, presence, reactions);
  const entrances = createEntrances(base, presence, work, reactions);
  return { ...base, ...presence, ...work, ...entrances };
}

/** What everything stands on: the database, the broker and the other managers. */
function createBase(options: DeviceManagerOptions, opened: Database, topics: Topics, reactions: Reactions) {
  const { instance } = options;
  const warn = createOnceAMinute(options.log.warn);
  const log = (text: string) => warn(text, text);
  const events = new EventEmitter<ManagerEvents>();
  // Every node that shows something listens: their number is the user's choice, not a leak.
  events.setMaxListeners(0);
  const database = watchAvailability(opened, reactions.onDatabase);
  const stored = createRegistry(database, reactions.onRegistered);
  const broker = createBroker(nameSession(options.broker, instance), {
    topics,
    authenticate: stored.authenticate,
    log: options.log,
  });
  const repositoryUrl = options.repository?.kind === 'http' ? options.repository.url : null;
  const sources = createSoftwareSources(repositoryUrl, options.packageHosts ?? []);
  // It listens from here on: what throws for its options comes before.
  const others = joinInstances({
    instance,
    database,
    onNews: reactions.onNews,
    maintain: reactions.onMaintain,
    reachesBroker: () => broker.canPublish(),
    onFault: log,
  });
  return {
    options,
    topics,
    log,
    metrics: createMetrics(),
    events,
    database,
    /** The registry as it is in the database. */
    stored,
    broker,
    sources,
    others,
    schedule: createSchedule(database, instance),
    /** Aborted when the manager closes. */
    closing: createEnding(),
  };
}

/** Which gateways are there. */
function createPresence(base: Base, reactions: Reactions) {
  const { database, broker, metrics, log } = base;
  const presenceAsOf = watchPresenceAsOf(broker, base.others.reachBroker);
  const presence = createPresenceKeeper({
    database,
    broker,
    schedule: base.schedule,
    each: base.stored.each,
    ask: reactions.onProbe,
    onChange: reactions.onPresence,
    onChecked: reactions.onPresenceChecked,
    onFault: log,
    onWritten: (items, ms) => metrics.flushed('presence', items, ms),
  });
  return {
    presenceAsOf,
    presence,
    asked: createAskNow({ broker, lookInto: presence.lookInto, lookIntoAll: presence.checkSoon }),
    refusedLogins: createRefusedLogins({ database, onWritten: reactions.onRefusedLogin, onFault: log }),
    restarts: createOwnRestarts(database, log),
    history: createHistory(database),
  };
}

/** What is known of gateways, and what is done with them. */
function createWork(base: Base, { presence, presenceAsOf, asked }: PresenceParts, reactions: Reactions) {
  const { options, database, broker, sources, others, log } = base;
  const { instance } = options;
  const trusted = withTrust(base.stored, presenceAsOf.asOf, () => presence.health().unconfirmed);
  const registry = announcing(trusted, reactions.onDevice);
  const catalogue = createCatalogue(database, { onChange: reactions.onCatalogue, warn: options.log.warn });
  const commands = createCommands({
    database,
    broker,
    catalogue,
    sources,
    topics: base.topics,
    instance,
    timeoutMs: options.commandTimeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS,
    queueForMs: options.queueForMs ?? DEFAULT_QUEUE_MS,
    standing: asked.standing,
    othersCanSend: others.reachBroker,
    onRecord: reactions.onCommand,
    onWaiting: reactions.onCommandWaiting,
    onEndedElsewhere: reactions.onCommandEndedElsewhere,
    onFault: log,
    onWritten: base.metrics.flushed,
  });
  const profiles = createProfileAsker(
    (clientid) => askForProfile(commands, clientid, 'tpedm: connect'),
    () => broker.canPublish() || others.reachBroker(),
    broker.kind === 'embedded' ? 0 : SETTLE_MS,
  );
  const updates = createUpdates({
    database,
    registry,
    openRepository: () => (options.repository === undefined ? null : openRepository(options.repository)),
    packageUrl: sources.packageUrl,
    instance,
    onScan: reactions.onScan,
    onUpdate: reactions.onUpdate,
    onFault: log,
  });
  const installations = createInstallations({
    database,
    commands,
    instance,
    knowsPresence: () => broker.knowsPresence,
    pace: options.installPace ?? REAL_PACE,
    packageUrl: sources.packageUrl,
    onChange: reactions.onInstallation,
    onFault: log,
  });
  return { registry, catalogue, commands, profiles, updates, installations };
}

/** Where gateways and people come in, and what is kept of that. */
function createEntrances(
  base: Base,
  { presence, presenceAsOf, refusedLogins }: PresenceParts,
  { commands }: WorkParts,
  reactions: Reactions,
) {
  const { options, database, broker, metrics, log } = base;
  const intake = metrics.counted(
    createIntake({
      topics: base.topics,
      onPresence: reactions.onConnection,
      onRefused: refusedLogins.note,
      onAnswer: reactions.onAnswer,
      onUnreadable: commands.takeUnreadable,
      isAsked: commands.isAsked,
      isAwaited: commands.isAwaited,
      onTelemetry: reactions.onTelemetry,
      onFault: log,
    }),
  );
  const webhooks = webhookDoor(options.broker, intake, log);
  const onAccounts = { onChange: reactions.onAccount, onOwnChange: reactions.onOwnAccount };
  const users = createUsers(database, onAccounts);
  const health = createHealth({ database, broker, presence, presenceAsOf, webhooks });
  metrics.observe({
    database,
    health: health.now,
    waiting: () => ({ presence: presence.waiting(), ...commands.waiting() }),
  });
  return {
    intake,
    webhooks,
    health,
    users,
    tokens: createPersonalTokens(database, { findUser: users.find, ...onAccounts }),
    audit: createAudit(database, { onRecord: reactions.onAudit, onFault: log }),
    retention: createRetention({ database, schedule: base.schedule, onFault: log }),
  };
}

/** Null where events come another way. */
function webhookDoor(
  broker: BrokerOptions,
  sink: BrokerEventSink,
  onFault: (text: string) => void,
): WebhookDoor | null {
  if (broker.kind !== 'emqx' || broker.events !== 'webhook') return null;
  return createWebhookDoor({ sink, payloads: broker.payloads ?? 'auto', onFault });
}
