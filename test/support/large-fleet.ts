import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import { postgres } from './postgres.js';

/** So many gateways, with all that is known of each, and a month of what happened: made by the database itself. */
export async function insertLargeFleet(options: DatabaseOptions, count: number): Promise<void> {
  if (options.kind !== 'postgresql') throw new Error('not a database of the test server');
  const database = new URL(options.url).pathname.slice(1);
  await (await postgres()).admin(
    `
    insert into clientid_profile (clientid, connection_status, connection_status_updated_at,
      host_name, model_name, serial_number, firmware_version, tpe_version, bios_version, site, note, tags, redundancy, created_at)
    select 'LARGE' || lpad(n::text, 6, '0'), n % 3 <> 0, extract(epoch from now())::bigint - n,
      'host-' || n, 'UC-' || n % 40, 'TAABB' || n, '1.' || n % 7, '2.' || n % 9 || '.0', '1.0', 'Plant ' || n % 150,
      repeat('note ', 40), array['tag' || n % 90, 'other' || n % 7], 'Pair ' || n / 2, extract(epoch from now())::bigint
    from generate_series(1, ${count}) as n;
    update tpe_presence set reason = 'connected', source = 'webhook' where clientid like 'LARGE%';
    insert into mqtt_user (clientid, username, password, salt, is_superuser, enabled)
    select clientid, clientid, repeat('0', 64), repeat('0', 32), false, true from clientid_profile
    on conflict do nothing;
    insert into tpe_presence_event (clientid, at, online, reason, source)
    select 'LARGE' || lpad((1 + n % 50)::text, 6, '0'), now() - n * interval '20 seconds', n % 2 = 0, 'a reason', 'webhook'
    from generate_series(1, 100000) as n;
    insert into tpe_audit (who, role, action, clientid, detail, outcome, reason, at)
    select 'somebody', 'operator', 'command.send', 'LARGE000001', '{"operation": "x", "path": "/a/b/c"}', 'done', null,
      now() - n * interval '1 second'
    from generate_series(1, 50000) as n;
    insert into tpe_command (request_id, clientid, method, path, request_body, state, when_offline, timeout_ms, expires_at,
      requested_by, instance, answer_status, answer_payload, ended_at)
    select nextval('tpe_request_id'), 'LARGE' || lpad((1 + n % 500)::text, 6, '0'), 'GET', '/device/general', '{}',
      'SUCCEEDED', 'fail', 60000, now(), 'test', 'test', 200, jsonb_build_object('data', repeat('x', 1000)), now()
    from generate_series(1, 20000) as n;
    insert into tpe_installation (clientid, packages, state, allow_cellular, timeout_ms, requested_by, instance, ended_at)
    select 'LARGE' || lpad(n::text, 6, '0'), '[]', 'FAILED', true, 1000, 'test', 'test', now() - interval '1 day'
    from generate_series(1, 50) as n;
    insert into tpe_update_plan (hash, path, candidates) values ('h', '[]', '[]') on conflict do nothing;
    insert into tpe_update (clientid, scanned_at, model_name, firmware_version, tpe_version, plan, has_update)
    select clientid, now(), model_name, firmware_version, tpe_version, 'h', id % 2 = 0 from clientid_profile
    on conflict do nothing;
    analyze;`,
    database,
  );
}
