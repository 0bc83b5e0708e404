import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { AlarmTelling } from '../../nodes/manager/alarms/alarm.js';
import type { Database } from '../../nodes/manager/database/database.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import { startLoopClock } from '../support/loop-clock.js';
import { openWebhookManager } from '../support/webhook-manager.js';
import { newDatabase } from './database.js';
import { atMost, below, type Figure } from './figure.js';
import { fill } from './lists.js';
import { createBodies, GATEWAYS } from './webhook-bodies.js';

/** How long a gateway is offline before there is an alarm, s. */
const DELAY_S = 60;
/** In this time all of them go, and come back, ms. */
const SPREAD_MS = 60_000;
const STEPS = 50;
/** After the alarm, nothing more may come for so long, ms. */
const QUIET_MS = 20_000;

/** What is raised, told and kept when all gateways go dark within a minute, and come back. */
export async function benchAlarms(): Promise<Figure[]> {
  const { options, database } = await newDatabase('alarms');
  await fill(database, GATEWAYS);
  await database.query(
    `insert into mqtt_user (clientid, username, password, salt, is_superuser)
     select clientid, clientid, '', '', false from clientid_profile on conflict do nothing`,
  );
  const { manager, close } = await openWebhookManager(options);
  const heard = listen(manager);
  const next = createBodies({ first: 0, count: GATEWAYS, turn: 0 });
  try {
    await onlyOffline(manager);
    await takeAll(manager, next, 0);
    await takeAll(manager, next, 0);
    const clock = startLoopClock();
    const figures = [
      ...(await measure('go dark', { manager, database, next, heard, clock })),
      ...(await measure('are back', { manager, database, next, heard, clock })),
    ];
    clock.stop();
    return figures;
  } finally {
    heard.stop();
    await close();
    await database.close();
  }
}

interface Heard {
  /** What was told to people since the last call, and how many news pages had. */
  taken(): { told: AlarmTelling[]; news: number };
  stop(): void;
}

function listen(manager: DeviceManager): Heard {
  let told: AlarmTelling[] = [];
  let news = 0;
  const stop = manager.alarms.tell(async (telling) => {
    told.push(telling);
  });
  manager.events.on('alarm', () => {
    news += 1;
  });
  return {
    stop,
    taken() {
      const all = { told, news };
      told = [];
      news = 0;
      return all;
    },
  };
}

/** The other rules would ask these gateways for their clock, or tell of them since they never were here. */
async function onlyOffline({ alarms }: DeviceManager): Promise<void> {
  for (const { id, kind } of await alarms.rules())
    if (kind !== 'offline') await alarms.setRule({ id, kind, enabled: false }, 'bench');
  await alarms.setRule({ id: 'offline', kind: 'offline', delaySeconds: DELAY_S }, 'bench');
}

/** One event of each gateway, evenly over so much time. */
async function takeAll(manager: DeviceManager, next: () => string, spreadMs: number): Promise<void> {
  const begun = performance.now();
  for (let step = 1; step <= STEPS; step += 1) {
    const bodies = Array.from({ length: GATEWAYS / STEPS }, () => JSON.parse(next()) as unknown);
    await Promise.all(bodies.map((body) => manager.takeWebhook(body)));
    await delay(Math.max(0, begun + (spreadMs * step) / STEPS - performance.now()));
  }
}

interface Measured {
  manager: DeviceManager;
  database: Database;
  next: () => string;
  heard: Heard;
  clock: ReturnType<typeof startLoopClock>;
}

async function measure(
  what: 'go dark' | 'are back',
  { manager, database, next, heard, clock }: Measured,
): Promise<Figure[]> {
  heard.taken();
  clock.longest();
  const before = await rows(database);
  const begun = performance.now();
  const changed = once(manager.events, 'alarm').then(() => performance.now());
  await takeAll(manager, next, SPREAD_MS);
  const at = await changed;
  await delay(QUIET_MS);
  const { told, news } = heard.taken();
  const after = await rows(database);
  const of = `10,000 gateways ${what} within a minute`;
  const figures: Figure[] = [
    { what: `${of}: messages to people`, value: told.length, goal: atMost(1) },
    { what: `${of}: news to pages`, value: news, goal: atMost(10) },
    { what: `${of}: rows in the tables of alarms`, value: after - before, goal: atMost(10) },
    { what: `${of}: longest pause of the event loop`, value: clock.longest(), unit: 'ms', goal: below(50) },
  ];
  if (what === 'are back') return figures;
  const late = (at - begun) / 1000 - DELAY_S;
  return [
    ...figures,
    { what: `${of}: the alarm comes after its delay`, value: late, unit: 's', goal: below(30) },
  ];
}

async function rows(database: Database): Promise<number> {
  const [row] = await database.query<{ rows: number }>(
    'select (select count(*) from tpe_alarm)::integer + (select count(*) from tpe_alarm_news)::integer as rows',
  );
  return row?.rows ?? Number.NaN;
}
