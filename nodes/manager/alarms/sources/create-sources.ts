import type { ConditionSource } from '../condition.js';
import { credentialOld, updateAvailable } from './age.js';
import { type CertificateOf, certificateSource } from './certificates.js';
import { clientIdTwice, flapping } from './connects.js';
import { installationFailed } from './installations.js';
import { jobFailed, jobPaused } from './jobs.js';
import { loginRefusedSource } from './logins.js';
import { neverSeen } from './never-seen.js';
import { offline } from './offline.js';
import { clockOff, diskFull } from './readings.js';
import {
  type BrokerAway,
  brokerAwaySource,
  type DatabaseGap,
  databaseAwaySource,
  instanceDeadSource,
} from './system.js';

/** What the sources cannot find in the database. */
export interface SourcesOptions {
  /** Since when no device manager reaches the broker; null: one does. */
  brokerAway(): BrokerAway | null;
  /** The last time in which this manager could not reach the database; null: it always could. */
  databaseGap(): DatabaseGap | null;
  /** The servers whose TLS certificates are looked at; none for those without TLS. */
  certificates(): readonly CertificateOf[];
}

/** Makes the sources of all kinds of alarms, each once. */
export function createSources(options: SourcesOptions): ConditionSource[] {
  return [
    offline,
    flapping,
    neverSeen,
    loginRefusedSource,
    clientIdTwice,
    clockOff,
    diskFull,
    certificateSource(options.certificates),
    credentialOld,
    updateAvailable,
    installationFailed,
    jobFailed,
    jobPaused,
    brokerAwaySource(options.brokerAway),
    databaseAwaySource(options.databaseGap),
    instanceDeadSource(),
  ];
}
