import { expect } from 'chai';
import { RULE_KINDS, type RuleKind } from '../../../../nodes/manager/alarms/alarm-rule.js';
import type { Database } from '../../../../nodes/manager/database/database.js';
import { opener } from '../../../support/databases.js';
import { createSourceRig, ruleOf } from './rig.js';

const GATEWAYS = 100_000;

/** Tables as large as the fleet, or larger. */
const LARGE = [
  'clientid_profile',
  'tpe_presence',
  'tpe_presence_event',
  'mqtt_user',
  'tpe_reading',
  'tpe_update',
  'tpe_installation',
];

/** A large fleet that is well, but for some gateways. */
const FLEET = `
  insert into clientid_profile (clientid, connection_status, connection_status_updated_at, site, created_at)
  select 'gw' || n, true, extract(epoch from now())::bigint - 86400, 'Plant ' || n % 150, extract(epoch from now())::bigint - 864000
  from generate_series(1, ${GATEWAYS}) as n;
  insert into mqtt_user (clientid, username, password, salt, is_superuser, enabled, credential_changed_at)
  select clientid, clientid, repeat('0', 64), repeat('0', 32), false, true, now() - interval '10 days' from clientid_profile;
  insert into tpe_reading (clientid, what, value) select clientid, 'clock', 1 from clientid_profile;
  insert into tpe_reading (clientid, what, value) select clientid, 'disk', 40 from clientid_profile;
  insert into tpe_update_plan (hash, path, candidates) values ('h', '[]', '[]');
  insert into tpe_update (clientid, scanned_at, plan, has_update, update_since)
  select clientid, now(), 'h', true, now() - interval '1 day' from clientid_profile;
  insert into tpe_installation (clientid, packages, state, allow_cellular, timeout_ms, requested_by, instance, ended_at)
  select clientid, '[]', 'SUCCEEDED', true, 1000, 'x', 'x', now() - interval '20 days' from clientid_profile;
  insert into tpe_presence_event (clientid, at, online) select clientid, now() - interval '1 day', true from clientid_profile;
  update tpe_presence set status = 'offline', since = now() - interval '1 hour', source = 'webhook' where clientid like 'gw7777_';
  update tpe_presence set status = 'never_seen', since = null where clientid like 'gw8888_';
  update tpe_presence set churn_connects = 50, churn_since = extract(epoch from now()) * 1000 - 60000, since = now() where clientid = 'gw9';
  update tpe_presence set refused_login = jsonb_build_object('since', 1, 'count', 9, 'reason', 'wrong_password', 'at',
    floor(extract(epoch from now()) * 1000)) where clientid = 'gw10';
  update mqtt_user set credential_changed_at = now() - interval '3 years' where clientid = 'gw11';
  update tpe_reading set value = 400 where clientid = 'gw12' and what = 'clock';
  update tpe_reading set value = 99 where clientid = 'gw13' and what = 'disk';
  update tpe_update set update_since = now() - interval '1 year' where clientid = 'gw14';
  update tpe_installation set state = 'FAILED', ended_at = now() - interval '1 hour' where clientid = 'gw15';`;

/** How many each kind finds. */
const FOUND: Partial<Record<RuleKind, number>> = {
  offline: 10,
  flapping: 1,
  'never-seen': 10,
  'login-refused': 1,
  'clock-off': 1,
  'disk-full': 1,
  'credential-old': 1,
  'update-available': 1,
  'installation-failed': 1,
};

describe(`alarms: a look at ${GATEWAYS} gateways`, () => {
  const open = opener('postgresql');
  let database: Database;

  before(async () => {
    database = await open();
    await database.execute(FLEET);
    await database.execute('analyze');
  });
  after(() => database.close());

  for (const kind of RULE_KINDS) {
    it(`${kind}: costs what it finds`, async () => {
      const asked: { sql: string; values: readonly unknown[] }[] = [];
      const noting: Database = {
        ...database,
        query(sql, values = []) {
          asked.push({ sql, values });
          return database.query(sql, values);
        },
      };
      const now = Date.now();
      const rule = ruleOf(kind);
      const found = await createSourceRig(noting).due(rule, { at: now });
      expect(found).to.have.length(FOUND[kind] ?? 0);
      for (const { sql, values } of asked) {
        const plan = await database.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, values);
        const lines = plan.map((line) => line['QUERY PLAN']);
        const scans = lines.filter((line) => LARGE.some((table) => line.includes(`Seq Scan on ${table} `)));
        // Who is online is counted only if several have just gone together.
        const others = scans.filter((line) => !(kind === 'offline' && line.includes('tpe_presence online')));
        expect(others, lines.join('\n')).to.deep.equal([]);
      }
    });
  }
});
