import type { AlarmEngine, AlarmNews } from '../alarms/alarm.js';
import { createAlarms } from '../alarms/create-alarms.js';
import { createReader, type Reader } from '../alarms/readings/create-reader.js';
import { serverCertificates } from '../alarms/readings/server-certificates.js';
import { type DatabaseGaps, watchBrokerAway, watchDatabaseGaps } from '../alarms/sources/away-watches.js';
import { createSources } from '../alarms/sources/create-sources.js';
import { ALARM_TIMING } from '../alarms/timing.js';
import { watchPresence } from '../alarms/watch.js';
import type { Broker } from '../broker/broker.js';
import type { BrokerOptions } from '../broker/options.js';
import type { Schedule } from '../cluster/recurring-tasks.js';
import type { Commands } from '../commands/command.js';
import type { Database } from '../database/database.js';
import type { DeviceManagerOptions } from '../device-manager.js';

export interface AlarmPartsOptions {
  options: DeviceManagerOptions;
  database: Database;
  schedule: Schedule;
  broker: Pick<Broker, 'health' | 'onHealth'>;
  commands: Pick<Commands, 'send'>;
  /** Whether another manager reaches the broker. */
  othersReach(): boolean;
  /** Whether requests can be sent from here. */
  canSend(): boolean;
  /** Whether presence is known now, and the broker's list of clients is believed. */
  isPresenceKnown(): boolean;
  onNews(news: AlarmNews, isOwn: boolean): void;
  onRules(isOwn: boolean): void;
  onFault(text: string): void;
}

/** The parts that find what is wrong: the engine, what it hears of the database, and what asks gateways quietly. */
export interface AlarmParts {
  alarms: AlarmEngine;
  databaseGaps: DatabaseGaps;
  reader: Reader;
}

/** Creates them. To be called before the broker is opened. */
export function createAlarmParts({ options, ...given }: AlarmPartsOptions): AlarmParts {
  const { database } = given;
  const databaseGaps = watchDatabaseGaps();
  const certificates = serverCertificates(servers(options));
  const alarms = createAlarms({
    ...given,
    sources: createSources({
      brokerAway: watchBrokerAway(given.broker, given.othersReach),
      databaseGap: databaseGaps.last,
      certificates: () => certificates,
    }),
    timing: { ...ALARM_TIMING, ...options.alarmTiming },
    context: async () => ({ database, ...(await watchPresence(given)) }),
  });
  const reader = createReader({
    ...given,
    rules: alarms.rules,
    send: given.commands.send,
  });
  return { alarms, databaseGaps, reader };
}

/** The URLs of the servers whose certificates are looked at; an embedded broker has its own file. */
function servers({ broker, repository }: DeviceManagerOptions) {
  return {
    broker: brokerUrl(broker),
    repository: repository?.kind === 'http' ? repository.url : null,
  };
}

function brokerUrl(broker: BrokerOptions): string | null {
  if (broker.kind === 'embedded') return null;
  return broker.kind === 'mqtt' ? broker.url : (broker.mqtt?.url ?? broker.apiUrl);
}
