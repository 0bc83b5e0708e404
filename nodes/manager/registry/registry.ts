import type { AuthenticationResult } from '../broker/broker.js';
import type { FileContent } from '../shared/files/decode-text.js';
import type {
  Credential,
  Device,
  DeviceChange,
  DeviceCounts,
  DevicePage,
  ImportPreview,
  ImportReport,
  Registration,
} from './device.js';
import type { DeviceFilter } from './device-filter.js';
import type { DeviceQuery } from './device-query.js';
import type { ExportPart, ExportQuery } from './files/export-devices.js';
import type { RotationReport } from './rotate-many.js';
import type { FleetStatistics } from './statistics.js';

/** The registered gateways, and their known state. All methods reject with TpeError. */
export interface Registry {
  /** One transaction. INVALID_INPUT, CONFLICT when the client id is taken. */
  register(registration: Registration): Promise<{ device: Device; credential: Credential }>;
  /** Null when unknown. */
  get(clientid: string): Promise<Device | null>;
  list(query: DeviceQuery): Promise<DevicePage>;
  /** All that match, a page at a time, in order of client id. */
  each(filter: DeviceFilter): AsyncIterable<Device>;
  counts(filter?: DeviceFilter): Promise<DeviceCounts>;
  /** NOT_FOUND, INVALID_INPUT. */
  update(clientid: string, change: DeviceChange): Promise<Device>;
  /** A new password, given or generated; the old one is refused from then on. NOT_FOUND. */
  rotate(clientid: string, password?: string): Promise<Credential>;
  /** As rotate, with passwords that are generated, for each of several; MAX_ROTATED at once. INVALID_INPUT. */
  rotateMany(clientids: readonly string[]): Promise<RotationReport>;
  /** Removes profile and credential together. NOT_FOUND. */
  retire(clientid: string): Promise<Device>;
  /**
   * Good rows go in, in one transaction; bad ones are reported with line and reason, and so is all that was changed. The
   * content is a file's bytes, or its text; format and encoding are found where they are left out. INVALID_INPUT, BUSY.
   */
  import(content: FileContent, format?: 'csv' | 'json', encoding?: string): Promise<ImportReport>;
  /** A preview of import; nothing is written. INVALID_INPUT as import, except for an uncertain encoding. */
  previewImport(content: FileContent, format?: 'csv' | 'json', encoding?: string): Promise<ImportPreview>;
  statistics(): Promise<FleetStatistics>;
  /** The columns of import without the secrets, and the values that the gateway reported. */
  export(filter: DeviceFilter, format: 'csv' | 'json'): Promise<string>;
  /** The same in parts. INVALID_INPUT. */
  exportPart(query: ExportQuery): Promise<ExportPart>;
  /** Stores the profile of a gateway. Unknown clients are ignored. */
  storeProfile(clientid: string, profile: DeviceProfile): Promise<void>;
  /** Whether a client may connect: its credential is right and enabled. */
  authenticate(clientid: string, username: string, password: string): Promise<AuthenticationResult>;
}

/** `/device/general`, parsed and bounded. */
export interface DeviceProfile {
  hostName: string | null;
  modelName: string | null;
  serialNumber: string | null;
  /** `thingsproVersion`, or `softwareVersion` on AIG-302. */
  tpeVersion: string | null;
  firmwareVersion: string | null;
  biosVersion: string | null;
  description: string | null;
  deviceType: string | null;
  /** The whole `data` object. */
  raw: Record<string, unknown>;
}
