import type { EventEmitter } from 'node:events';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { PersonalTokens } from './accounts/personal-token.js';
import type { Users } from './accounts/users.js';
import type { Audit } from './audit/audit.js';
import type { Broker, BrokerHealth } from './broker/broker.js';
import type { MqttSettings } from './broker/gateway-settings.js';
import type { BrokerOptions } from './broker/options.js';
import type { Catalogue } from './catalogue/catalogue.js';
import type { CommandRecord, Commands } from './commands/command.js';
import type { DatabaseOptions } from './database/options.js';
import type { GatewayOutput } from './intake/gateway-output.js';
import type { WebhookCounts } from './intake/webhook-counts.js';
import type { WebhookTaken } from './intake/webhook-receiver.js';
import type { History } from './presence/history.js';
import type { Presence } from './presence/presence.js';
import type { PresenceHealth } from './presence/presence-keeper.js';
import type { TopicTemplates } from './protocol/topics.js';
import type { Device } from './registry/device.js';
import type { Registry } from './registry/registry.js';
import type { DeviceChange } from './registry/with-events.js';
import type { FlowNews } from './shared/flow-news.js';
import type { Installation, Installations } from './updates/install/installation.js';
import type { InstallTiming } from './updates/install/timing.js';
import type { RepositoryOptions } from './updates/repository/repository.js';
import type { DeviceUpdate, ScanProgress, Updates } from './updates/scan/updates.js';

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
  /** An installation of software came along, or ended. */
  installation: [Installation];
  /** A scan for updates came along, or ended. */
  scan: [ScanProgress];
  /** A scan found newer software for a gateway. */
  update: [DeviceUpdate];
  /** People, their roles, passwords or tokens changed, here or through another manager. */
  account: [];
  /** Something was added to the audit, here. */
  audit: [];
  health: [ManagerHealth];
}

export interface ManagerHealth {
  database: { connected: boolean; detail: string };
  broker: BrokerHealth;
  /** As of when presence is known, where the broker is away; see Device. */
  presenceAsOf: string | null;
  /** How far presence had drifted from the broker's truth when that was last looked into. */
  presence: PresenceHealth;
  /** Null where the events of the broker do not come by webhook. */
  webhooks: WebhookCounts | null;
}

/** The one object that nodes talk to. */
export interface DeviceManager {
  readonly registry: Registry;
  readonly commands: Commands;
  readonly catalogue: Catalogue;
  readonly installations: Installations;
  readonly updates: Updates;
  readonly broker: Broker;
  readonly history: History;
  readonly users: Users;
  readonly tokens: PersonalTokens;
  readonly audit: Audit;
  readonly events: EventEmitter<ManagerEvents>;
  /** What it counts and times, and how things stand; names begin with `tpedm_`. */
  readonly metrics: MetricsRegistry;
  /** Removes the gateway, ends what waits for it and disconnects it. NOT_FOUND. */
  retire(clientid: string): Promise<Device>;
  /** Asks the gateway for /device/general and stores it. NOT_FOUND, OFFLINE, TIMED_OUT. */
  refreshProfile(clientid: string): Promise<Device>;
  /**
   * Takes one webhook body of EMQX, parsed from its JSON; resolves when its event is in the database. Rejects as
   * WebhookDoor.take does, and with INVALID_INPUT where the events of the broker come another way. `secret`: which one it
   * came with, while that is changed; default the present one.
   */
  takeWebhook(body: unknown, secret?: 'present' | 'previous'): Promise<WebhookTaken>;
  health(): ManagerHealth;
  /** The settings to enter on the MQTT page of a gateway. */
  mqttSettings(): MqttSettings;
  /** What is new in the flow that comes with the pack and missing in the one that runs; null: nothing. */
  flowNews(): FlowNews | null;
  close(): Promise<void>;
}

export interface DeviceManagerOptions {
  database: DatabaseOptions;
  broker: BrokerOptions;
  topics?: Partial<TopicTemplates>;
  /** Where newer software is found; none: updates cannot be scanned for. */
  repository?: RepositoryOptions;
  /** From which hosts gateways may load packages, beside the repository's own and the vendor's. */
  packageHosts?: readonly string[];
  /** Names this manager in the record of a command; the same after a restart, different from all others. */
  instance: string;
  /** Default 60000. */
  commandTimeoutMs?: number;
  /** How long a command may wait for an offline gateway by default; 3600000. */
  queueForMs?: number;
  /** How patient installing software is; default: as real gateways need it. */
  installTiming?: InstallTiming;
  /** What is new in the bundled flow; default: nothing. */
  flowNews?: () => FlowNews | null;
  /** Where faults outside any call are told. */
  log: { info(text: string): void; warn(text: string): void };
}
