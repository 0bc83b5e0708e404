import { expect } from 'chai';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { createSchedule } from '../../../nodes/manager/cluster/recurring-tasks.js';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import { redactStored } from '../../../nodes/manager/commands/redact-stored.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { eachDatabase } from '../../support/databases.js';

const INSERT = `
  insert into tpe_command (request_id, clientid, method, path, request_body, answer_payload, answer_status, reason, cause,
    operation, faults, state, when_offline, timeout_ms, expires_at, requested_by, instance)
  select number, 'gw', $3, $4, $5::jsonb, $6::jsonb, 200, $7, $8::jsonb, $9, $10::jsonb, 'SUCCEEDED', 'fail', 1000, now(), 'test', 'test'
  from generate_series($1::bigint, $2::bigint) as number`;

const REASON = commandReason('answered-with-words', { status: 400, words: 'hunter2-x is no profile' });

eachDatabase('commands: what was recorded while fewer secrets were hidden', (open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  const json = (value: unknown) => JSON.stringify(value);
  const store = (from: number, to: number, more: { path?: string; body?: unknown; answer?: unknown } = {}) =>
    database.query(INSERT, [
      ...[from, to, 'PATCH', more.path ?? '/openvpn', json(more.body ?? {}), json(more.answer ?? null)],
      ...[REASON.text, json(REASON.cause), null, json([{ text: 'not "hunter2-x"' }])],
    ]);
  /** As the migration leaves a database that was there before. */
  const markAll = () =>
    database.execute(`
      insert into tpe_redaction select 'tpe_command', max(request_id) + 1 from tpe_command;
      insert into tpe_redaction select 'tpe_audit', max(id) + 1 from tpe_audit having max(id) is not null`);
  const run = (signal = new AbortController().signal) =>
    redactStored(database, createSchedule(database, 'one'), TPE_OPERATIONS, signal);
  const all = async (table: string) =>
    (await database.query<{ text: string }>(`select t::text as text from ${table} t`))
      .map(({ text }) => text)
      .join('\n');

  it('is looked at again once, in bodies, answers, paths, reasons and faults', async () => {
    await store(1, 250, { body: { profile: 'hunter2-x', enable: true } });
    await store(251, 251, {
      path: '/openvpn?token=hunter2-x',
      answer: { data: { profile: { a: ['hunter2-x'] }, pin: 47_114_711 }, text: '{"psk":"hunter2-x"}' },
      body: { profile: 'hunter2-x' },
    });
    await store(252, 252, { path: '/device/time', body: { timezone: 'UTC' } });
    await database.query(
      `insert into tpe_audit (who, action, detail, outcome, reason, cause) values
       ('a', 'command.send', '{"path": "/mqtt?password=hunter2-x"}', 'failed', 'password=hunter2-x',
        '{"code": "no", "params": {"words": "hunter2-x"}}'),
       ('b', 'command.send', '{}', 'failed', 'No: hunter.', '{"code": "no", "params": {"words": "hunter"}}')`,
    );
    await markAll();
    expect(await run()).to.equal(252);
    expect(await all('tpe_audit'))
      .to.not.contain('hunter2')
      .and.contain('"words": "hunter"');
    const rows = await database.query<{
      request_id: number;
      path: string;
      request_body: unknown;
      reason: string;
      cause: unknown;
    }>('select request_id, path, request_body, reason, cause from tpe_command order by request_id');
    expect(rows[0]).to.deep.include({
      request_body: { profile: '[redacted]', enable: true },
      reason: 'The gateway answered 400: [redacted] is no profile.',
      cause: { code: 'answered-with-words', params: { status: 400, words: '[redacted] is no profile' } },
    });
    expect(rows[250]?.path).to.equal('/openvpn?token=[redacted]');
    // Of a command without a secret nothing is known that could be looked for.
    expect(rows[251]?.request_body).to.deep.equal({ timezone: 'UTC' });
    await database.query('delete from tpe_command where request_id = 252');
    expect(await all('tpe_command'))
      .to.not.contain('hunter2')
      .and.not.contain('4711');
    expect(await all('tpe_redaction')).to.equal('');
    expect(await run()).to.equal(0);
  });

  it('goes on where it was left, and leaves to another manager what that has begun', async () => {
    await store(1, 150, { body: { profile: 'hunter2-x' } });
    await markAll();
    const stop = new AbortController();
    const first = run(stop.signal);
    setImmediate(() => stop.abort());
    const some = await first;
    const others = redactStored(
      database,
      createSchedule(database, 'another'),
      TPE_OPERATIONS,
      new AbortController().signal,
    );
    expect(await others).to.be.oneOf([0, 150]);
    expect(some + (await run()) + (await others)).to.be.at.least(150);
    expect(await all('tpe_command')).not.to.contain('hunter2');
  });

  it('takes records one by one where they are large', async () => {
    const large = {
      profile: 'hunter2-x',
      rest: Array.from({ length: 30_000 }, (_one, index) => `${index * 7919}`),
    };
    await store(1, 5, { answer: large });
    await markAll();
    expect(await run()).to.equal(5);
    expect(await all('tpe_command')).not.to.contain('"profile": "hunter2-x"');
  });
});
