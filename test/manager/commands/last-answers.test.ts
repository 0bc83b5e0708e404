import { expect } from 'chai';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { LAST_ANSWERED } from '../../../nodes/manager/commands/last-answered.js';
import { lastAnswers } from '../../../nodes/manager/commands/store/last-answers.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { eachDatabase, opener } from '../../support/databases.js';

const [GENERAL, , ETHERNETS] = LAST_ANSWERED;

interface Written {
  id: number;
  state?: string;
  operation?: string;
  path?: string;
  clientid?: string;
}

async function write(database: Database, { id, state = 'SUCCEEDED', ...more }: Written): Promise<void> {
  const { operation = GENERAL, path = '/device/general', clientid = 'gw' } = more;
  await database.query(
    `insert into tpe_command (request_id, clientid, method, path, state, when_offline, timeout_ms, expires_at, requested_by, instance, operation,
       answer_status, answer_payload)
     values ($1, $2, 'GET', $3, $4, 'fail', 1000, now(), 'otto', 'x', $5, 200, $6)`,
    [id, clientid, path, state, operation, JSON.stringify({ data: { id } })],
  );
}

eachDatabase('commands: what a gateway answered last', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
  });
  after(() => database.close());
  beforeEach(() => database.query('delete from tpe_command'));

  const ids = async (...operations: (typeof LAST_ANSWERED)[number][]) =>
    (await lastAnswers(database, 'gw', operations)).map(({ operation, values, last }) => [
      operation,
      values?.requestId ?? null,
      last?.requestId ?? null,
    ]);

  it('is the newest success, with the values, and the newest answer of any kind', async () => {
    await write(database, { id: 1 });
    await write(database, { id: 2 });
    await write(database, { id: 3, state: 'FAILED' });
    await write(database, { id: 4, state: 'TIMED_OUT' });
    expect(await ids(GENERAL, ETHERNETS)).to.deep.equal([
      [GENERAL, '2', '3'],
      [ETHERNETS, null, null],
    ]);
    const [found] = await lastAnswers(database, 'gw', [GENERAL]);
    expect(found?.values?.answer?.payload).to.deep.equal({ data: { id: 2 } });
  });

  it('is of this gateway alone, and of all its values', async () => {
    await write(database, { id: 1, operation: ETHERNETS, path: '/device/ethernets' });
    await write(database, { id: 2, operation: ETHERNETS, path: '/device/ethernets?limit=1' });
    await write(database, { id: 3, operation: ETHERNETS, clientid: 'other' });
    expect(await ids(ETHERNETS)).to.deep.equal([[ETHERNETS, '1', '1']]);
    expect(await lastAnswers(database, 'gw\0', [GENERAL])).to.deep.equal([]);
  });

  it('is asked of operations that are there, and that only read', () => {
    for (const id of LAST_ANSWERED)
      expect(TPE_OPERATIONS.get(id), id).to.include({ method: 'GET', risk: 'read' });
  });
});

describe('commands: what a gateway answered last, among many commands', () => {
  const open = opener('postgresql');
  let database: Database;
  before(async () => {
    database = await open();
    await database.execute(`
      insert into tpe_command (request_id, clientid, method, path, state, when_offline, timeout_ms, expires_at, requested_by, instance, operation)
        select n, case when n % 2 = 0 then 'gw' else 'gw' || n end, 'GET', '/device/time', 'SUCCEEDED', 'fail', 1000, now(), 'poll', 'x',
          'get-device-time-get-device-time' from generate_series(1, 200000) as n;
      insert into tpe_command (request_id, clientid, method, path, state, when_offline, timeout_ms, expires_at, requested_by, instance, operation)
        select 300000 + n, 'gw' || n, 'GET', '/device/general', 'SUCCEEDED', 'fail', 1000, now(), 'tpedm: x', 'x', '${GENERAL}'
        from generate_series(1, 50000) as n;
      analyze tpe_command;`);
  });
  after(() => database.close());

  it('is found by its index, for each operation that can be asked for', async () => {
    let asked = '';
    const noting: Database = {
      ...database,
      query(sql, values = []) {
        asked = sql;
        return database.query(sql, values);
      },
    };
    await lastAnswers(noting, 'gw', LAST_ANSWERED);
    const plan = await database.query<{ 'QUERY PLAN': string }>(`explain (analyze, timing off) ${asked}`, [
      'gw',
      LAST_ANSWERED,
    ]);
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).to.match(/tpe_command_last_answers/);
    expect(text).not.to.match(/Seq Scan on tpe_command|using tpe_command_by_clientid/);
  });
});
