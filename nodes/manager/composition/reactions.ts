import type { AlarmNews } from '../alarms/alarm.js';
import { RULES_CHANGED } from '../alarms/create-alarms.js';
import type { ClientConnected, ClientDisconnected, GatewayMessage } from '../broker/events.js';
import { restartsGateway } from '../catalogue/restarting.js';
import type { TakenAnswer } from '../commands/answers.js';
import { askedBySystem } from '../commands/asked-by.js';
import { type CommandRecord, hasEnded } from '../commands/command.js';
import { slotEndOf } from '../commands/slots.js';
import { awayInWords } from '../database/unavailable.js';
import type { GuardNews } from '../guard/guard.js';
import type { GatewayOutput } from '../intake/gateway-output.js';
import type { JobNews, JobState } from '../jobs/job.js';
import type { Presence } from '../presence/presence.js';
import type { ReadableAnswer } from '../protocol/answer.js';
import type { Device } from '../registry/device.js';
import type { DeviceChange } from '../registry/with-events.js';
import { within } from '../shared/timeout.js';
import { messageOf } from '../shared/tpe-error.js';
import { type Installation, isOver } from '../updates/install/installation.js';
import type { ScanProgress } from '../updates/scan/updates.js';
import { answerOutput, answerTakenElsewhere } from './answer-output.js';
import { applyClusterMessage } from './apply-cluster-message.js';
import type { Parts, Reactions } from './parts.js';
import { askForProfile, profileIn } from './refresh-profile.js';

// The parts do not know each other; here is what follows in one part from what happens in another. Each function names the parts that it
// uses. `events` are for the nodes and the dashboard of this manager, `cluster` tells the other managers on the same database.

const PROBE_TIMEOUT_MS = 30_000;
/** The states of a job of which there may be an alarm, or with which one ends. */
const WAKES_ALARMS: ReadonlySet<JobState> = new Set<JobState>(['PAUSED', 'COMPLETED', 'CANCELED']);
const LET_IN_WITHIN_MS = 2000;

/**
 * Creates the reactions, with which the parts are then created. Since both need each other, `connect` gives the parts to the reactions
 * afterwards; no part calls a reaction before that.
 */
export function createReactions(): { reactions: Reactions; connect(made: Parts): void } {
  let parts: Parts;
  const reactions: Reactions = {
    onDatabase: (error) => onDatabase(parts, error),
    onConnection: (event) => onConnection(parts, event),
    onPresence: (change) => onPresence(parts, change),
    onPresenceChecked: () => onPresenceChecked(parts),
    onProbe: (clientid) => onProbe(parts, clientid),
    onRefusedLogin: (presence, isNew) => onRefusedLogin(parts, presence, isNew),
    onAnswer: (clientid, parsed, message) => onAnswer(parts, clientid, parsed, message),
    onTelemetry: (telemetry) => onOutput(parts, telemetry),
    onCommand: (record) => onCommand(parts, record),
    onCommandWaiting: () => parts.cluster.broadcast('waiting', null),
    onCommandEndedElsewhere: (record) => onCommandEndedElsewhere(parts, record),
    onRegistered: (clientids) => onRegistered(parts, clientids),
    onDevice: (clientid, change, device) => onDevice(parts, clientid, change, device),
    onCatalogue: () => onCatalogue(parts),
    onScan: (progress) => onScan(parts, progress),
    onUpdate: (update) => void parts.events.emit('update', update),
    onInstallation: (installation) => onInstallation(parts, installation),
    onJob: (news) => onJob(parts, news),
    onAlarm: (news, isOwn) => onAlarm(parts, news, isOwn),
    onAlarmRules: (isOwn) => onAlarmRules(parts, isOwn),
    onLook: () => lookAtHeld(parts),
    onSlotsFree: () => slotsFree(parts),
    onGuard: (news) => onGuard(parts, news),
    onSites: (isOwn) => onSites(parts, isOwn),
    onAudit: () => void parts.events.emit('audit'),
    onAccount: () => void parts.events.emit('account'),
    onOwnAccount: () => parts.cluster.broadcast('account', null),
    onClusterMessage: (message) =>
      applyClusterMessage({ ...parts, onSites: () => onSites(parts, false) }, message),
    onMaintain: () => onMaintain(parts),
  };
  return {
    reactions,
    connect(made) {
      parts = made;
      listen(parts);
    },
  };
}

/** Connects the events of the parts that do not come through a reaction. */
function listen(parts: Parts): void {
  const { events, guard, installations, jobs, alarms, well, broker, health, restarts } = parts;
  // The event is also emitted for presence that another manager reported.
  events.on('presence', (presence) => {
    const isOnline = presence.status === 'online';
    guard.gatewayChanged(presence.clientid);
    installations.gatewayChanged(presence.clientid, isOnline);
    well.presenceChanged(presence);
    alarms.wake();
    // It may be the partner whose absence held others.
    if (!isOnline) return;
    jobs.gatewayOnline([presence.clientid]);
    parts.lookAtHeld();
  });
  events.on('device', ({ clientid, change, device }) => {
    if (change !== 'profile') alarms.wake();
    if (change === 'updated' && device?.enabled === false) jobs.gatewayDisabled(device.clientid);
    if (change !== 'retired') return;
    if (clientid === null) return void well.refresh();
    well.gatewayRetired(clientid);
    endWaiting(parts, jobs.gatewayRetired(clientid));
  });
  events.on('installation', ({ state }) => {
    if (isOver(state)) alarms.wake();
  });
  events.on('job', ({ job }) => {
    if (WAKES_ALARMS.has(job.state)) alarms.wake();
  });
  // The event is also emitted for a catalogue that another manager has changed.
  events.on('catalogue', jobs.catalogueChanged);
  broker.onHealth(() => events.emit('health', health.now()));
  broker.onStart((at) => void restarts.note(at));
}

// A gateway comes and goes

/** Resolves when the event is in the database. */
function onConnection(
  { presence, presenceAsOf }: Parts,
  event: ClientConnected | ClientDisconnected,
): Promise<void> {
  presenceAsOf.heard();
  return presence.apply(event);
}

function onPresence(parts: Parts, change: Presence): void {
  const { events, cluster, commands, broker, profiles, statusCopy } = parts;
  statusCopy.note(change.clientid);
  events.emit('presence', change);
  cluster.broadcast('presence', change.clientid);
  if (change.status !== 'online') return;
  commands.gatewayOnline(change.clientid);
  // If a gateway was found online by a probe, the answer to the probe has brought its profile already.
  if (broker.knowsPresence || change.source !== 'mqtt') profiles.ask(change.clientid);
}

function onPresenceChecked({ presenceAsOf, events, health }: Parts): void {
  presenceAsOf.heard();
  events.emit('health', health.now());
}

function onProbe({ commands }: Parts, clientid: string): Promise<CommandRecord> {
  return askForProfile(commands, clientid, askedBySystem('probe'), PROBE_TIMEOUT_MS);
}

function onRefusedLogin(parts: Parts, presence: Presence, isNew: boolean): void {
  // Repeated attempts of a gateway only update its record, so that they do not cause an event of presence each time.
  if (!isNew) return void tellUpdated(parts, presence.clientid);
  parts.events.emit('presence', presence);
  parts.cluster.broadcast('presence', presence.clientid);
}

async function tellUpdated(parts: Parts, clientid: string): Promise<void> {
  const device = await parts.registry.get(clientid).catch(() => null);
  if (device !== null) onDevice(parts, clientid, 'updated', device);
}

// A gateway speaks

/** Resolves when the answer is in the database. */
async function onAnswer(
  parts: Parts,
  clientid: string,
  parsed: ReadableAnswer,
  message: GatewayMessage,
): Promise<void> {
  const taken = await parts.commands.takeAnswer(clientid, parsed, message.receivedAt);
  onOutput(parts, answerOutput(clientid, parsed, message, taken));
  // The answer is committed: a failure of a follow-up must not make the broker redeliver it.
  await learnFrom(parts, clientid, taken).catch((error) =>
    parts.log(`${JSON.stringify(clientid)}: ${messageOf(error)}`),
  );
}

async function learnFrom(parts: Parts, clientid: string, taken: TakenAnswer): Promise<void> {
  const { presence, registry, broker, jobs } = parts;
  await presence.heard(clientid);
  // One that was held for online all the time has no news of presence: that it answers is the news.
  if (!broker.knowsPresence) jobs.gatewayOnline([clientid]);
  const profile = taken.duplicate ? null : profileIn(taken);
  if (profile === null) return;
  await registry.storeProfile(clientid, profile);
  const device = await registry.get(clientid);
  if (device !== null) onDevice(parts, clientid, 'profile', device);
}

/** Counts and emits an answer or telemetry that this manager has taken in. */
function onOutput({ metrics, events }: Parts, output: GatewayOutput): void {
  metrics.output(output);
  events.emit('output', output);
}

// Something is done with a gateway

function onCommand(parts: Parts, record: CommandRecord): void {
  const { metrics, asked, events, cluster } = parts;
  metrics.command(record);
  asked.commandChanged(record);
  events.emit('command', record);
  if (hasEnded(record.state)) cluster.broadcast('command', record.requestId, record.clientid);
  giveBackSlot(parts, record);
}

/** The sweep of the guard gives back what cannot be given back now. */
function giveBackSlot({ guard, catalogue, log }: Parts, record: CommandRecord): void {
  const { requestId } = record;
  const how = slotEndOf(record, () => {
    const operation = record.operation === null ? null : catalogue.get(record.operation);
    return restartsGateway({ ...record, operation, faults: [] });
  });
  if (how === null) return;
  guard
    .ended({ kind: 'command', id: requestId }, how)
    .catch((error) => log(`The slot of command ${requestId} was not given back yet: ${messageOf(error)}`));
}

function onGuard(parts: Parts, news: GuardNews): void {
  parts.events.emit('guard', news);
  if (news !== 'holds') slotsFree(parts);
}

/** Windows may be open now that were shut. */
function onSites({ events, jobs, cluster }: Parts, isOwn: boolean): void {
  events.emit('site');
  void jobs.sitesChanged();
  if (isOwn) cluster.broadcast('site', null);
}

/** What a stop or the guard holds may go now. */
function slotsFree({ lookAtHeld, jobs }: Parts): void {
  lookAtHeld();
  jobs.guardChanged();
}

async function lookAtHeld({ commands, installations }: Parts): Promise<void> {
  installations.guardChanged();
  await commands.guardChanged();
}

function onCommandEndedElsewhere({ events, topics }: Parts, record: CommandRecord): void {
  events.emit('command', record);
  if (record.answer !== null) events.emit('output', answerTakenElsewhere(topics, record, record.answer));
}

function onJob({ events }: Parts, news: JobNews): void {
  events.emit('job', news);
}

function onAlarm({ metrics, events, cluster }: Parts, news: AlarmNews, isOwn: boolean): void {
  events.emit('alarm', news);
  if (!isOwn) return;
  metrics.alarm(news);
  cluster.broadcast('alarm', news.alarm.id, news.what);
}

function onAlarmRules({ events, cluster }: Parts, isOwn: boolean): void {
  events.emit('alarmRules');
  if (isOwn) cluster.broadcast('alarm', null, RULES_CHANGED);
}

/** Executions that wait for a gateway that will not be sent anything; the sweep of jobs finds what is missed here. */
function endWaiting({ log }: Parts, ended: Promise<void>): void {
  ended.catch((error) =>
    log(`Jobs that wait for a gateway could not be told that it is gone: ${messageOf(error)}`),
  );
}

function onScan({ events, cluster }: Parts, progress: ScanProgress): void {
  events.emit('scan', progress);
  if (progress.state !== 'RUNNING') cluster.broadcast('scan', progress.id);
}

function onInstallation({ metrics, events, cluster }: Parts, installation: Installation): void {
  metrics.installation(installation);
  events.emit('installation', installation);
  cluster.broadcast('installation', installation.id);
}

// What is known of gateways and of their operations changes

/** Lifts the ban that retiring put on the client id. An unreachable broker must not block the registration. */
async function onRegistered({ broker, log }: Parts, clientids: readonly string[]): Promise<void> {
  const done = broker
    .unban(clientids)
    .catch((error) =>
      log(`Gateways were registered, but may still be banned by the broker: ${messageOf(error)}`),
    );
  await within(LET_IN_WITHIN_MS, done, () => undefined);
}

function onDevice(
  { events, cluster }: Parts,
  clientid: string | null,
  change: DeviceChange,
  device: Device | null,
): void {
  events.emit('device', { clientid, change, device });
  cluster.broadcast('device', clientid, change);
}

/**
 * Cancels the gateway's commands and ends its session; the registry has emitted its event already. Never rejects because of the
 * broker: the credential is gone, so a session that cannot be ended now fails at its next connect. Rejects as the database does.
 */
export async function onRetired({ commands, broker, log }: Parts, clientid: string): Promise<void> {
  await commands.gatewayRetired(clientid);
  try {
    await broker.ban(clientid);
    await broker.disconnectClient(clientid);
  } catch (error) {
    log(`${JSON.stringify(clientid)} was retired, but its session could not be ended: ${messageOf(error)}`);
  }
}

function onCatalogue({ events, cluster }: Parts): void {
  events.emit('catalogue');
  cluster.broadcast('catalogue', null);
}

// The database, the broker or another manager goes and comes back

function onDatabase(parts: Parts, error: unknown): void {
  const { options, health, events, presence, statusCopy, databaseGaps } = parts;
  databaseGaps.changed(error !== null);
  health.setDatabaseFault(error === null ? null : messageOf(error));
  if (error === null) options.log.info('The database is available again.');
  else options.log.warn(`${awayInWords(error).text} Retrying automatically.`);
  events.emit('health', health.now());
  // Connects in the meantime may have been refused.
  if (error === null) presence.checkSoon();
  // A write may have been committed whose answer was lost.
  if (error === null) void statusCopy.catchUp();
}

interface BrokerReach {
  connected: boolean;
  canPublish: boolean;
}

/** Watches the health of the broker. To be called after opening, so that its first connection does not count as a change. */
export function followBroker(parts: Parts): void {
  const { broker, cluster } = parts;
  let last: BrokerReach = { connected: broker.health().connected, canPublish: broker.canPublish() };
  cluster.reachChanged();
  broker.onHealth(({ connected }) => {
    const before = last;
    last = { connected, canPublish: broker.canPublish() };
    brokerHealthChanged(parts, before, last);
  });
}

function brokerHealthChanged(parts: Parts, before: BrokerReach, now: BrokerReach): void {
  if (now.canPublish !== before.canPublish) {
    parts.cluster.reachChanged();
    if (now.canPublish) goOnSending(parts);
  }
  // Events were lost while the broker was away, so presence is compared with it now.
  if (now.connected && !before.connected) parts.presence.checkSoon();
}

function goOnSending({ profiles, commands, jobs, log }: Parts): void {
  profiles.goOn();
  jobs.wake();
  commands
    .brokerBack()
    .catch((error) => log(`Commands that wait for the broker could not be sent yet: ${messageOf(error)}`));
}

/** Takes over the work of dead managers and catches up on lost messages. Messages that arrive go to `applyClusterMessage`. */
async function onMaintain(parts: Parts): Promise<void> {
  const { commands, profiles, installations, jobs, updates, well, users, tokens, catalogue, events } = parts;
  await commands.maintain();
  profiles.goOn();
  await installations.maintain();
  await jobs.maintain();
  await updates.maintain();
  await well.refresh();
  await users.reload();
  await tokens.reload();
  if (await catalogue.maintain()) events.emit('catalogue');
}
