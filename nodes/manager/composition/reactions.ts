import type { ClientConnected, ClientDisconnected, GatewayMessage } from '../broker/events.js';
import type { TakenAnswer } from '../commands/answers.js';
import { type CommandRecord, hasEnded } from '../commands/command.js';
import { awayInWords } from '../database/unavailable.js';
import type { GatewayOutput } from '../intake/gateway-output.js';
import type { Presence } from '../presence/presence.js';
import type { ReadableAnswer } from '../protocol/answer.js';
import type { DeviceChange } from '../registry/announcing.js';
import type { Device } from '../registry/device.js';
import { within } from '../shared/timeout.js';
import { messageOf } from '../shared/tpe-error.js';
import type { Installation } from '../updates/install/installation.js';
import type { ScanProgress } from '../updates/scan/updates.js';
import { answerOutput, answerTakenElsewhere } from './answer-output.js';
import { followNews } from './apply-cluster-message.js';
import type { Parts, Reactions } from './parts.js';
import { askForProfile, profileIn } from './refresh-profile.js';

// What follows from what: the parts do not know each other, and meet here. Each function names the parts that it moves.
// `events` are for the nodes and the dashboard of this manager, `others` are the managers beside it on the same database.

const PROBE_TIMEOUT_MS = 30_000;
const LET_IN_WITHIN_MS = 2000;

/**
 * The reactions, for the parts that are to be created with them. Parts and reactions need each other: these do nothing before
 * `connect` has told them of the parts, and no part tells of anything while the parts are created.
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
    onCommandWaiting: () => parts.others.tell('waiting', null),
    onCommandEndedElsewhere: (record) => onCommandEndedElsewhere(parts, record),
    onRegistered: (clientids) => onRegistered(parts, clientids),
    onDevice: (clientid, change, device) => onDevice(parts, clientid, change, device),
    onCatalogue: () => onCatalogue(parts),
    onScan: (progress) => onScan(parts, progress),
    onUpdate: (update) => void parts.events.emit('update', update),
    onInstallation: (installation) => onInstallation(parts, installation),
    onAudit: () => void parts.events.emit('audit'),
    onAccount: () => void parts.events.emit('account'),
    onOwnAccount: () => parts.others.tell('account', null),
    onNews: (news) => followNews(parts, news),
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

/** What a part tells to whoever listens. */
function listen({ events, installations, broker, health, restarts }: Parts): void {
  // Also where another manager saw it.
  events.on('presence', ({ clientid, status }) =>
    installations.gatewayChanged(clientid, status === 'online'),
  );
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

function onPresence({ events, others, commands, broker, profiles }: Parts, change: Presence): void {
  events.emit('presence', change);
  others.tell('presence', change.clientid);
  if (change.status !== 'online') return;
  commands.gatewayOnline(change.clientid);
  // Where gateways are found by probing, the probe's own answer is the profile.
  if (broker.knowsPresence || change.source !== 'mqtt') profiles.ask(change.clientid);
}

function onPresenceChecked({ presenceAsOf, events, health }: Parts): void {
  presenceAsOf.heard();
  events.emit('health', health.now());
}

function onProbe({ commands }: Parts, clientid: string): Promise<CommandRecord> {
  return askForProfile(commands, clientid, 'tpedm: probe', PROBE_TIMEOUT_MS);
}

function onRefusedLogin(parts: Parts, presence: Presence, isNew: boolean): void {
  // A gateway that tries again and again is one change, and no message a minute.
  if (!isNew) return void tellUpdated(parts, presence.clientid);
  parts.events.emit('presence', presence);
  parts.others.tell('presence', presence.clientid);
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
  // The answer is safe: what follows from it must not make the broker deliver it again.
  await learnFrom(parts, clientid, taken).catch((error) =>
    parts.log(`${JSON.stringify(clientid)}: ${messageOf(error)}`),
  );
}

async function learnFrom(parts: Parts, clientid: string, taken: TakenAnswer): Promise<void> {
  const { presence, registry } = parts;
  await presence.heard(clientid);
  const profile = taken.duplicate ? null : profileIn(taken);
  if (profile === null) return;
  await registry.storeProfile(clientid, profile);
  const device = await registry.get(clientid);
  if (device !== null) onDevice(parts, clientid, 'profile', device);
}

/** An answer or telemetry, taken in by this manager. */
function onOutput({ metrics, events }: Parts, output: GatewayOutput): void {
  metrics.output(output);
  events.emit('output', output);
}

// Something is done with a gateway

function onCommand({ metrics, asked, events, others }: Parts, record: CommandRecord): void {
  metrics.command(record);
  asked.commandChanged(record);
  events.emit('command', record);
  if (hasEnded(record.state)) others.tell('command', record.requestId, record.clientid);
}

function onCommandEndedElsewhere({ events, topics }: Parts, record: CommandRecord): void {
  events.emit('command', record);
  if (record.answer !== null) events.emit('output', answerTakenElsewhere(topics, record, record.answer));
}

function onScan({ events, others }: Parts, progress: ScanProgress): void {
  events.emit('scan', progress);
  if (progress.state !== 'RUNNING') others.tell('scan', progress.id);
}

function onInstallation({ metrics, events, others }: Parts, installation: Installation): void {
  metrics.installation(installation);
  events.emit('installation', installation);
  others.tell('installation', installation.id);
}

// What is known of gateways and of their operations changes

/** Who was locked out when retired may come again. A broker that is away must not hold up who registers. */
async function onRegistered({ broker, log }: Parts, clientids: readonly string[]): Promise<void> {
  const done = broker
    .letIn(clientids)
    .catch((error) =>
      log(`Gateways were registered, but may still be banned by the broker: ${messageOf(error)}`),
    );
  await within(LET_IN_WITHIN_MS, done, () => undefined);
}

function onDevice(
  { events, others }: Parts,
  clientid: string | null,
  change: DeviceChange,
  device: Device | null,
): void {
  events.emit('device', { clientid, change, device });
  others.tell('device', clientid, change);
}

/**
 * What waits for the gateway ends, and so does its session; the registry has told of it already. Never rejects for the broker: the
 * credential is gone, so a session that cannot be ended now ends with its next connect. Rejects as the database does.
 */
export async function onRetired({ commands, broker, log }: Parts, clientid: string): Promise<void> {
  await commands.gatewayRetired(clientid);
  try {
    await broker.lockOut(clientid);
    await broker.disconnectClient(clientid);
  } catch (error) {
    log(`${JSON.stringify(clientid)} was retired, but its session could not be ended: ${messageOf(error)}`);
  }
}

function onCatalogue({ events, others }: Parts): void {
  events.emit('catalogue');
  others.tell('catalogue', null);
}

// The database, the broker or another manager goes and comes back

function onDatabase({ options, health, events, presence }: Parts, error: unknown): void {
  health.setDatabaseFault(error === null ? null : messageOf(error));
  if (error === null) options.log.info('The database is available again.');
  else options.log.warn(`${awayInWords(error)} Retrying automatically.`);
  events.emit('health', health.now());
  // What came meanwhile may have been turned away.
  if (error === null) presence.checkSoon();
}

interface BrokerReach {
  connected: boolean;
  canPublish: boolean;
}

/** Follows how the broker is from now on; to be called when it was opened, whose first connection is no change. */
export function followBroker(parts: Parts): void {
  const { broker, others } = parts;
  let last: BrokerReach = { connected: broker.health().connected, canPublish: broker.canPublish() };
  others.reachChanged();
  broker.onHealth(({ connected }) => {
    const before = last;
    last = { connected, canPublish: broker.canPublish() };
    brokerHealthChanged(parts, before, last);
  });
}

function brokerHealthChanged(parts: Parts, before: BrokerReach, now: BrokerReach): void {
  if (now.canPublish !== before.canPublish) {
    parts.others.reachChanged();
    if (now.canPublish) goOnSending(parts);
  }
  // What happened meanwhile was not told.
  if (now.connected && !before.connected) parts.presence.checkSoon();
}

function goOnSending({ profiles, commands, log }: Parts): void {
  profiles.goOn();
  commands
    .brokerBack()
    .catch((error) => log(`Commands that wait for the broker could not be sent yet: ${messageOf(error)}`));
}

/** Takes over what managers left that have died, and looks for what was missed; what the others told goes to followNews. */
async function onMaintain(parts: Parts): Promise<void> {
  const { commands, profiles, installations, updates, users, tokens, catalogue, events } = parts;
  await commands.maintain();
  profiles.goOn();
  await installations.maintain();
  await updates.maintain();
  await users.reload();
  await tokens.reload();
  if (await catalogue.maintain()) events.emit('catalogue');
}
