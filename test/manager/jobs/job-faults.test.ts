import { expect } from 'chai';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { AttemptResult } from '../../../nodes/manager/jobs/execution.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { repositoryReason } from '../../../nodes/manager/updates/repository/repository-reasons.js';
import { eachDatabase } from '../../support/databases.js';
import {
  addGateways,
  countNow,
  DONE,
  FAILED,
  type JobRig,
  openJobRig,
  refusalOf,
  setPresence,
} from './job-rig.js';

const me = { by: 'me' };
const NEVER = 1_000_000_000;

eachDatabase('jobs: what goes wrong meanwhile', (open) => {
  let database: Database;
  let rig: JobRig;
  beforeEach(async () => {
    database = await open();
    rig = await openJobRig(database);
  });
  afterEach(async () => {
    await rig.jobs.close();
    await database.close();
  });

  it('pauses when its operation leaves the catalogue or becomes riskier, and goes on when a person says so', async () => {
    const ids = await addGateways(database, 2, { online: false });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    rig.rating = new TpeError('NOT_FOUND', 'There is no operation "x".');
    rig.jobs.catalogueChanged();
    const paused = await rig.when(id, ({ state }) => state === 'PAUSED');
    expect(paused).to.include({ pauseReason: 'operation-changed' });
    expect(paused.reason).to.contain('no operation "x"');
    rig.rating = { risk: 'destructive', classes: [] };
    const asked = await refusalOf(rig.jobs.resume(id, me));
    expect(asked).to.deep.include({ code: 'CONFLICT', details: { confirmation: '2' } });
    expect((await refusalOf(rig.jobs.resume(id, { ...me, confirm: '3' }))).code).to.equal('CONFLICT');
    await rig.jobs.resume(id, { ...me, confirm: '2' });
    await setPresence(database, ids, 'online');
    rig.jobs.gatewayOnline(ids);
    expect(await rig.when(id, ({ state }) => state === 'COMPLETED')).to.include({ risk: 'destructive' });
  });

  it('removes gateways that were retired, disabled or renamed meanwhile', async () => {
    const ids = await addGateways(database, 4);
    rig.stops.push({ scope: 'fleet', value: null, by: 'jo' });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    await database.query("delete from clientid_profile where clientid = 'gw-1'");
    await database.query("update mqtt_user set enabled = false where clientid = 'gw-2'");
    await database.query("update clientid_profile set clientid = 'other' where clientid = 'gw-3'");
    rig.stops.length = 0;
    rig.jobs.wake();
    const job = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(job.counts).to.include({ REMOVED: 3, SUCCEEDED: 1 });
    expect(rig.begun.map(({ clientid }) => clientid)).to.deep.equal(ids.slice(3));
  });

  it('finds by itself gateways that were retired or disabled without any news, and says which', async () => {
    await addGateways(database, 3, { online: false });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    await database.query("delete from clientid_profile where clientid = 'gw-1'");
    await database.query("update mqtt_user set enabled = false where clientid = 'gw-2'");
    await rig.when(id, ({ counts }) => counts.REMOVED === 2);
    const reasons = (await rig.executions(id)).map(({ clientid, reason }) => [clientid, reason]);
    expect(Object.fromEntries(reasons)).to.deep.equal({
      'gw-1': 'The gateway was retired.',
      'gw-2': 'The gateway is disabled.',
      'gw-3': null,
    });
  });

  it('pauses when the repository is away, and tries the gateway again afterwards', async () => {
    await addGateways(database, 1);
    const reason = repositoryReason('repository-too-slow', { seconds: 5 });
    rig.run = async () => ({ ...FAILED, reason, mayRepeat: false });
    const { id } = await rig.begin({ all: true });
    expect(await rig.when(id, ({ state }) => state === 'PAUSED')).to.include({ pauseReason: 'repository' });
    rig.run = async () => DONE;
    await rig.jobs.resume(id, me);
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('does one job at a time on a gateway, and the other says for which it waits', async () => {
    await addGateways(database, 1);
    let end: ((result: AttemptResult) => void) | null = null;
    rig.run = () =>
      new Promise((resolve) => {
        end = resolve;
      });
    const first = await rig.begin({ all: true });
    await rig.until(() => end !== null);
    const second = await rig.begin({ all: true });
    await rig.until(
      async () => (await rig.jobs.execution(second.id, 'gw-1'))?.execution.waitingFor === 'busy',
    );
    expect(
      (await rig.jobs.ofGateway('gw-1')).map(({ job, waitingReason }) => [job, waitingReason]),
    ).to.deep.equal([
      [first.id, null],
      [second.id, `The job ${first.id} is under way on the gateway.`],
    ]);
    rig.run = async () => DONE;
    end!(DONE);
    await rig.when(first.id, ({ state }) => state === 'COMPLETED');
    await rig.when(second.id, ({ state }) => state === 'COMPLETED');
  });

  it('goes on over a clock that was set back', async () => {
    await addGateways(database, 3);
    rig.stops.push({ scope: 'fleet', value: null, by: 'jo' });
    const { id } = await rig.begin({ all: true }, { maxPerMinute: 6000 });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    await database.query(
      "update tpe_job set tokens = 0, tokens_at = now() + interval '1 day', creating_at = now() + interval '1 day'",
    );
    await database.query(
      "update tpe_job_execution set waiting_for = 'guard', next_at = now() + interval '1 day' where clientid = 'gw-1'",
    );
    rig.stops.length = 0;
    rig.jobs.wake();
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('ends an attempt whose time is over, whoever has it', async () => {
    await addGateways(database, 1);
    rig.run = () => new Promise(() => undefined);
    const { id } = await rig.begin({ all: true });
    await rig.until(() => rig.begun.length === 1);
    await database.query("update tpe_job_execution set deadline = now() - interval '1 second'");
    const job = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(job.counts).to.include({ TIMED_OUT: 1 });
    expect((await rig.executions(id))[0]).to.include({ isUncertain: true });
    await rig.until(() => rig.signals.get('gw-1')?.aborted === true);
  });

  it('leaves what is done in any case its time, also where that of the attempt is over', async () => {
    await addGateways(database, 2);
    let goOn: (() => void) | null = null;
    rig.run = async ({ clientid }, { onStep }) => {
      if (clientid === 'gw-2') return await new Promise(() => undefined);
      await onStep(1, FAILED.reason, 3_600_000);
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return FAILED;
    };
    const { id } = await rig.begin({ all: true });
    await rig.until(() => rig.begun.length === 2 && goOn !== null);
    await database.query("update tpe_job_execution set deadline = deadline - interval '601 seconds'");
    await rig.when(id, ({ counts }) => counts.TIMED_OUT > 0);
    goOn!();
    const job = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(job.counts).to.include({ FAILED: 1, TIMED_OUT: 1 });
  });

  it('waits again when the gateway goes offline or says "later", and gives up after twenty times', async () => {
    await addGateways(database, 2);
    rig.run = async ({ clientid }) =>
      clientid === 'gw-1' ? { waitingFor: 'offline', reason: null } : { waitingFor: 'busy', reason: null };
    const { id } = await rig.begin({ all: true });
    await rig.until(async () => (await rig.jobs.waiting(id)).offline === 1 || rig.begun.length > 5);
    rig.run = async ({ clientid }) => (clientid === 'gw-1' ? DONE : { waitingFor: 'busy', reason: null });
    await rig.until(async () => {
      await database.query(
        "update tpe_job_execution set next_at = now() where waiting_for = 'busy' and state = 'QUEUED'",
      );
      return (await rig.jobs.execution(id, 'gw-2'))?.execution.state === 'FAILED';
    });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect((await rig.jobs.execution(id, 'gw-2'))?.attempts).to.have.length(21);
  });

  it('expires where nobody listens and nothing tells when somebody does, counted from the first time, over restarts', async () => {
    await addGateways(database, 1);
    const unheard: AttemptResult = {
      waitingFor: 'offline',
      reason: commandReason('nobody-listens', { topic: 'x' }),
    };
    const wait = async () => unheard;
    const standing = (id: string) => rig.jobs.execution(id, 'gw-1');
    const untilOf = async (id: string, attempt: number) => {
      let until: string | null = null;
      await rig.until(async () => {
        const found = (await standing(id))?.execution;
        until = found?.waitingFor === 'offline' ? found.until : null;
        return until !== null && found!.attempts >= attempt;
      });
      return Date.parse(until!);
    };
    rig.run = wait;
    // It is told to be online, so that each sweep has it tried again.
    const { id } = await rig.begin({ all: true }, { offlineSeconds: 3600 });
    const first = await untilOf(id, 1);
    expect(await untilOf(id, 3)).to.equal(first);
    await rig.jobs.close();
    rig = await openJobRig(database);
    rig.run = wait;
    expect(await untilOf(id, 5)).to.equal(first);
    const ago = "started_at = started_at - interval '2 hours', ended_at = ended_at - interval '2 hours'";
    await database.query(`update tpe_job_attempt set ${ago} where job = $1::bigint`, [id]);
    const job = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(job.counts).to.include({ EXPIRED: 1 });
    const { attempts } = (await standing(id))!;
    await rig.jobs.retry(id, { which: 'one', clientid: 'gw-1' }, { by: 'me' });
    expect(await untilOf(id, attempts.length + 2), 'a new try waits anew').to.be.above(Date.now());
  });

  it('takes over what a dead manager had under way, at its step and in its attempt, with and without steps done', async () => {
    await addGateways(database, 2);
    await rig.jobs.close();
    rig = await openJobRig(database, { starts: false });
    const { id } = await rig.begin({ all: true });
    await database.query("update tpe_job set state = 'RUNNING', creator = null where id = $1::bigint", [id]);
    await database.query(
      `insert into tpe_job_execution (job, clientid, ordinal, state, site, instance, attempts, step, deadline)
       select $1::bigint, 'gw-' || no, no, 'IN_PROGRESS', '', 'dead', no, no - 1, now() + interval '1 hour'
       from generate_series(1, 2) as no`,
      [id],
    );
    await database.query(
      'insert into tpe_job_attempt (job, clientid, no) select job, clientid, attempts from tpe_job_execution',
    );
    await database.query('update tpe_job set total = 2, in_progress = 2');
    rig.jobs.start();
    const job = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(job.counts).to.include({ SUCCEEDED: 2 });
    const begun = rig.begun.map(({ clientid, attempt, step }) => [clientid, attempt, step]);
    expect(begun.toSorted()).to.deep.equal([
      ['gw-1', 1, 0],
      ['gw-2', 2, 1],
    ]);
  });

  it('takes over from a dead manager whose last heartbeat is of a clock that was set back since', async () => {
    await addGateways(database, 1);
    await rig.jobs.close();
    rig = await openJobRig(database, { starts: false });
    const { id } = await rig.begin({ all: true });
    await database.query("update tpe_job set state = 'RUNNING', creator = null, total = 1, in_progress = 1");
    await database.query(
      `insert into tpe_job_execution (job, clientid, ordinal, state, site, instance, attempts, deadline)
       values ($1::bigint, 'gw-1', 1, 'IN_PROGRESS', '', 'dead', 1, now() + interval '1 hour')`,
      [id],
    );
    await database.query(
      "insert into tpe_instance (instance, seen_at) values ('dead', now() + interval '1 day')",
    );
    await rig.jobs.start();
    expect((await rig.when(id, ({ state }) => state === 'COMPLETED')).counts).to.include({ SUCCEEDED: 1 });
  });

  it('goes on after a restart where it was, and begins nothing twice', async () => {
    await addGateways(database, 6);
    rig.run = () => new Promise(() => undefined);
    const { id } = await rig.begin({ all: true }, { maxInProgress: 3 });
    await rig.until(() => rig.begun.length === 3);
    const before = rig.begun.map(({ clientid, attempt }) => `${clientid} ${attempt}`);
    await rig.jobs.close();
    expect(await countNow(database, id)).to.deep.equal({ IN_PROGRESS: 3, QUEUED: 3 });
    rig = await openJobRig(database);
    const job = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(job.counts).to.include({ SUCCEEDED: 6 });
    const after = rig.begun.map(({ clientid, attempt }) => `${clientid} ${attempt}`);
    expect(after).to.include.members(before);
    expect(new Set(after)).to.have.property('size', 6);
  });

  it('does after a restart what is done in any case, once, where attempts were ended while they were under way', async () => {
    await addGateways(database, 2);
    await rig.jobs.close();
    const never = () => new Promise<AttemptResult>(() => undefined);
    const ends: Record<string, (id: string) => Promise<unknown>> = {
      CANCELED: (id) => rig.jobs.cancel(id, { by: 'me', force: true, confirm: '1' }),
      TIMED_OUT: () =>
        database.query(
          "update tpe_job_execution set deadline = now() - interval '1 day' where state = 'IN_PROGRESS'",
        ),
    };
    for (const [state, end] of Object.entries(ends)) {
      rig = await openJobRig(database);
      Object.assign(rig, { run: never, closesAlways: true });
      const { id } = await rig.begin({ ids: ['gw-1'] });
      await rig.until(() => rig.begun.length === 1);
      await end(id);
      await rig.when(id, ({ counts }) => counts[state as 'CANCELED'] === 1);
      const before = await rig.executions(id);
      // The stand-in leaves what it has begun, as one that is killed does.
      await rig.jobs.close();
      rig = await openJobRig(database);
      await rig.until(() => rig.begun.length === 1);
      expect(rig.begun[0]).to.deep.include({ job: id, attempt: 1, step: 0 });
      expect(rig.begun[0]?.failure).to.deep.include({ text: before[0]?.reason });
      await rig.until(() => rig.jobs.underWay() === 0);
      await rig.jobs.maintain();
      expect(rig.begun).to.have.length(1);
      expect(await rig.executions(id)).to.deep.equal(before);
      await rig.jobs.close();
    }
    rig = await openJobRig(database);
    expect(rig.begun).to.deep.equal([]);
  });

  it('goes on recording gateways where a killed process stopped', async () => {
    await addGateways(database, 700);
    await rig.jobs.close();
    rig = await openJobRig(database, { starts: false });
    const { id } = await rig.begin({ all: true });
    await database.query(
      "update tpe_job set creator = 'dead', creating_at = now() - interval '1 hour', create_cursor = null where id = $1::bigint",
      [id],
    );
    // A piece of it, whose cursor was not written.
    await database.query(
      `insert into tpe_job_execution (job, clientid, ordinal, state, waiting_for, next_at, site)
       select $1::bigint, 'gw-' || no, no, 'QUEUED', 'rate', '-infinity', '' from generate_series(1, 100) as no`,
      [id],
    );
    await database.query('update tpe_job set total = 100, queued = 100');
    rig.jobs.start();
    const job = await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(job.counts).to.include({ SUCCEEDED: 700 });
    expect(new Set(rig.begun.map(({ clientid }) => clientid))).to.have.property('size', 700);
    expect(rig.begun).to.have.length(700);
  });

  it('corrects counters that are wrong, and ends a job that nothing is open of', async () => {
    await addGateways(database, 2, { online: false });
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    await database.query('update tpe_job set queued = 7, failed = 3, updated_at = clock_timestamp()');
    await rig.when(id, ({ counts }) => counts.QUEUED === 2 && counts.FAILED === 0);
    expect(rig.faults).to.include('corrected 2');
  });

  it('has counters that equal a count after whatever happens', async () => {
    const ids = await addGateways(database, 60);
    await setPresence(database, ids.slice(40), 'offline');
    const results: AttemptResult[] = [
      ...[
        DONE,
        FAILED,
        { ...DONE, state: 'ALREADY_DONE' } as const,
        { ...FAILED, state: 'TIMED_OUT' } as const,
      ],
      ...[{ waitingFor: 'busy', reason: null } as const, { waitingFor: 'offline', reason: null } as const],
    ];
    const any = <One>(all: readonly One[]) => all[Math.floor(Math.random() * all.length)]!;
    rig.run = async () => any(results);
    const { id } = await rig.begin({ all: true }, { maxInProgress: 4, retryFailed: 1 });
    await rig.when(id, ({ state }) => state !== 'CREATING');
    const acts = [
      () => rig.jobs.pause(id, me),
      () => rig.jobs.resume(id, me),
      () => rig.jobs.resume(id, me),
      () => rig.jobs.skip(id, [any(ids)], me),
      () => rig.jobs.retry(id, { which: 'failed' }, me),
      () => rig.jobs.gatewayRetired(any(ids)),
      async () => rig.jobs.gatewayOnline([any(ids)]),
    ];
    const wrong: string[] = [];
    for (let turn = 0; turn < 60; turn += 1) {
      await any(acts)().catch((error: TpeError) => expect(error.code).to.equal('CONFLICT'));
      const [row] = await database.query<{ fits: boolean }>(
        `select queued = (select count(*) from tpe_job_execution e where e.job = job.id and e.state = 'QUEUED')
           and failed = (select count(*) from tpe_job_execution e where e.job = job.id and e.state = 'FAILED')
           and in_progress = (select count(*) from tpe_job_execution e where e.job = job.id and e.state = 'IN_PROGRESS')
           and removed = (select count(*) from tpe_job_execution e where e.job = job.id and e.state = 'REMOVED') as fits
         from tpe_job job where id = $1::bigint`,
        [id],
      );
      if (!row!.fits) wrong.push(String(turn));
    }
    expect(wrong).to.deep.equal([]);
    expect(rig.faults).to.deep.equal([]);
  });
});

eachDatabase('jobs: more than one manager', (open) => {
  if (open.kind === 'pglite') return;

  it('share one rate, and begin no gateway twice', async () => {
    const options = await open.options();
    const databases = [await openDatabase(options), await openDatabase(options)];
    const rigs = [
      await openJobRig(databases[0]!, { instance: 'one' }),
      await openJobRig(databases[1]!, { instance: 'two' }),
    ];
    const [database, one] = [databases[0]!, rigs[0]!];
    await database.query(
      "insert into tpe_instance (instance, seen_at) values ('one', now() + interval '1 hour'), ('two', now() + interval '1 hour')",
    );
    await addGateways(database, 60);
    const begun = () => rigs.flatMap((rig) => rig.begun.map(({ clientid }) => clientid));
    const wake = () => rigs.forEach(({ jobs }) => void jobs.wake());
    // Its bucket holds one token, and gets one in ten minutes, which do not pass here.
    const { id } = await one.begin({ all: true }, { maxPerMinute: 0.1 });
    for (let tokens = 1; tokens <= 20; tokens += 1) {
      wake();
      await one.until(() => begun().length >= tokens);
      await database.query(
        "update tpe_job set tokens_at = tokens_at - interval '10 minutes' where id = $1::bigint and state = 'RUNNING'",
        [id],
      );
    }
    await database.query('update tpe_job set tokens = 0, tokens_at = now() where id = $1::bigint', [id]);
    // Jobs are looked at in their order: whoever begins this one has looked at the one before.
    const behind = await one.begin({ filter: { site: 'site-1' } }, { maxPerMinute: 6000 });
    await one.when(behind.id, ({ state }) => state === 'COMPLETED');
    const attempts = await database.query<{ job: string; clientid: string }>(
      'select job::text as job, clientid from tpe_job_attempt',
    );
    const own = attempts.filter(({ job }) => job === id).map(({ clientid }) => clientid);
    expect(own.length).to.be.within(20, 21);
    expect(new Set(own)).to.have.property('size', own.length);
    expect(begun()).to.have.length(attempts.length);
    await one.jobs.pause(id, me);
    for (const rig of rigs) await rig.jobs.close();
    for (const each of databases) await each.close();
  });

  it('tell of what another one did, also where its message was lost', async () => {
    const options = await open.options();
    const databases = [await openDatabase(options), await openDatabase(options)];
    const worker = await openJobRig(databases[0]!, { instance: 'worker' });
    // After its first look it leaves the job to the other one: who closes a job has the news of it from itself.
    const timing = { leastMs: NEVER, lookMs: NEVER };
    const watcher = await openJobRig(databases[1]!, { instance: 'watcher', timing });
    const ids = await addGateways(databases[0]!, 520);
    // No message of the worker comes through here.
    const { id } = await watcher.begin({ ids: [...ids, 'nobody'] });
    worker.jobs.wake();
    await worker.when(id, ({ state }) => state === 'COMPLETED');
    expect(watcher.told.some(({ job }) => job.state === 'COMPLETED')).to.equal(false);
    await watcher.jobs.maintain();
    await watcher.until(() => watcher.told.at(-1)?.job.state === 'COMPLETED');
    const news = watcher.told.length;
    await watcher.jobs.maintain();
    expect(watcher.told.length, 'once').to.equal(news);
    const pages = [await watcher.jobs.decided(id, 0)];
    while (pages.at(-1)!.isMore) pages.push(await watcher.jobs.decided(id, pages.at(-1)!.upTo));
    expect(pages).to.have.length(2);
    const decided = pages.flatMap(({ items }) => items);
    expect(decided.map(({ clientid }) => clientid).toSorted()).to.deep.equal([...ids, 'nobody'].toSorted());
    const { upTo } = pages.at(-1)!;
    expect(await watcher.jobs.decided(id, upTo)).to.deep.equal({ items: [], upTo, isMore: false });
    expect(await watcher.jobs.decided(id, null)).to.deep.equal({ items: [], upTo, isMore: false });
    expect(await refusalOf(watcher.jobs.decided('404', 0))).to.include({ code: 'NOT_FOUND' });
    for (const rig of [worker, watcher]) await rig.jobs.close();
    for (const one of databases) await one.close();
  });

  it('let only one of two decide an attempt, of which the other was believed dead', async () => {
    const options = await open.options();
    const databases = [await openDatabase(options), await openDatabase(options)];
    const dead = await openJobRig(databases[0]!, { instance: 'dead' });
    await addGateways(databases[0]!, 1);
    let wakes: ((result: AttemptResult) => void) | null = null;
    dead.run = () =>
      new Promise((resolve) => {
        wakes = resolve;
      });
    const { id } = await dead.begin({ all: true });
    await dead.until(() => wakes !== null);
    const other = await openJobRig(databases[1]!, { instance: 'other' });
    await other.when(id, ({ state }) => state === 'COMPLETED');
    wakes!(FAILED);
    await dead.jobs.close();
    expect(await countNow(databases[0]!, id)).to.deep.equal({ SUCCEEDED: 1 });
    expect(other.begun[0]).to.include({ attempt: 1 });
    await other.jobs.close();
    for (const one of databases) await one.close();
  });

  it('leave alone what another one has taken over', async () => {
    const options = await open.options();
    const databases = [await openDatabase(options), await openDatabase(options)];
    const back = await openJobRig(databases[0]!, { instance: 'back' });
    const never = () => new Promise<AttemptResult>(() => undefined);
    back.run = never;
    await addGateways(databases[0]!, 2);
    const { id } = await back.begin({ all: true });
    await back.until(() => back.begun.length === 2);
    await databases[0]!.query(
      "insert into tpe_instance (instance, seen_at) values ('other', now() + interval '1 hour')",
    );
    const other = await openJobRig(databases[1]!, { instance: 'other', starts: false });
    const ends: ((result: AttemptResult) => void)[] = [];
    other.run = () => new Promise((resolve) => ends.push(resolve));
    await other.jobs.start();
    await other.until(() => ends.length === 2);
    await back.jobs.maintain();
    await back.until(() => back.jobs.underWay() === 0);
    for (const clientid of ['gw-1', 'gw-2']) {
      // Whatever it has begun there stays.
      expect(back.signals.get(clientid)?.reason).to.be.instanceOf(TpeError);
      expect(other.signals.get(clientid)?.aborted).to.equal(false);
    }
    for (const end of ends) end(DONE);
    await other.when(id, ({ state }) => state === 'COMPLETED');
    for (const rig of [back, other]) await rig.jobs.close();
    for (const one of databases) await one.close();
  });

  it('do in any case what a dead one owes, and leave alone what one that lives is at', async () => {
    const options = await open.options();
    const databases = [await openDatabase(options), await openDatabase(options)];
    const dead = await openJobRig(databases[0]!, { instance: 'dead' });
    const other = await openJobRig(databases[1]!, { instance: 'other' });
    Object.assign(dead, { run: () => new Promise(() => undefined), closesAlways: true });
    const lives = (agoS: number) =>
      databases[0]!.query(
        `insert into tpe_instance (instance, seen_at) values ('dead', now() - make_interval(secs => $1::integer))
         on conflict (instance) do update set seen_at = excluded.seen_at`,
        [agoS],
      );
    await lives(0);
    await addGateways(databases[0]!, 1);
    const { id } = await dead.begin({ all: true });
    await dead.until(() => dead.begun.length === 1);
    await dead.jobs.cancel(id, { by: 'me', force: true, confirm: '1' });
    await other.when(id, ({ state }) => state === 'CANCELED');
    await other.jobs.maintain();
    expect(other.begun).to.deep.equal([]);
    await lives(3600);
    for (let times = 0; times < 2; times += 1) {
      await other.jobs.maintain();
      await other.until(() => other.jobs.underWay() === 0);
    }
    expect(other.begun.map(({ clientid, attempt }) => [clientid, attempt])).to.deep.equal([['gw-1', 1]]);
    expect(await countNow(databases[0]!, id)).to.deep.equal({ CANCELED: 1 });
    for (const rig of [dead, other]) await rig.jobs.close();
    for (const one of databases) await one.close();
  });

  it('wait for no row of a third job that somebody holds', async () => {
    const options = await open.options();
    const databases = [await openDatabase(options), await openDatabase(options)];
    const rig = await openJobRig(databases[0]!);
    await addGateways(databases[0]!, 1);
    let end: ((result: AttemptResult) => void) | null = null;
    rig.run = () =>
      new Promise((resolve) => {
        end = resolve;
      });
    const first = await rig.begin({ all: true });
    await rig.until(() => end !== null);
    const others = [await rig.begin({ all: true }), await rig.begin({ all: true })];
    for (const { id } of others) await rig.until(async () => (await rig.jobs.waiting(id)).busy === 1);
    rig.run = async () => DONE;
    await databases[1]!.transaction(async (transaction) => {
      await transaction.query('select from tpe_job_execution where job = $1::bigint for update', [
        others[1]!.id,
      ]);
      end!(DONE);
      await rig.when(first.id, ({ state }) => state === 'COMPLETED');
    });
    await rig.jobs.close();
    for (const one of databases) await one.close();
  });
});
