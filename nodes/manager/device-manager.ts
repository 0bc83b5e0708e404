import type { EventEmitter } from 'node:events';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { PersonalTokens } from './accounts/personal-token.js';
import type { SavedViews } from './accounts/saved-view.js';
import type { Users } from './accounts/users.js';
import type { AlarmNews, Alarms } from './alarms/alarm.js';
import type { AlarmTiming } from './alarms/timing.js';
import type { Audit } from './audit/audit.js';
import type { Broker, BrokerHealth } from './broker/broker.js';
import type { MqttSettings } from './broker/gateway-settings.js';
import type { BrokerOptions } from './broker/options.js';
import type { Catalogue } from './catalogue/catalogue.js';
import type { CommandRecord, Commands } from './commands/command.js';
import type { DatabaseOptions } from './database/options.js';
import type { Guard, GuardNews } from './guard/guard.js';
import type { GuardTimes } from './guard/settling.js';
import type { GatewayOutput } from './intake/gateway-output.js';
import type { WebhookCounts } from './intake/webhook-counts.js';
import type { WebhookTaken } from './intake/webhook-receiver.js';
import type { JobTiming } from './jobs/control/timing.js';
import type { LookUpSecret } from './jobs/definition/secrets.js';
import type { JobNews, Jobs } from './jobs/job.js';
import type { History } from './presence/history.js';
import type { Presence } from './presence/presence.js';
import type { PresenceHealth } from './presence/presence-keeper.js';
import type { TopicTemplates } from './protocol/topics.js';
import type { Device } from './registry/device.js';
import type { Registry } from './registry/registry.js';
import type { DeviceChange } from './registry/with-events.js';
import type { FlowNews } from './shared/flow-news.js';
import type { Sites } from './sites/sites.js';
import type { Timeline } from './timeline/timeline.js';
import type { Installation, Installations } from './updates/install/installation.js';
import type { InstallTiming } from './updates/install/timing.js';
import type { RepositoryOptions } from './updates/repository/repository.js';
import type { DeviceUpdate, ScanProgress, Updates } from './updates/scan/updates.js';
import type { Well, WellTiming } from './well/well.js';

/** The events of the manager. */
export interface ManagerEvents {
  /** A gateway's presence changed. */
  presence: [Presence];
  /** A gateway published an answer or telemetry. */
  output: [GatewayOutput];
  /** A command entered a state. */
  command: [CommandRecord];
  /** A gateway was registered, changed, retired, or reported a new profile; client id null: many at once. */
  device: [{ clientid: string | null; change: DeviceChange; device: Device | null }];
  /** The users changed their operations of the catalogue, here or through another manager. */
  catalogue: [];
  /** An installation of software made progress or ended, here or through another manager. */
  installation: [Installation];
  /** A job has changed, or one of its gateways was decided, here or through another manager. */
  job: [JobNews];
  /** Stops, limits or slots of the guard have changed, here or through another manager. */
  guard: [GuardNews];
  /** Something was set of a site, here or through another manager. */
  site: [];
  /** Something happened to an alarm, here or through another manager. */
  alarm: [AlarmNews];
  /** Rules of alarms were set or removed, here or through another manager. */
  alarmRules: [];
  /** A scan for updates made progress, or ended; of a scan of another manager, only the end is reported. */
  scan: [ScanProgress];
  /** A scan found newer software for a gateway. */
  update: [DeviceUpdate];
  /** People, their roles, passwords or tokens changed, here or through another manager. */
  account: [];
  /** An entry was added to the audit by this manager. */
  audit: [];
  health: [ManagerHealth];
}

export interface ManagerHealth {
  database: { connected: boolean; detail: string };
  broker: BrokerHealth;
  /** The time as of which presence is known while the broker is away; see Device. */
  presenceAsOf: string | null;
  /** ISO 8601: since when the database does not respond; null while it does. */
  databaseAwaySince: string | null;
  /** How far presence had drifted from what the broker knows, at the last comparison. */
  presence: PresenceHealth;
  /** Null if the events of the broker do not come by webhook. */
  webhooks: WebhookCounts | null;
}

/** The one object that nodes talk to. */
export interface DeviceManager {
  readonly registry: Registry;
  readonly commands: Commands;
  readonly catalogue: Catalogue;
  readonly installations: Installations;
  readonly guard: Guard;
  readonly sites: Sites;
  readonly jobs: Jobs;
  readonly alarms: Alarms;
  readonly updates: Updates;
  readonly well: Well;
  readonly broker: Broker;
  readonly history: History;
  readonly timeline: Timeline;
  readonly users: Users;
  readonly tokens: PersonalTokens;
  readonly views: SavedViews;
  readonly audit: Audit;
  readonly events: EventEmitter<ManagerEvents>;
  /** Counters, times and the present state, for Prometheus; names begin with `tpedm_`. */
  readonly metrics: MetricsRegistry;
  /** Removes the gateway, cancels what waits for it and disconnects it. Rejects with NOT_FOUND. */
  retire(clientid: string): Promise<Device>;
  /** Asks the gateway for /device/general and stores its answer. Rejects with NOT_FOUND, OFFLINE, TIMED_OUT or UNAVAILABLE. */
  refreshProfile(clientid: string): Promise<Device>;
  /**
   * Takes one webhook body of EMQX, parsed from its JSON; resolves when its event is in the database. Rejects as `WebhookReceiver.take`
   * does, and with INVALID_INPUT if the events of the broker come another way. `secret` is the one that the webhook came with, since both
   * are accepted while it is being changed; default: the present one.
   */
  takeWebhook(body: unknown, secret?: 'present' | 'previous'): Promise<WebhookTaken>;
  health(): ManagerHealth;
  /** The settings to enter on the MQTT page of a gateway. */
  mqttSettings(): MqttSettings;
  /** What the flow that comes with the pack has and the running one lacks; null if that is nothing. */
  flowNews(): FlowNews | null;
  close(): Promise<void>;
}

export interface DeviceManagerOptions {
  database: DatabaseOptions;
  broker: BrokerOptions;
  topics?: Partial<TopicTemplates>;
  /** Where newer software is found; without it there are no scans for updates. */
  repository?: RepositoryOptions;
  /** The hosts from which gateways may load packages, in addition to those of the repository and the vendor. */
  packageHosts?: readonly string[];
  /** The name of this manager in the record of a command. It stays the same over restarts and differs from all others. */
  instance: string;
  /** How long to wait for the answer to a command by default, ms; 60000. */
  commandTimeoutMs?: number;
  /** How long a command may wait for an offline gateway by default, ms; 3600000. */
  queueForMs?: number;
  /** The timeouts and intervals of installations; default: those for real gateways. */
  installTiming?: InstallTiming;
  /** The intervals and limits of jobs; default: those for real gateways. */
  jobTiming?: Partial<JobTiming>;
  /** The intervals of alarms; default: those for real gateways. */
  alarmTiming?: Partial<AlarmTiming>;
  /** When the guard gives back slots; default: the times for real gateways. */
  guardTimes?: Partial<GuardTimes>;
  /** How long gateways take until they are well again; default: that of real gateways. */
  wellTiming?: WellTiming;
  /** Returns the secret that a job names; default: there are none. */
  jobSecrets?: LookUpSecret;
  /** Returns what is new in the bundled flow; default: nothing. */
  flowNews?: () => FlowNews | null;
  /** Where faults are logged that no call can reject with. */
  log: { info(text: string): void; warn(text: string): void };
}
