import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createUsers } from '../accounts/users.js';
import { createAudit } from '../audit/audit.js';
import type { Broker } from '../broker/broker.js';
import { createBroker } from '../broker/create-broker.js';
import type { BrokerEventSink, GatewayMessage } from '../broker/events.js';
import { mqttSettings } from '../broker/gateway-settings.js';
import { nameSession } from '../broker/name-session.js';
import type { BrokerOptions } from '../broker/options.js';
import { createCatalogue } from '../catalogue/create-catalogue.js';
import { seedCatalogue } from '../catalogue/seed-catalogue.js';
import { createSoftwareSources } from '../catalogue/software-sources.js';
import { type Instances, joinInstances } from '../cluster/cluster.js';
import { createSchedule } from '../cluster/recurring-tasks.js';
import type { TakenAnswer } from '../commands/answers.js';
import { type CommandRecord, hasEnded } from '../commands/command.js';
import { type CommandEngine, createCommands } from '../commands/create-commands.js';
import { redactStored } from '../commands/redact-stored.js';
import type { Database } from '../database/database.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { awayInWords } from '../database/unavailable.js';
import { watchAvailability } from '../database/watch-availability.js';
import type { DeviceManager, DeviceManagerOptions, ManagerEvents } from '../device-manager.js';
import type { AnswerOutput, GatewayOutput } from '../intake/gateway-output.js';
import { createIntake } from '../intake/intake.js';
import { createWebhookDoor, type WebhookDoor } from '../intake/webhook-door.js';
import { createMetrics } from '../metrics/metrics.js';
import { dated, watchPresenceAsOf } from '../presence/as-of.js';
import { createAskNow } from '../presence/ask-now.js';
import { createHistory } from '../presence/history.js';
import { createOwnRestarts } from '../presence/own-restarts.js';
import type { Presence } from '../presence/presence.js';
import { createPresenceKeeper, type PresenceKeeper } from '../presence/presence-keeper.js';
import { createRefusedLogins } from '../presence/refused-logins.js';
import { withDoubt } from '../presence/with-doubt.js';
import type { Answer, ReadableAnswer } from '../protocol/answer.js';
import { DEFAULT_TOPICS, makeTopics, type Topics } from '../protocol/topics.js';
import { announcing, type TellDevice } from '../registry/announcing.js';
import { createRegistry } from '../registry/create-registry.js';
import { createRetention } from '../retention/create-retention.js';
import { createEnding } from '../shared/ending.js';
import type { Fault } from '../shared/fault.js';
import { printableLog } from '../shared/printable.js';
import { makePrivate } from '../shared/private-folder.js';
import { createOnceAMinute } from '../shared/throttled-log.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { createInstallations, type InstallationEngine } from '../updates/install/create-installations.js';
import { REAL_PACE } from '../updates/install/timing.js';
import { openRepository } from '../updates/repository/open-repository.js';
import { createUpdates } from '../updates/scan/scanner.js';
import { followNews } from './apply-cluster-message.js';
import { createProfileAsker } from './profile-on-connect.js';
import { PROFILE_REQUEST, profileIn, refreshedDevice } from './refresh-profile.js';

const DEFAULT_COMMAND_TIMEOUT_MS = 60_000;
const DEFAULT_QUEUE_MS = 3_600_000;
const PROBE_TIMEOUT_MS = 30_000;
const LET_IN_WITHIN_MS = 2000;
/** A broker that cannot say whether a gateway listens yet: wait so long after its connect, ms. */
const SETTLE_MS = 2000;

/**
 * Opens the device manager: database (migrated), catalogue (seeded), broker, and what was under way when it last
 * stopped. Rejects with a TpeError that says which part failed and what to do; then nothing stays open.
 */
export async function openDeviceManager(given: DeviceManagerOptions): Promise<DeviceManager> {
  // Client ids, user names and words of gateways, brokers and repositories are in what is logged.
  const options = { ...given, log: printableLog(given.log) };
  const topics = makeTopics({ ...DEFAULT_TOPICS, ...options.topics });
  const database = await openDatabase(options.database, createOnceAMinute(options.log.warn));
  try {
    if (options.database.kind === 'embedded') closeFolder(options.database.folder, options.log);
    await migrate(database, options.log);
    await seedCatalogue(database);
    return await joinParts(options, database, topics);
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
}

async function joinParts(
  options: DeviceManagerOptions,
  opened: Database,
  topics: Topics,
): Promise<DeviceManager> {
  const metrics = createMetrics();
  const events = new EventEmitter<ManagerEvents>();
  // Every node that shows something listens: their number is the user's choice, not a leak.
  events.setMaxListeners(0);
  const warn = createOnceAMinute(options.log.warn);
  const log = (text: string) => warn(text, text);
  let databaseFault: string | null = null;

  const health = () => ({
    database: { connected: databaseFault === null, detail: databaseFault ?? database.kind },
    broker: broker.health(),
    presenceAsOf: known.asOf(),
    presence: presence.health(),
    webhooks: webhooks?.counts() ?? null,
  });
  const database = watchAvailability(opened, (error) => {
    databaseFault = error === null ? null : messageOf(error);
    options.log[error === null ? 'info' : 'warn'](
      error === null ? 'The database answers again.' : `${awayInWords(error)} It is tried again by itself.`,
    );
    events.emit('health', health());
    // What came meanwhile may have been turned away.
    if (error === null) presence.checkSoon();
  });

  const onDevice: TellDevice = (clientid, change, device) => {
    events.emit('device', { clientid, change, device });
    others.tell('device', clientid, change);
  };
  // Who was locked out when retired may come again. A broker that is away must not hold up who registers.
  const letIn = async (clientids: readonly string[]) => {
    const done = broker
      .letIn(clientids)
      .catch((error) =>
        log(`Gateways were registered, but the broker may still keep them out: ${messageOf(error)}`),
      );
    await Promise.race([done, delay(LET_IN_WITHIN_MS, undefined, { ref: false })]);
  };
  const stored = createRegistry(database, letIn);
  const broker = createBroker(nameSession(options.broker, options.instance), {
    topics,
    authenticate: stored.authenticate,
    log: options.log,
  });
  const known = watchPresenceAsOf(broker, () => others.reachBroker());
  const registry = withDoubt(
    announcing(dated(stored, known.asOf), onDevice),
    () => presence.health().unconfirmed,
  );
  const catalogue = createCatalogue(database, {
    onChange() {
      events.emit('catalogue');
      others.tell('catalogue', null);
    },
    warn: options.log.warn,
  });
  const repositoryUrl = options.repository?.kind === 'http' ? options.repository.url : null;
  const sources = createSoftwareSources(repositoryUrl, options.packageHosts ?? []);
  const commands: CommandEngine = createCommands({
    database,
    broker,
    catalogue,
    sources,
    topics,
    instance: options.instance,
    timeoutMs: options.commandTimeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS,
    queueForMs: options.queueForMs ?? DEFAULT_QUEUE_MS,
    standing: (clientid) => asked.standing(clientid),
    onRecord(record) {
      metrics.command(record);
      asked.commandChanged(record);
      events.emit('command', record);
      if (hasEnded(record.state)) others.tell('command', record.requestId, record.clientid);
    },
    othersCanSend: () => others.reachBroker(),
    onWaiting: () => others.tell('waiting', null),
    onEndedElsewhere(record) {
      events.emit('command', record);
      if (record.answer !== null) events.emit('output', answerTakenElsewhere(topics, record, record.answer));
    },
    onFault: log,
    onWritten: metrics.flushed,
  });
  const updates = createUpdates({
    database,
    registry,
    openRepository: () => (options.repository === undefined ? null : openRepository(options.repository)),
    packageUrl: sources.packageUrl,
    instance: options.instance,
    onScan(progress) {
      events.emit('scan', progress);
      if (progress.state !== 'RUNNING') others.tell('scan', progress.id);
    },
    onUpdate: (update) => events.emit('update', update),
    onFault: log,
  });
  const installations: InstallationEngine = createInstallations({
    database,
    commands,
    instance: options.instance,
    knowsPresence: () => broker.knowsPresence,
    pace: options.installPace ?? REAL_PACE,
    packageUrl: sources.packageUrl,
    onChange(installation) {
      metrics.installation(installation);
      events.emit('installation', installation);
      others.tell('installation', installation.id);
    },
    onFault: log,
  });
  events.on('presence', ({ clientid, status }) =>
    installations.gatewayChanged(clientid, status === 'online'),
  );
  const askForProfile = (clientid: string, requestedBy: string, timeoutMs?: number) =>
    commands.send({ ...PROFILE_REQUEST, clientid, requestedBy, timeoutMs });
  const profiles = createProfileAsker(
    (clientid) => askForProfile(clientid, 'tpedm: connect'),
    () => broker.canPublish() || others.reachBroker(),
    broker.kind === 'embedded' ? 0 : SETTLE_MS,
  );
  const schedule = createSchedule(database, options.instance);
  const retention = createRetention({ database, schedule, onFault: log });
  const history = createHistory(database);
  const audit = createAudit(database, { onRecord: () => events.emit('audit'), onFault: log });
  const users = createUsers(database, {
    onChange: () => void events.emit('account'),
    onOwnChange: () => others.tell('account', null),
  });
  const presence: PresenceKeeper = createPresenceKeeper({
    database,
    broker,
    schedule,
    each: registry.each,
    ask: (clientid) => askForProfile(clientid, 'tpedm: probe', PROBE_TIMEOUT_MS),
    onChange: onPresence,
    onChecked() {
      known.heard();
      events.emit('health', health());
    },
    onFault: log,
    onWritten: (items, ms) => metrics.flushed('presence', items, ms),
  });

  const asked = createAskNow({
    broker,
    lookInto: presence.lookInto,
    lookIntoAll: presence.checkSoon,
  });

  const refusedLogins = createRefusedLogins({
    database,
    onWritten(change, isNew) {
      // A gateway that tries again and again is one change, and no message a minute.
      if (isNew) {
        events.emit('presence', change);
        others.tell('presence', change.clientid);
      } else void tellUpdated(change.clientid);
    },
    onFault: log,
  });

  async function tellUpdated(clientid: string): Promise<void> {
    const device = await registry.get(clientid).catch(() => null);
    if (device !== null) onDevice(clientid, 'updated', device);
  }

  function onPresence(change: Presence): void {
    events.emit('presence', change);
    others.tell('presence', change.clientid);
    if (change.status !== 'online') return;
    commands.gatewayOnline(change.clientid);
    // Where gateways are found by probing, the probe's own answer is the profile.
    if (broker.knowsPresence || change.source !== 'mqtt') profiles.ask(change.clientid);
  }

  const others: Instances = joinInstances({
    instance: options.instance,
    database,
    onNews: (news) =>
      followNews({ database, registry, commands, catalogue, installations, updates, users, events }, news),
    reachesBroker: () => broker.canPublish(),
    async maintain() {
      await commands.maintain();
      profiles.goOn();
      await installations.maintain();
      await updates.maintain();
      await users.reload();
      if (await catalogue.maintain()) events.emit('catalogue');
    },
    onFault: log,
  });

  const takenIn = (output: GatewayOutput) => {
    metrics.output(output);
    events.emit('output', output);
  };
  const intake = metrics.counted(
    createIntake({
      topics,
      onPresence(event) {
        known.heard();
        return presence.apply(event);
      },
      onRefused: refusedLogins.note,
      onAnswer: (clientid, parsed, message) => takeAnswer(clientid, parsed, message),
      onUnreadable: commands.takeUnreadable,
      isAsked: commands.isAsked,
      isAwaited: commands.isAwaited,
      onTelemetry: takenIn,
      onFault: log,
    }),
  );

  const webhooks = webhookDoor(options.broker, intake, log);

  async function takeAnswer(
    clientid: string,
    parsed: ReadableAnswer,
    message: GatewayMessage,
  ): Promise<void> {
    const taken = await commands.takeAnswer(clientid, parsed, message.receivedAt);
    takenIn({
      kind: 'answer',
      clientid,
      topic: message.topic,
      requestId: parsed.requestId,
      ...taken,
      ...(parsed.asText && { asText: parsed.asText }),
      receivedAt: new Date(message.receivedAt).toISOString(),
    });
    // The answer is safe: what follows from it must not make the broker deliver it again.
    await learnFrom(clientid, taken).catch((error) =>
      log(`${JSON.stringify(clientid)}: ${messageOf(error)}`),
    );
  }

  async function learnFrom(clientid: string, taken: TakenAnswer): Promise<void> {
    await presence.heard(clientid);
    const profile = taken.duplicate ? null : profileIn(taken);
    if (profile === null) return;
    await registry.storeProfile(clientid, profile);
    const device = await registry.get(clientid);
    if (device !== null) onDevice(clientid, 'profile', device);
  }

  /** Aborted when the manager closes. */
  const closed = createEnding();
  metrics.observe({
    database,
    health,
    waiting: () => ({ presence: presence.waiting(), ...commands.waiting() }),
  });
  broker.onHealth(() => events.emit('health', health()));
  const restarts = createOwnRestarts(database, log);
  broker.onStart((at) => void restarts.note(at));
  // With this process its virtual gateways begin anew, whatever the broker is.
  void restarts.note(Date.now());
  try {
    await catalogue.open();
    await users.reload();
    await others.start();
    await commands.start();
    await updates.start();
    await broker.open(intake);
  } catch (error) {
    await closeParts([updates.close, installations.close, commands.close, others.close]);
    throw error;
  }
  presence.start();
  redactStored(database, schedule, catalogue, closed.signal).catch((error) => {
    if (!closed.signal.aborted)
      log(`Secrets in older records could not be hidden, and will be at the next start: ${messageOf(error)}`);
  });
  retention.start();
  installations
    .resume()
    .catch((error) => log(`Installations that were under way could not be taken up: ${messageOf(error)}`));
  let wasConnected = broker.health().connected;
  let couldPublish = broker.canPublish();
  others.reachChanged();
  broker.onHealth(({ connected }) => {
    if (broker.canPublish() !== couldPublish) {
      couldPublish = !couldPublish;
      others.reachChanged();
      if (couldPublish) goOnSending();
    }
    // What happened meanwhile was not told.
    if (connected && !wasConnected) presence.checkSoon();
    wasConnected = connected;
  });

  function goOnSending(): void {
    profiles.goOn();
    commands.brokerBack().catch((error) => log(`What waited for the broker waits on: ${messageOf(error)}`));
  }

  let closing: Promise<void> | null = null;
  return {
    registry,
    commands,
    catalogue,
    installations,
    updates,
    broker,
    history,
    users,
    audit,
    events,
    metrics: metrics.registry,
    async retire(clientid) {
      const device = await registry.retire(clientid);
      await commands.gatewayRetired(clientid);
      await lockOut(broker, clientid, log);
      return device;
    },
    async refreshProfile(clientid) {
      return await refreshedDevice(registry, await askForProfile(clientid, 'tpedm: refresh'));
    },
    async takeWebhook(body, secret = 'present') {
      if (webhooks !== null) return await webhooks.take(body, secret);
      throw new TpeError(
        'INVALID_INPUT',
        `The events of this broker (${broker.kind}) do not come by webhook: choose EMQX with events by webhook.`,
      );
    },
    health,
    mqttSettings: () => mqttSettings(options.broker, topics),
    close() {
      closing ??= closeParts([
        () => closed.abort(),
        updates.close,
        installations.close,
        () => webhooks?.close(),
        profiles.close,
        asked.close,
        broker.close,
        refusedLogins.close,
        presence.close,
        commands.close,
        others.close,
        audit.close,
        retention.close,
        database.close,
      ]);
      return closing;
    },
  };
}

/** Of an older version of the pack, its files may be open to other users of the machine. */
function closeFolder(folder: string, log: DeviceManagerOptions['log']): void {
  const warning = makePrivate(folder);
  if (warning !== null) log.warn(warning);
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

/** Closes in order, each whatever became of the one before; rejects with the first fault. */
async function closeParts(parts: (() => void | Promise<void>)[]): Promise<void> {
  const faults: unknown[] = [];
  for (const close of parts) {
    try {
      await close();
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
}

/** What tpe-output sends for an answer to a command of ours that another manager took in. */
function answerTakenElsewhere(topics: Topics, record: CommandRecord, answer: Answer): AnswerOutput {
  const asText = record.faults.filter(isLongNumber).map(({ path }) => path);
  return {
    kind: 'answer',
    clientid: record.clientid,
    topic: topics.outputTopic(record.clientid),
    requestId: record.requestId,
    answer,
    command: record,
    ...(asText.length > 0 && { asText }),
    duplicate: false,
    receivedAt: record.endedAt ?? new Date().toISOString(),
  };
}

function isLongNumber({ in: part, rule }: Fault): boolean {
  return part === 'answer' && rule === 'digits';
}

/** The credential is gone already, so a session that cannot be ended now ends with its next connect. */
async function lockOut(broker: Broker, clientid: string, warn: (text: string) => void): Promise<void> {
  try {
    await broker.lockOut(clientid);
    await broker.disconnectClient(clientid);
  } catch (error) {
    warn(`${JSON.stringify(clientid)} was retired, but its session could not be ended: ${messageOf(error)}`);
  }
}
