import type { FromSchema } from 'json-schema-to-ts';
import { flag, objectOf, text } from '../shared/value-schemas.js';
import type { PresenceStatus } from './presence-status.js';
import type { RefusedLogin } from './refused-login.js';

/** A registered gateway: what we know of it, never its secret. */
export interface Device {
  clientid: string;
  username: string | null;
  /** False: its credential is refused. */
  enabled: boolean;
  site: string;
  note: string;
  tags: string[];
  status: PresenceStatus;
  /** ISO 8601 UTC; null when never seen. */
  since: string | null;
  /** For a person: `connected from 10.1.2.3`, `keepalive timeout`. */
  reason: string | null;
  source: string | null;
  /** ISO 8601 UTC: its presence is as last known then, since the broker has been away from then on; null: it is so now. */
  presenceAsOf: string | null;
  /** What is wrong with how it connects, for a person; null mostly. */
  warning: string | null;
  /** Logins under its client id that were refused since it was last let in; null mostly. */
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

/** What register takes; a username left out is the client id, a password left out is generated. */
export interface Registration {
  clientid: string;
  username?: string;
  password?: string;
  site?: string;
  note?: string;
  tags?: string[];
  /** Left out: true. False: its credential is refused until it is enabled. */
  enabled?: boolean;
}

/** The one moment in which a secret is shown. */
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

/** What update may change; what is left out stays. */
export interface DeviceChange {
  site?: string;
  note?: string;
  tags?: string[];
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

/** Something about a row of an import. */
export interface ImportFault {
  /** 1 is the first line of the file (CSV: the header), or the first element (JSON). */
  line: number;
  clientid: string | null;
  reason: string;
}

/** What is told of a file whatever became of its rows. */
export interface ImportTold {
  faults: ImportFault[];
  /** What was changed, assumed or passed over while it was read, and what looks wrong. */
  notes: ImportFault[];
  format: 'csv' | 'json';
  /** Null: it came as text. */
  encoding: {
    name: string;
    /** False: others make sense of it as well, and it is not imported until one is named. */
    isSure: boolean;
    /** What else it may be, the likeliest first. */
    others: string[];
  } | null;
}

/** What an import would do. */
export interface ImportPreview extends ImportTold {
  total: number;
  /** How many rows would go in. */
  good: number;
  /** The first of the good rows. */
  sample: (Required<Pick<Registration, 'clientid' | 'username' | 'site' | 'note' | 'tags'>> & {
    /** False: one would be generated. */
    hasPassword: boolean;
  })[];
}

export interface ImportReport extends ImportTold {
  total: number;
  registered: number;
  /** One for each registered row whose password was generated: shown here and never again. */
  credentials: Credential[];
}
