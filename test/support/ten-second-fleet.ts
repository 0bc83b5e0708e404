import { setTimeout as delay } from 'node:timers/promises';
import { alarmReason } from '../../nodes/manager/alarms/alarm-reasons.js';
import type { AlarmKindName } from '../../nodes/manager/alarms/alarm-rule.js';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { Reason } from '../../nodes/manager/shared/reason.js';
import { metricsOf, sumOf } from './metrics.js';
import { type NodeRedProcess, startNodeRed } from './node-red-process.js';
import { postgres } from './postgres.js';

/** The fleet of the ten-second test: who looks at a page of it for so long knows which of them is wrong, since when, why, and what to do. */
export const TEN_SECOND_FLEET = { gateways: 5000, sites: 40, offline: ['kiel-0007', 'ulm-0003'] } as const;

const SITES = [
  ...['aachen', 'bochum', 'celle', 'dresden', 'erfurt', 'fulda', 'gera', 'hagen', 'ilmenau', 'jena'],
  ...['kiel', 'lemgo', 'mainz', 'neuss', 'oberhausen', 'passau', 'quedlinburg', 'rheine', 'siegen', 'trier'],
  ...['ulm', 'velbert', 'worms', 'xanten', 'zwickau', 'altena', 'bremen', 'coburg', 'detmold', 'essen'],
  ...['freital', 'gotha', 'hanau', 'iserlohn', 'kassel', 'lingen', 'minden', 'nordhorn', 'olpe', 'pirna'],
];
const MINUTE_MS = 60_000;

interface Wrong {
  kind: AlarmKindName;
  clientid: string;
  minutes: number;
  reason: Reason;
  advice: Reason;
}

const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString();
const plain = (text: string): Reason => ({ text, cause: null });

/** Two are offline, one comes and goes, and one installation has failed. */
function wrong(): Wrong[] {
  const [first, second] = TEN_SECOND_FLEET.offline;
  const offline = (clientid: string, minutes: number): Wrong => ({
    ...{ kind: 'offline', clientid, minutes, advice: alarmReason('alarm-do-link') },
    reason: alarmReason('alarm-offline', { since: ago(minutes), why: plain('keepalive timeout') }),
  });
  return [
    {
      ...{ kind: 'installation-failed', clientid: 'essen-0012', minutes: 12 },
      reason: alarmReason('alarm-installation-failed', { id: '7', why: plain('checksum mismatch') }),
      advice: alarmReason('alarm-do-installation'),
    },
    {
      ...{ kind: 'flapping', clientid: 'bochum-0042', minutes: 95 },
      reason: alarmReason('alarm-flapping', { times: 9 }),
      advice: alarmReason('alarm-do-flapping'),
    },
    offline(first, 47),
    offline(second, 18),
  ];
}

/** The presence of the fleet is compared with the broker by somebody else, who takes this turn and does nothing. */
const TURN_OF_OTHERS = `
  update tpe_schedule set instance = 'somebody else', started_at = now() + interval '50 minutes' where task = 'presence'`;

/**
 * Starts a Node-RED with this fleet on the test server. Nobody is really connected: the presence is written behind the first comparison with
 * the broker, and no other one follows.
 */
export async function startTenSecondFleet(): Promise<NodeRedProcess> {
  const server = await postgres();
  const name = `ten_seconds_${process.pid}`;
  await server.admin(`create database ${name}`);
  const url = server.url(name);
  const database = await openDatabase({ kind: 'postgresql', url });
  await migrate(database, { info: () => undefined });
  const nodeRed = await startNodeRed({ env: { DATABASE_URL: url, TPE_SIMULATED_GATEWAYS: '0' } });
  await untilCompared(nodeRed);
  await server.admin(TURN_OF_OTHERS, name);
  const { gateways, sites, offline } = TEN_SECOND_FLEET;
  const away = offline.map((clientid) => `'${clientid}'`).join(', ');
  const fleet = `
    insert into clientid_profile (clientid, connection_status, connection_status_updated_at, host_name, model_name, serial_number,
      firmware_version, tpe_version, site, created_at)
    select town || '-' || lpad((1 + n / ${sites})::text, 4, '0'), true, extract(epoch from now())::bigint - 200000, 'host-' || n,
      case when n % 3 = 0 then 'AIG-501' else 'UC-8112A-ME-T' end, 'TAABB' || n, case when n % 4 = 0 then '1.6' else '1.7' end,
      case when n % 4 = 0 then '2.2.1' else '2.3.0' end, initcap(town), extract(epoch from now())::bigint - 4000000
    from generate_series(0, ${gateways - 1}) as n,
      lateral (select (array[${SITES.map((site) => `'${site}'`).join(', ')}])[1 + n % ${sites}] as town) as place;
    update tpe_presence set status = 'online', reason = 'connected', source = 'broker', since = now() - interval '3 days';
    update tpe_presence set status = 'offline', reason = 'keepalive timeout', since = now() - interval '47 minutes'
      where clientid in (${away});
    update tpe_presence set since = now() - interval '18 minutes' where clientid = '${offline[1]}';
    delete from tpe_presence_event;
    insert into tpe_presence_event (clientid, at, online, reason, source)
    select clientid, since, status = 'online', reason, source from tpe_presence;
    insert into tpe_presence_event (clientid, at, online, reason, source)
    select clientid, now() - interval '9 hours' + back * interval '70 minutes', back = 1, 'a cut of the uplink', 'broker'
    from clientid_profile, generate_series(0, 1) as back where site in ('Mainz', 'Trier', 'Worms');`;
  await server.admin(fleet, name);
  for (const { kind, clientid, minutes, reason, advice } of wrong()) {
    const words = [reason.text, JSON.stringify(reason.cause), advice.text, JSON.stringify(advice.cause)];
    await database.query(
      `insert into tpe_alarm (rule, kind, severity, clientid, key, site, reason, cause, advice, advice_cause, since, raised_at)
       select 'own', $1, 'warning', $2, $2, site, $3, $4, $5, $6, $7, $7 from clientid_profile where clientid = $2`,
      [kind, clientid, ...words, ago(minutes)],
    );
  }
  await database.close();
  return nodeRed;
}

async function untilCompared(nodeRed: NodeRedProcess): Promise<void> {
  const checked = async () => sumOf(await metricsOf(nodeRed), 'tpedm_presence_checked_timestamp_seconds');
  while ((await checked()) === 0) await delay(100);
}
