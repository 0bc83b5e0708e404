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
import type { TagChange, TagReport } from './tag-many.js';

/** The registered gateways and what is known of them. All methods reject with TpeError. */
export interface Registry {
  /** Registers a gateway in one transaction. Rejects with INVALID_INPUT, and with CONFLICT if the client id is taken. */
  register(registration: Registration): Promise<{ device: Device; credential: Credential }>;
  /** Null if it is not registered. */
  get(clientid: string): Promise<Device | null>;
  list(query: DeviceQuery): Promise<DevicePage>;
  /** All gateways that match, in order of client id. They are read page by page. */
  each(filter: DeviceFilter): AsyncIterable<Device>;
  counts(filter?: DeviceFilter): Promise<DeviceCounts>;
  /** Rejects with NOT_FOUND, INVALID_INPUT, and CONFLICT if it should be enabled but has no password. */
  update(clientid: string, change: DeviceChange): Promise<Device>;
  /** Adds and removes tags of up to 1000 gateways at once. Rejects with INVALID_INPUT naming a bad tag. */
  tagMany(clientids: readonly string[], change: TagChange): Promise<TagReport>;
  /** Sets a new password, given or generated. The old one is refused from then on. Rejects with NOT_FOUND and INVALID_INPUT. */
  rotate(clientid: string, password?: string): Promise<Credential>;
  /** Generates new passwords for several gateways. Rejects with INVALID_INPUT for more than MAX_ROTATED. */
  rotateMany(clientids: readonly string[]): Promise<RotationReport>;
  /** Removes profile and credential in one transaction. Rejects with NOT_FOUND. */
  retire(clientid: string): Promise<Device>;
  /**
   * Registers the valid rows of a file in one transaction. The report has each other row with its line and reason, and what was changed
   * while reading. `content` is the bytes of the file, or its text. Format and encoding are detected if left out. Rejects with
   * INVALID_INPUT if the file cannot be read or its encoding is not certain, and with BUSY if too many files wait.
   */
  import(content: FileContent, format?: 'csv' | 'json', encoding?: string): Promise<ImportReport>;
  /** Reports what import would do, without writing. Rejects as import does, but accepts an encoding that is not certain. */
  previewImport(content: FileContent, format?: 'csv' | 'json', encoding?: string): Promise<ImportPreview>;
  statistics(): Promise<FleetStatistics>;
  /** Writes a file with the columns of import except passwords, and what gateways reported. Rejects with INVALID_INPUT and BUSY. */
  export(filter: DeviceFilter, format: 'csv' | 'json'): Promise<string>;
  /** Writes one part of the same file. Rejects with INVALID_INPUT. */
  exportPart(query: ExportQuery): Promise<ExportPart>;
  /** Stores the profile of a gateway. Does nothing if it is not registered. */
  storeProfile(clientid: string, profile: DeviceProfile): Promise<void>;
  /** Decides whether a client may connect: its credential must be right and enabled. */
  authenticate(clientid: string, username: string, password: string): Promise<AuthenticationResult>;
}

/** What a gateway says of itself in its answer to `/device/general`, with texts cut to a limit. */
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
  /** The whole `data` object of the answer, up to a limit. */
  raw: Record<string, unknown>;
}
