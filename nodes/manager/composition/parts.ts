import { EventEmitter } from 'node:events';
import { createPersonalTokens } from '../accounts/create-personal-tokens.js';
import { createSavedViews } from '../accounts/create-saved-views.js';
import { createUsers } from '../accounts/create-users.js';
import type { AlarmNews, Alarms } from '../alarms/alarm.js';
import { createAudit } from '../audit/audit.js';
import { createBroker } from '../broker/create-broker.js';
import type {
  BrokerEventSink,
  ClientConnected,
  ClientDisconnected,
  GatewayMessage,
} from '../broker/events.js';
import type { BrokerOptions } from '../broker/options.js';
import { uniqueClientId } from '../broker/unique-client-id.js';
import { createCatalogue } from '../catalogue/create-catalogue.js';
import { createSoftwareSources } from '../catalogue/software-sources.js';
import { joinCluster } from '../cluster/cluster.js';
import type { ClusterMessage } from '../cluster/messages.js';
import { createSchedule } from '../cluster/recurring-tasks.js';
import { askedBySystem } from '../commands/asked-by.js';
import type { CommandRecord } from '../commands/command.js';
import { createCommands } from '../commands/create-commands.js';
import type { Database } from '../database/database.js';
import { watchAvailability } from '../database/watch-availability.js';
import type { DeviceManagerOptions, ManagerEvents } from '../device-manager.js';
import { createGuard } from '../guard/create-guard.js';
import type { GuardNews } from '../guard/guard.js';
import type { TelemetryOutput } from '../intake/gateway-output.js';
import { createIntake } from '../intake/intake.js';
import { createWebhookReceiver, type WebhookReceiver } from '../intake/webhook-receiver.js';
import { EXECUTION_STANDING } from '../jobs/guard-link.js';
import type { JobNews, Jobs } from '../jobs/job.js';
import { jobsOfGateways } from '../jobs/store/jobs-of-gateway.js';
import { createMetrics } from '../metrics/metrics.js';
import { watchPresenceAsOf } from '../presence/as-of.js';
import { createAskNow } from '../presence/ask-now.js';
import { createHistory } from '../presence/history.js';
import { createOwnRestarts } from '../presence/own-restarts.js';
import type { Presence } from '../presence/presence.js';
import { createPresenceKeeper } from '../presence/presence-keeper.js';
import { createRefusedLogins } from '../presence/refused-logins.js';
import { createStatusCopy } from '../presence/status-copy.js';
import { withTrust } from '../presence/with-trust.js';
import type { ReadableAnswer } from '../protocol/answer.js';
import type { Topics } from '../protocol/topics.js';
import { createRegistry } from '../registry/create-registry.js';
import { type EmitDevice, withEvents } from '../registry/with-events.js';
import { createRetention } from '../retention/create-retention.js';
import { atMostEvery } from '../shared/at-most-every.js';
import { createEnding } from '../shared/ending.js';
import { createThrottledLog } from '../shared/throttled-log.js';
import { messageOf } from '../shared/tpe-error.js';
import { createSites } from '../sites/create-sites.js';
import { createTimeline } from '../timeline/create-timeline.js';
import { createInstallations } from '../updates/install/create-installations.js';
import type { Installation } from '../updates/install/installation.js';
import { DEFAULT_TIMING } from '../updates/install/timing.js';
import { openRepository } from '../updates/repository/open-repository.js';
import { createUpdates } from '../updates/scan/scanner.js';
import type { DeviceUpdate, ScanProgress } from '../updates/scan/updates.js';
import { createWell } from '../well/create-well.js';
import { DEFAULT_WELL_TIMING } from '../well/well.js';
import { createAlarmParts } from './alarm-parts.js';
import { createHealth } from './health.js';
import { createJobParts } from './job-parts.js';
import { createProfileAsker } from './profile-on-connect.js';
import { askForProfile } from './refresh-profile.js';

/**
 * The callbacks of the parts. Their effects on other parts are in reactions.ts. The calling part awaits each promise that a
 * callback returns.
 */
export interface Reactions {
  /** The database stopped answering (the error), or answers again (null). */
  onDatabase(error: unknown): void;
  /** A gateway connected or disconnected, as reported by the broker. */
  onConnection(event: ClientConnected | ClientDisconnected): Promise<void>;
  /** The presence of a gateway has changed, and is in the database. */
  onPresence(change: Presence): void;
  /** Presence was compared with the broker's list or by probing, or it has changed whether that list can be trusted. */
  onPresenceChecked(): void;
  /** Probes a gateway whose presence is unknown; resolves with the record of the command. */
  onProbe(clientid: string): Promise<CommandRecord>;
  /** Logins with the client id of a gateway were refused; `isNew`: the first one after a while, or for another reason. */
  onRefusedLogin(presence: Presence, isNew: boolean): void;
  onAnswer(clientid: string, parsed: ReadableAnswer, message: GatewayMessage): Promise<void>;
  onTelemetry(telemetry: TelemetryOutput): void;
  /** A command of this manager entered a state. */
  onCommand(record: CommandRecord): void;
  /** A command waits here that other managers could send. */
  onCommandWaiting(): void;
  /** A command that was open here was ended by another manager. */
  onCommandEndedElsewhere(record: CommandRecord): void;
  /** Gateways were just registered. */
  onRegistered(clientids: readonly string[]): Promise<void>;
  onDevice: EmitDevice;
  /** The users changed their operations here. */
  onCatalogue(): void;
  onScan(progress: ScanProgress): void;
  onUpdate(update: DeviceUpdate): void;
  onInstallation(installation: Installation): void;
  /** A job has changed, or one of its gateways was decided, here or through another manager. */
  onJob(news: JobNews): void;
  /** Something happened to an alarm; `isOwn`: by this manager. */
  onAlarm(news: AlarmNews, isOwn: boolean): void;
  /** Rules of alarms were set or removed; `isOwn`: through this manager. */
  onAlarmRules(isOwn: boolean): void;
  /** It is time to look again at what a stop or the guard holds. */
  onLook(): Promise<void>;
  /** Slots of the guard have come back, here or elsewhere. */
  onSlotsFree(): void;
  /** Stops, limits or slots of the guard have changed, here or elsewhere. */
  onGuard(news: GuardNews): void;
  /** Something was set of a site, here or through another manager; `isOwn`: through this one. */
  onSites(isOwn: boolean): void;
  onAudit(): void;
  /** People or their tokens have changed, here or through another manager. */
  onAccount(): void;
  /** People or their tokens were changed here. */
  onOwnAccount(): void;
  /** Another manager sent a message. */
  onClusterMessage(message: ClusterMessage): Promise<void>;
  /** Messages of other managers may have been lost, or one of them may have died. */
  onMaintain(): Promise<void>;
}

/** All that a manager consists of. */
export type Parts = ReturnType<typeof createParts>;

type Base = ReturnType<typeof createBase>;
type PresenceParts = ReturnType<typeof createPresence>;
type WorkParts = ReturnType<typeof createWork>;

const DEFAULT_COMMAND_TIMEOUT_MS = 60_000;
const DEFAULT_QUEUE_MS = 3_600_000;
/** The least time between two looks at what the guard holds, ms. */
const LOOK_EVERY_MS = 250;
/** The wait after a connect for brokers that do not report whether the gateway is subscribed, ms. */
const SETTLE_MS = 2000;

/**
 * Creates all parts, first those that others need; none is open yet. `opened` is the migrated database. Throws INVALID_INPUT for options
 * that are not valid.
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
  const jobs = createJobWork(base, work, reactions);
  const found = createAlarmWork(base, presence, work, reactions);
  const entrances = createEntrances(base, presence, { ...work, jobs, alarms: found.alarms }, reactions);
  const timeline = createTimeline({
    database: base.database,
    catalogue: work.catalogue,
    device: work.registry.get,
    alarms: async (clientid) => (await found.alarms.list({ clientid, limit: 100 })).items,
  });
  return { ...base, ...presence, ...work, jobs, ...found, timeline, ...entrances };
}

/** The base: the database, the broker and the cluster. */
function createBase(options: DeviceManagerOptions, opened: Database, topics: Topics, reactions: Reactions) {
  const { instance } = options;
  const warn = createThrottledLog(options.log.warn);
  const log = (text: string) => warn(text, text);
  const events = new EventEmitter<ManagerEvents>();
  // Every node that shows something listens, so many listeners are no sign of a leak.
  events.setMaxListeners(0);
  const database = watchAvailability(opened, reactions.onDatabase);
  const stored = createRegistry(database, reactions.onRegistered);
  const broker = createBroker(uniqueClientId(options.broker, instance), {
    topics,
    authenticate: stored.authenticate,
    log: options.log,
  });
  const repositoryUrl = options.repository?.kind === 'http' ? options.repository.url : null;
  const sources = createSoftwareSources(repositoryUrl, options.packageHosts ?? []);
  // From here on the broker may be in use, so everything that may throw because of its options comes before.
  const cluster = joinCluster({
    instance,
    database,
    onMessage: reactions.onClusterMessage,
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
    cluster,
    schedule: createSchedule(database, instance),
    /** Looks again at what a stop or the guard holds. Many things may have freed it, and each look costs some statements. */
    lookAtHeld: atMostEvery(LOOK_EVERY_MS, reactions.onLook, (error) =>
      log(`What is held could not be looked at: ${messageOf(error)}`),
    ),
    /** Aborted when the manager closes. */
    closing: createEnding(),
  };
}

/** The parts that know which gateways are connected. */
function createPresence(base: Base, reactions: Reactions) {
  const { database, broker, metrics, log } = base;
  const presenceAsOf = watchPresenceAsOf(broker, base.cluster.reachBroker);
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
    statusCopy: createStatusCopy({ database, onFault: log }),
    restarts: createOwnRestarts(database, log, base.options.broker.kind === 'embedded'),
    history: createHistory(database),
  };
}

/** The parts that know gateways and act on them. */
function createWork(base: Base, { presence, presenceAsOf, asked }: PresenceParts, reactions: Reactions) {
  const { options, database, broker, sources, cluster, log } = base;
  const { instance } = options;
  const trusted = withTrust(base.stored, presenceAsOf.asOf, presence.doubt);
  const registry = withEvents(trusted, reactions.onDevice);
  const catalogue = createCatalogue(database, { onChange: reactions.onCatalogue, warn: options.log.warn });
  const sites = createSites({ database, onChanged: () => reactions.onSites(true) });
  const guard = createGuard({
    database,
    schedule: base.schedule,
    knowsPresence: () => broker.knowsPresence,
    broadcast: cluster.broadcast,
    onFree: reactions.onSlotsFree,
    onChanged: reactions.onGuard,
    times: options.guardTimes,
    owners: { execution: EXECUTION_STANDING },
    onFault: log,
  });
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
    guard,
    othersCanSend: cluster.reachBroker,
    onRecord: reactions.onCommand,
    onWaiting: reactions.onCommandWaiting,
    onEndedElsewhere: reactions.onCommandEndedElsewhere,
    onFault: log,
    onWritten: base.metrics.flushed,
  });
  const profiles = createProfileAsker(
    (clientid) => askForProfile(commands, clientid, askedBySystem('connect')),
    () => broker.canPublish() || cluster.reachBroker(),
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
    guard,
    instance,
    knowsPresence: () => broker.knowsPresence,
    timing: options.installTiming ?? DEFAULT_TIMING,
    packageUrl: sources.packageUrl,
    onChange: reactions.onInstallation,
    onFault: log,
  });
  const well = createWell({
    database,
    commands,
    catalogue,
    knowsPresence: () => broker.knowsPresence,
    timing: options.wellTiming ?? DEFAULT_WELL_TIMING,
    closing: base.closing.signal,
  });
  return { registry, catalogue, sites, guard, commands, profiles, updates, installations, well };
}

/** One thing done to many gateways, by all the parts that act on one. */
function createJobWork(base: Base, work: WorkParts, reactions: Reactions) {
  const { options, broker, cluster, log } = base;
  return createJobParts({
    ...base,
    ...work,
    commandTimeoutMs: options.commandTimeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS,
    canSend: () => broker.canPublish() || cluster.reachBroker(),
    onChange: reactions.onJob,
    broadcast: (id) => cluster.broadcast('job', id),
    onFault: log,
  });
}

/** What finds and tells what is wrong with all of these. */
function createAlarmWork(
  base: Base,
  { presence, presenceAsOf }: PresenceParts,
  { commands }: WorkParts,
  reactions: Reactions,
) {
  return createAlarmParts({
    ...base,
    commands,
    othersReach: base.cluster.reachBroker,
    canSend: base.broker.canPublish,
    isPresenceKnown: () => presenceAsOf.asOf() === null && presence.health().unconfirmed === null,
    onNews: reactions.onAlarm,
    onRules: reactions.onAlarmRules,
    onFault: base.log,
  });
}

/** The parts that receive events, sign people in and record both. */
function createEntrances(
  base: Base,
  { presence, presenceAsOf, refusedLogins }: PresenceParts,
  { commands, jobs, guard, alarms }: WorkParts & { jobs: Jobs; alarms: Alarms },
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
  const webhooks = webhookReceiver(options.broker, intake, log);
  const onAccounts = { onChange: reactions.onAccount, onOwnChange: reactions.onOwnAccount };
  const users = createUsers(database, onAccounts);
  const health = createHealth({ database, broker, presence, presenceAsOf, webhooks });
  metrics.observe({
    ...{ database, jobs, guard, alarms },
    health: health.now,
    waiting: () => ({ presence: presence.waiting(), ...commands.waiting() }),
  });
  return {
    intake,
    webhooks,
    health,
    users,
    tokens: createPersonalTokens(database, { findUser: users.find, ...onAccounts }),
    views: createSavedViews(database, () => {
      onAccounts.onChange();
      onAccounts.onOwnChange();
    }),
    audit: createAudit(database, {
      jobsOf: (clientids) => jobsOfGateways(database, clientids),
      onRecord: reactions.onAudit,
      onFault: log,
    }),
    retention: createRetention({ database, schedule: base.schedule, onFault: log }),
  };
}

/** Creates the receiver of webhooks; null if the events of the broker come another way. */
function webhookReceiver(
  broker: BrokerOptions,
  sink: BrokerEventSink,
  onFault: (text: string) => void,
): WebhookReceiver | null {
  if (broker.kind !== 'emqx' || broker.events !== 'webhook') return null;
  return createWebhookReceiver({ sink, payloads: broker.payloads ?? 'auto', onFault });
}
