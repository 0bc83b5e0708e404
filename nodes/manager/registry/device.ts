import type { FromSchema } from 'json-schema-to-ts';
import type { Cause } from '../shared/reason.js';
import { flag, objectOf, text } from '../shared/value-schemas.js';
import type { PresenceStatus } from './presence-status.js';
import type { RefusedLogin } from './refused-login.js';

/** A registered gateway with all that the manager knows of it, except its password. */
export interface Device {
  clientid: string;
  username: string | null;
  /** False if its login is refused. */
  enabled: boolean;
  site: string;
  note: string;
  tags: string[];
  /** Gateways with the same text are a redundancy set: they stand in for each other. Empty: it is in none. */
  redundancy: string;
  status: PresenceStatus;
  /** When its present status began, ISO 8601 UTC; null if it was never seen. */
  since: string | null;
  /** For a person, such as `connected from 10.1.2.3` or `keepalive timeout`. */
  reason: string | null;
  cause: Cause | null;
  source: string | null;
  /** If the broker is away, the time until which presence was up to date, ISO 8601 UTC; null if presence is up to date now. */
  presenceAsOf: string | null;
  /** A problem of its connection, for a person; null if there is none. */
  warning: string | null;
  warningCause: Cause | null;
  /** Recent logins with its client id that were refused; null if there are none. */
  refusedLogin: RefusedLogin | null;
  ipAddress: string | null;
  hostName: string | null;
  modelName: string | null;
  serialNumber: string | null;
  tpeVersion: string | null;
  firmwareVersion: string | null;
  biosVersion: string | null;
  description: string | null;
  /** ISO 8601 UTC. */
  createdAt: string | null;
  profileUpdatedAt: string | null;
}

/** The input of register. Without a username the client id is used, and without a password one is generated. */
export interface Registration {
  clientid: string;
  username?: string;
  password?: string;
  site?: string;
  note?: string;
  tags?: string[];
  /** The redundancy set that it is in; default none. */
  redundancy?: string;
  /** Default true. False refuses its login until it is enabled. */
  enabled?: boolean;
}

/** The login of a gateway with its password, which is shown only when it is set. */
export const CREDENTIAL = {
  ...objectOf({
    clientid: text,
    username: text,
    password: text,
    generated: { ...flag, description: 'True: the password was made here.' },
  }),
  description: 'The login of a gateway, shown once.',
} as const;
export type Credential = FromSchema<typeof CREDENTIAL>;

/** The input of update. Fields that are left out stay as they are. */
export interface DeviceChange {
  site?: string;
  note?: string;
  tags?: string[];
  redundancy?: string;
  enabled?: boolean;
}

export interface DevicePage {
  devices: Device[];
  next: string | null;
}

export interface DeviceCounts {
  total: number;
  online: number;
  offline: number;
  never_seen: number;
}

/** A fault of a row of an import, or a note about it. */
export interface ImportFault {
  /** The line of a CSV file, or the place of an element of a JSON file, from 1. */
  line: number;
  clientid: string | null;
  /** For a person. */
  reason: string;
  /** The same for programs; null for the words of others. */
  cause: Cause | null;
}

/** What a preview and an import both report about a file. */
export interface ImportTold {
  faults: ImportFault[];
  /** What was changed, assumed or ignored while the file was read, and what looks wrong. */
  notes: ImportFault[];
  format: 'csv' | 'json';
  /** Null if the file came as text. */
  encoding: {
    name: string;
    /** False if other encodings are possible too. The file is then not imported until the caller names one. */
    isSure: boolean;
    /** The other encodings that are possible, the most likely first. */
    others: string[];
  } | null;
}

/** What an import would do with a file. */
export interface ImportPreview extends ImportTold {
  total: number;
  /** The number of rows that would be registered. */
  good: number;
  /** The first of these rows. */
  sample: (Required<Pick<Registration, 'clientid' | 'username' | 'site' | 'note' | 'tags' | 'redundancy'>> & {
    /** False if a password would be generated. */
    hasPassword: boolean;
  })[];
}

export interface ImportReport extends ImportTold {
  total: number;
  registered: number;
  /** The credentials whose password was generated. They are shown here and never again. */
  credentials: Credential[];
}
