import type { AlarmEngine, AlarmNews } from '../alarms/alarm.js';
import type { ConditionSource, LookContext } from '../alarms/condition.js';
import { createAlarms } from '../alarms/create-alarms.js';
import { ALARM_TIMING } from '../alarms/timing.js';
import type { Schedule } from '../cluster/recurring-tasks.js';
import type { Database } from '../database/database.js';
import type { DeviceManagerOptions } from '../device-manager.js';

export interface AlarmPartsOptions {
  options: DeviceManagerOptions;
  database: Database;
  schedule: Schedule;
  onNews(news: AlarmNews, isOwn: boolean): void;
  onRules(isOwn: boolean): void;
  onFault(text: string): void;
}

/** Creates the engine of alarms with what finds them. */
export function createAlarmParts({ options, ...given }: AlarmPartsOptions): AlarmEngine {
  const sources: readonly ConditionSource[] = [];
  return createAlarms({
    ...given,
    sources,
    timing: { ...ALARM_TIMING, ...options.alarmTiming },
    context: () => readContext(given.database),
  });
}

async function readContext(database: Database): Promise<LookContext> {
  const [clock] = await database.query<{ now: Date }>('select now() as now');
  return { database, now: clock!.now, presenceSince: null };
}
