import { expect } from 'chai';
import type { BrokerAway, DatabaseGap } from '../../../../nodes/manager/alarms/sources/system.js';
import type { Database } from '../../../../nodes/manager/database/database.js';
import { createOwnRestarts } from '../../../../nodes/manager/presence/own-restarts.js';
import { wordsOfOthers } from '../../../../nodes/manager/shared/reason.js';
import { eachDatabase } from '../../../support/databases.js';
import { createFleetRig, createSourceRig, DAY, HOUR, idsOf, MINUTE, namesOf, ruleOf } from './rig.js';

eachDatabase('alarms: what is wrong with gateways', (open) => {
  let database: Database;
  let fleet: ReturnType<typeof createFleetRig>;
  let rig: ReturnType<typeof createSourceRig>;
  let now: number;

  beforeEach(async () => {
    database = await open();
    fleet = createFleetRig(database);
    rig = createSourceRig(database);
    now = Date.now();
    await fleet.register(['gw', 'other']);
  });
  afterEach(() => database.close());

  async function set(sql: string, ...values: unknown[]): Promise<void> {
    await database.query(sql, values);
  }

  it('one that has never connected is told of after a day, until it does', async () => {
    const rule = ruleOf('never-seen');
    expect(await rig.due(rule, { at: now + DAY - MINUTE })).to.deep.equal([]);
    await fleet.connect('other', now);
    const later = { at: now + DAY + MINUTE };
    expect(await rig.due(rule, { ...later, presenceSince: null }), 'stale').to.deep.equal([]);
    expect(namesOf(await rig.raise(rule, later))).to.deep.equal(['gw']);
    expect(await rig.due(rule, later)).to.deep.equal([]);
    expect(await rig.clear(rule, later)).to.deep.equal([]);
    await fleet.connect('gw', now);
    expect(await rig.clear(rule, later)).to.deep.equal(['gw']);
  });

  it('very many that have never connected are one alarm, until few are left', async () => {
    const rule = ruleOf('never-seen');
    const ids = idsOf('new', 30);
    await fleet.register(ids);
    const later = { at: now + 2 * DAY };
    const [all, ...more] = await rig.raise(rule, later);
    expect(more).to.deep.equal([]);
    expect(all).to.deep.include({ clientid: null, key: 'fleet', gateways: 32 });
    expect(all!.reason.text).to.equal('32 gateways are registered, and have never connected.');
    expect((await rig.standings(rule, later)).fleet).to.deep.include({ is: 'bad', gateways: 32 });
    for (const clientid of ids.slice(0, 20)) await fleet.connect(clientid, now);
    expect(await rig.clear(rule, later)).to.deep.equal(['fleet']);
    expect(namesOf(await rig.raise(rule, later))).to.have.length(12);
  });

  it('one that connects again and again within an hour is told of, but not because of the broker, or when it logs off', async () => {
    const rule = ruleOf('flapping');
    await fleet.register(['leaves']);
    await createOwnRestarts(database, () => undefined).note(now - 50 * MINUTE);
    for (let round = 0; round < 7; round += 1) {
      const at = now - 60_000 - (6 - round) * 9 * MINUTE;
      for (const clientid of ['gw', 'leaves', ...(round < 6 ? ['other'] : [])]) {
        await fleet.connect(clientid, at);
        await fleet.disconnect(clientid, at + 5000, clientid === 'leaves' ? 'normal' : 'tcp_closed');
      }
    }
    const soon = { at: now - 30_000 };
    // Seven connects, and six, of which one is that of the broker's start.
    const [flapping, ...more] = await rig.raise(rule, soon);
    expect(more).to.deep.equal([]);
    expect(flapping).to.deep.include({ clientid: 'gw' });
    expect(flapping!.reason.text).to.equal('It has connected 6 times within an hour.');
    expect(await rig.due(rule, soon)).to.deep.equal([]);
    expect((await rig.standings(rule, { at: now + 20 * MINUTE })).gw).to.have.property('is', 'bad');
    expect((await rig.standings(rule, { at: now + 40 * MINUTE })).gw).to.have.property('is', 'good');
  });

  it('nothing is told of connects right after presence is known again', async () => {
    for (let round = 0; round < 8; round += 1) {
      await fleet.connect('gw', now - MINUTE + round * 2000);
      await fleet.disconnect('gw', now - MINUTE + round * 2000 + 1000);
    }
    const soon = { at: now - 20_000 };
    expect(await rig.due(ruleOf('flapping'), { ...soon, presenceSince: now - MINUTE })).to.deep.equal([]);
    expect(namesOf(await rig.due(ruleOf('flapping'), soon))).to.deep.equal(['gw']);
  });

  it('a client id that two use is told of, as that alone', async () => {
    const rule = ruleOf('client-id-twice');
    for (let round = 0; round < 12; round += 1) {
      const at = now - MINUTE + round * 1000;
      await fleet.connect('gw', at, round % 2 === 0 ? '10.0.0.1' : '10.0.0.2');
      // One that takes over its own sessions has a bad link.
      await fleet.connect('other', at);
    }
    const soon = { at: now - 40_000 };
    const [twice, ...more] = await rig.raise(rule, soon);
    expect(more).to.deep.equal([]);
    expect(twice!.reason.text).to.contain(
      'taken over 11 times within 10 minutes, from 10.0.0.1 and 10.0.0.2',
    );
    expect(namesOf(await rig.raise(ruleOf('flapping'), soon))).to.deep.equal(['other']);
    expect(await rig.due(rule, soon)).to.deep.equal([]);
    expect((await rig.standings(rule, { at: now })).gw).to.have.property('is', 'bad');
    expect(await rig.clear(rule, { at: now + 30 * MINUTE })).to.deep.equal(['gw']);
  });

  async function refuse(
    clientid: string,
    at: number,
    count: number,
    reason = 'wrong_password',
  ): Promise<void> {
    const refused = { since: at - MINUTE, at, count, address: '10.9.9.9', username: null, reason };
    await set(
      'update tpe_presence set refused_login = $2::jsonb where clientid = $1',
      clientid,
      JSON.stringify(refused),
    );
  }

  it('refused logins are told of with their reason, until one succeeds or there are none any more', async () => {
    const rule = ruleOf('login-refused');
    await refuse('gw', now, 2);
    expect(await rig.due(rule, { at: now })).to.deep.equal([]);
    await refuse('gw', now, 3);
    await refuse('other', now, 9, 'disabled');
    const raised = await rig.raise(rule, { at: now });
    expect(raised.map(({ reason }) => reason.text).sort()).to.deep.equal([
      '3 logins under its client id were refused, the last from 10.9.9.9: wrong password.',
      '9 logins under its client id were refused, the last from 10.9.9.9: the gateway is disabled.',
    ]);
    expect(await rig.due(rule, { at: now })).to.deep.equal([]);
    expect(await rig.clear(rule, { at: now + 5 * MINUTE })).to.deep.equal([]);
    await fleet.connect('gw', now + 6 * MINUTE);
    expect(await rig.clear(rule, { at: now + 7 * MINUTE })).to.deep.equal(['gw']);
    expect(await rig.clear(rule, { at: now + 20 * MINUTE })).to.deep.equal(['other']);
    expect(await rig.due(rule, { at: now + 20 * MINUTE })).to.deep.equal([]);
  });

  async function install(
    clientid: string,
    state: string,
    at: number,
    execution: string | null = null,
  ): Promise<void> {
    await set(
      `insert into tpe_installation (clientid, packages, state, reason, allow_cellular, timeout_ms, requested_by, instance, execution, ended_at)
       values ($1, '[]', $2, 'disk full', true, 1000, 'test', 'test', $3, $4)`,
      ...[clientid, state, execution, state === 'IN_PROGRESS' ? null : new Date(at)],
    );
  }

  it('a failed installation is told of until a later one succeeds, and then not again; a job tells of its own', async () => {
    const rule = ruleOf('installation-failed');
    await install('gw', 'FAILED', now - HOUR);
    await install('other', 'FAILED', now - HOUR, '7/1/0/0');
    const [failed, ...more] = await rig.raise(rule, { at: now });
    expect(more).to.deep.equal([]);
    expect(failed!.reason.text).to.match(/^The installation \d+ has failed: disk full$/);
    expect(await rig.due(rule, { at: now })).to.deep.equal([]);
    expect(await rig.clear(rule, { at: now })).to.deep.equal([]);
    await install('gw', 'SUCCEEDED', now);
    expect(await rig.clear(rule, { at: now })).to.deep.equal(['gw']);
    expect(await rig.due(rule, { at: now })).to.deep.equal([]);
    await install('gw', 'TIMED_OUT', now);
    await install('gw', 'IN_PROGRESS', now);
    expect(await rig.due(rule, { at: now }), 'another one is under way').to.deep.equal([]);
    await set("update tpe_installation set state = 'REJECTED' where state = 'IN_PROGRESS'");
    expect(namesOf(await rig.raise(rule, { at: now }))).to.deep.equal(['gw']);
  });

  it('a wrong clock and a full disk are told of as they were read, with a margin until they are good', async () => {
    const read = (what: string, value: number | null, at = now) =>
      set(
        `insert into tpe_reading (clientid, what, value, read_at) values ('gw', $1, $2, $3)
         on conflict (clientid, what) do update set value = excluded.value, read_at = excluded.read_at`,
        ...[what, value, new Date(at)],
      );
    const [clock, disk] = [ruleOf('clock-off'), ruleOf('disk-full')];
    const at = { at: now };
    await read('clock', -59);
    await read('disk', 89.9);
    expect([...(await rig.due(clock, at)), ...(await rig.due(disk, at))]).to.deep.equal([]);
    await read('clock', -3600, now - 4 * DAY);
    expect(await rig.due(clock, at), 'old').to.deep.equal([]);
    await read('clock', -60);
    await read('disk', 95.7);
    expect((await rig.raise(clock, at))[0]!.reason.text).to.equal('Its clock is 60 s behind.');
    expect((await rig.raise(disk, at))[0]!.reason.text).to.equal('Its fullest disk is 95 % full.');
    expect([...(await rig.due(clock, at)), ...(await rig.due(disk, at))]).to.deep.equal([]);
    await read('clock', 31);
    await read('disk', null);
    expect([...(await rig.clear(clock, at)), ...(await rig.clear(disk, at))]).to.deep.equal([]);
    await read('clock', -30);
    await read('disk', 85);
    expect([...(await rig.clear(clock, at)), ...(await rig.clear(disk, at))]).to.deep.equal(['gw', 'gw']);
  });

  it('an old password is told of until it is rotated', async () => {
    const rule = ruleOf('credential-old', { threshold: 30 });
    const [at, old] = [{ at: now + 31 * DAY }, { at: now + 29 * DAY }];
    expect(await rig.due(rule, old)).to.deep.equal([]);
    await set("update mqtt_user set credential_changed_at = null where clientid = 'other'");
    const raised = await rig.raise(rule, at);
    expect(namesOf(raised)).to.deep.equal(['gw']);
    expect(raised[0]!.reason.text).to.match(/^Its password is 3[01] days old\.$/);
    expect(await rig.clear(rule, at)).to.deep.equal([]);
    await set("update mqtt_user set credential_changed_at = $1 where clientid = 'gw'", new Date(at.at));
    expect(await rig.clear(rule, at)).to.deep.equal(['gw']);
  });
});

eachDatabase('alarms: what is wrong with jobs and the system', (open) => {
  let database: Database;
  let rig: ReturnType<typeof createSourceRig>;
  let now: number;
  let away: BrokerAway | null = null;
  let gap: DatabaseGap | null = null;
  let certificateEnd: number;

  beforeEach(async () => {
    database = await open();
    [away, gap] = [null, null];
    now = Date.now();
    certificateEnd = now + 40 * DAY;
    rig = createSourceRig(database, {
      brokerAway: () => away,
      databaseGap: () => gap,
      certificates: () => [{ what: 'broker', readEnd: () => Promise.resolve(new Date(certificateEnd)) }],
    });
  });
  afterEach(() => database.close());

  async function job(
    state: string,
    more: { pauseReason?: string; failed?: number; at?: number } = {},
  ): Promise<string> {
    const { pauseReason = null, failed = 0, at = now } = more;
    const [row] = await database.query<{ id: string }>(
      `insert into tpe_job (name, note, definition, targets, steps, pace, hash, risk, classes, requested_by, state, pause_reason, reason, total,
         failed, queued, ended_at, updated_at)
       values ('Nightly', '', '{}', '{}', '[]', '{}', '', 'read', '{}', 'test', $1, $2, 'Too many.', 10, $3, 4, $4, $5) returning id::text as id`,
      [state, pauseReason, failed, state === 'COMPLETED' ? new Date(at) : null, new Date(at)],
    );
    return row!.id;
  }

  async function acknowledge(at: number): Promise<void> {
    await database.query("update tpe_alarm set acknowledged_by = 'x', acknowledged_at = $1", [new Date(at)]);
  }

  it('a job that failed on some gateways is told of until it is tried again, or somebody has known it for a day', async () => {
    const rule = ruleOf('job-failed');
    await job('COMPLETED');
    await job('RUNNING', { failed: 2 });
    await job('COMPLETED', { failed: 2, at: now - 30 * DAY });
    const [first, second] = [await job('COMPLETED', { failed: 2 }), await job('COMPLETED', { failed: 1 })];
    const raised = await rig.raise(rule, { at: now });
    expect(namesOf(raised)).to.deep.equal([first, second]);
    expect(raised[0]).to.deep.include({ clientid: null, gateways: 2 });
    expect(raised[0]!.reason.text).to.equal(`The job "Nightly" (${first}) has failed on 2 of 10 gateways.`);
    expect(await rig.due(rule, { at: now })).to.deep.equal([]);
    await database.query("update tpe_job set state = 'RUNNING' where id = $1", [first]);
    expect(await rig.clear(rule, { at: now })).to.deep.equal([first]);
    await acknowledge(now);
    expect(await rig.clear(rule, { at: now + DAY - MINUTE })).to.deep.equal([]);
    expect(await rig.clear(rule, { at: now + DAY + MINUTE })).to.deep.equal([second]);
    expect(await rig.due(rule, { at: now + DAY + MINUTE })).to.deep.equal([]);
  });

  it('a job that paused by itself is told of until it goes on', async () => {
    const rule = ruleOf('job-paused');
    await job('PAUSED', { pauseReason: 'requested' });
    const paused = await job('PAUSED', { pauseReason: 'failures' });
    const raised = await rig.raise(rule, { at: now });
    expect(namesOf(raised)).to.deep.equal([paused]);
    expect(raised[0]!.reason.text).to.equal(`The job "Nightly" (${paused}) is paused: Too many.`);
    expect(await rig.due(rule, { at: now })).to.deep.equal([]);
    await database.query("update tpe_job set state = 'RUNNING' where id = $1", [paused]);
    expect(await rig.clear(rule, { at: now })).to.deep.equal([paused]);
  });

  it('a broker that is away is told of after the delay, until it is back', async () => {
    const rule = ruleOf('broker-away');
    expect(await rig.due(rule, { at: now })).to.deep.equal([]);
    away = { since: new Date(now), why: wordsOfOthers('connection refused') };
    const watching = { presenceSince: null };
    expect(await rig.due(rule, { ...watching, at: now + 59_000 })).to.deep.equal([]);
    const raised = await rig.raise(rule, { ...watching, at: now + 61_000 });
    expect(raised[0]!.reason.text).to.contain(': connection refused');
    expect(await rig.due(rule, { at: now + 62_000 })).to.deep.equal([]);
    expect(await rig.clear(rule, { at: now + 62_000 })).to.deep.equal([]);
    away = null;
    expect(await rig.clear(rule, { at: now + 62_000 })).to.deep.equal(['']);
  });

  it('a database that was away is told of once when it is back, and is good then', async () => {
    const rule = ruleOf('database-away');
    gap = { from: new Date(now - 50_000), to: new Date(now) };
    expect(await rig.due(rule, { at: now })).to.deep.equal([]);
    gap = { from: new Date(now - 90_000), to: new Date(now) };
    const raised = await rig.raise(rule, { at: now + 1000 });
    expect(raised[0]!.reason.text).to.contain('for 90 s');
    expect(await rig.clear(rule, { at: now + 1000 })).to.deep.equal(['']);
    expect(await rig.due(rule, { at: now + 1000 })).to.deep.equal([]);
  });

  it('a manager that has died is told of, by one that has looked for a while, until it lives', async () => {
    const rule = ruleOf('instance-dead');
    const seen = (at: number) =>
      database.query(
        `insert into tpe_instance (instance, seen_at) values ('two', $1)
         on conflict (instance) do update set seen_at = excluded.seen_at`,
        [new Date(at)],
      );
    await seen(now);
    const later = now + HOUR;
    for (let look = 0; look < 4; look += 1)
      expect(await rig.due(rule, { at: later + look * 15_000 }), 'looks for a short time').to.deep.equal([]);
    expect(namesOf(await rig.raise(rule, { at: later + 65_000 }))).to.deep.equal(['two']);
    expect(await rig.due(rule, { at: later + 70_000 })).to.deep.equal([]);
    expect(await rig.clear(rule, { at: later + 70_000 })).to.deep.equal([]);
    await seen(later + 71_000);
    expect(await rig.clear(rule, { at: later + 72_000 })).to.deep.equal(['two']);
  });

  it('a certificate that ends soon is told of', async () => {
    const rule = ruleOf('certificate-ends');
    await rig.due(rule, { at: now });
    expect(await rig.due(rule, { at: now + 9 * DAY })).to.deep.equal([]);
    const raised = await rig.raise(rule, { at: now + 11 * DAY });
    expect(namesOf(raised)).to.deep.equal(['broker']);
    expect(raised[0]!.reason.text).to.match(/^The TLS certificate of the broker ends in 29 days, /);
    expect(await rig.due(rule, { at: now + 11 * DAY })).to.deep.equal([]);
    expect((await rig.standings(rule, { at: now + 41 * DAY })).broker).to.have.property('is', 'bad');
    expect((await rig.standings(rule, { at: now })).broker).to.have.property('is', 'good');
  });
});
