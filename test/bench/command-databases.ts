import { newDatabase } from './database.js';

export const GATEWAYS = 512;
/** Commands that the tables have from before. */
export const PAST = 50_000;

const BARE_TABLE = `
  create table bench_command (id bigint primary key, answer text);
  insert into bench_command select id, '{"data":{}}' from generate_series(1, ${PAST}) as id`;

/** A database for the limit; its rows are narrow. */
export async function bareDatabase(): Promise<string> {
  const { options, database } = await newDatabase('bare_commands');
  await database.execute(BARE_TABLE);
  await database.query('vacuum analyze bench_command');
  await database.close();
  return options.url;
}

const PAST_COMMANDS = `
  insert into tpe_command (request_id, clientid, method, path, request_body, state, when_offline, timeout_ms,
    expires_at, requested_by, instance, sent_at, answered_at, ended_at, operation, answer_status, answer_payload)
  select nextval('tpe_request_id'), 'gw-' || 1 + number % ${GATEWAYS}, 'GET', '/device/time', '{}', 'SUCCEEDED', 'fail',
    10000, now(), 'bench', 'bench', now(), now(), now(), 'get-device-time-get-device-time', 200, '{"data": {}}'
  from generate_series(1, ${PAST}) as number`;

/** A database with gateways that have been asked before, as those of a site have been. */
export async function siteDatabase(): Promise<string> {
  const { options, database } = await newDatabase('commands');
  await database.query(
    `insert into clientid_profile (clientid) select 'gw-' || number from generate_series(1, $1) as number`,
    [GATEWAYS],
  );
  await database.execute(PAST_COMMANDS);
  await database.query('vacuum analyze');
  await database.close();
  return options.url;
}
