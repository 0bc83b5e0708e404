import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { eachDatabase } from '../support/databases.js';
import type { ManagerProcess } from '../support/manager-process.js';
import type { Received, Says } from './counting-gateway.js';
import { expectSameCounts } from './job-proof.js';
import { type GivenJob, type JobSite, openJobSite, PER_SITE } from './job-site.js';

/** Few in the usual tests, many with `npm run test:faults`. */
const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 4);
const GATEWAYS = Array.from({ length: 9 }, (_, index) => `gw-${index}`);
const INSTANCES = ['one', 'two', 'three'];
const any = <One>(all: readonly One[]) => all[Math.floor(Math.random() * all.length)]!;

/** Nothing of a POST may be done twice, however often the job allows that it is tried again. */
const RETRY = { failed: 3, timedOut: 3, backoffSeconds: 1 };
const post = (stamp: string, path = '/events') => ({
  ...{ path, method: 'POST', check: 'warn', timeoutSeconds: 2 },
  requestBody: { stamp: `{{job.id}} ${stamp}` },
});
const JOBS: Record<string, GivenJob> = {
  'one command': { name: 'one', do: { command: post('once') }, targets: { all: true }, retry: RETRY },
  steps: {
    name: 'steps',
    do: {
      steps: [
        { name: 'a', command: post('a') },
        {
          name: 'look',
          readUntil: {
            path: '/device/time',
            pointer: '/data',
            equals: 'ok',
            withinSeconds: 5,
            everySeconds: 1,
          },
        },
        { name: 'b', command: post('b') },
        { name: 'z', always: true, command: post('z') },
      ],
    },
    targets: { all: true },
    retry: RETRY,
  },
  'what disturbs': {
    name: 'disturbs',
    do: { command: post('once', '/unheard/of') },
    targets: { all: true },
    retry: RETRY,
  },
};

/** Most answer in time; some refuse, and some are silent. */
const says: Says = ({ method }) => {
  const luck = Math.random();
  const afterMs = Math.random() * 300;
  if (method === 'GET' || luck > 0.1) return { afterMs };
  return luck > 0.05 ? { state: 500, afterMs } : null;
};

const COUNTED_WRONGLY = `
  select job.id from tpe_job job left join lateral (
    select count(*) as total, count(*) filter (where state = 'QUEUED') as queued,
      count(*) filter (where state = 'IN_PROGRESS') as in_progress, count(*) filter (where state = 'SUCCEEDED') as succeeded,
      count(*) filter (where state = 'FAILED') as failed, count(*) filter (where state = 'TIMED_OUT') as timed_out
    from tpe_job_execution execution where execution.job = job.id) as found on true
  where (job.total, job.queued, job.in_progress, job.succeeded, job.failed, job.timed_out)
    <> (found.total, found.queued, found.in_progress, found.succeeded, found.failed, found.timed_out)`;

/** Nobody waits half a minute for a slot or a busy gateway here. */
const HURRY = `
  update tpe_job_execution set next_at = now() where (job, clientid) in (
    select job, clientid from tpe_job_execution
    where state = 'QUEUED' and waiting_for in ('guard', 'busy', 'stop') and next_at > now() for update skip locked)`;

eachDatabase(`jobs: managers are killed at any time, ${ROUNDS} times`, (open) => {
  let site: JobSite;
  const isShared = open.kind === 'postgresql';
  const wrong: string[] = [];
  const watching = new AbortController();
  let watch: Promise<void> = Promise.resolve();
  let kills = 0;

  before(async () => {
    const instances = isShared ? INSTANCES : ['one'];
    site = await openJobSite(await open.options(), { instances, gateways: GATEWAYS });
    for (const gateway of site.gateways.values()) gateway.says = says;
    if (isShared) watch = watchCounts().catch((error) => void wrong.push(String(error)));
  });
  after(async () => {
    watching.abort();
    await watch;
    await site?.close();
  });

  /** At each moment, the counters are what a count gives: both change in one transaction. */
  async function watchCounts(): Promise<void> {
    while (!watching.signal.aborted) {
      for (const { id } of await site.sql<{ id: number }>(COUNTED_WRONGLY)) wrong.push(`job ${id}`);
      await site.sql(HURRY);
      await delay(100);
    }
  }

  async function killAndRestart(manager: ManagerProcess, restMs: number): Promise<void> {
    kills += 1;
    await manager.kill();
    await delay(restMs);
    await manager.begin();
  }

  /** Until the job is over; what stops for failures, a person has go on. */
  async function untilOver(id: string): Promise<void> {
    await site.until(`job ${id} to be over`, async () => {
      const job = await site.ask((manager) => manager.jobs('get', id));
      if (job?.state === 'PAUSED') {
        await site.ask((manager) => manager.jobs('resume', id, { by: 'test' })).catch(() => undefined);
      }
      return job?.state === 'COMPLETED';
    });
  }

  async function killAtRandom(): Promise<void> {
    const chosen = site.managers.filter(() => Math.random() < 0.6);
    await Promise.all(
      (chosen.length > 0 ? chosen : [any(site.managers)]).map(async (manager) => {
        await delay(Math.random() * 1500);
        await killAndRestart(manager, Math.random() * 300);
      }),
    );
  }

  /** One does not come back: the others find its heartbeat old, and go on with what it had. */
  async function killForLong(id: string): Promise<void> {
    const dead = any(site.managers);
    await delay(Math.random() * 1000);
    kills += 1;
    await dead.kill();
    await site.sql("update tpe_instance set seen_at = now() - interval '10 minutes' where instance = $1", [
      dead.instance,
    ]);
    await untilOver(id);
    await dead.begin();
  }

  /** No request came twice, and no POST of an execution, since none of them can be repeated. */
  function expectNothingTwice(): void {
    const keys = site.received.flatMap((request) => [
      request.requestId,
      ...(request.method === 'POST' ? [`${request.clientid} ${stampOf(request)}`] : []),
    ]);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).to.deep.equal([]);
  }

  /** On PGlite nobody can hurry those that wait for a slot, so one alone does. */
  const jobs: Record<string, GivenJob> = isShared
    ? JOBS
    : {
        ...JOBS,
        'what disturbs': { ...JOBS['what disturbs']!, targets: { ids: ['gw-0', 'gw-1', 'gw-3', 'gw-6'] } },
      };
  const names = Object.keys(jobs);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const name = round <= names.length ? names[round - 1]! : any(names);
    const isLong = isShared && round % 3 === 0;
    it(`round ${round}: ${name}${isLong ? ', and one stays dead' : ''}`, async () => {
      const beginning = site.begin(jobs[name]!);
      const id = isLong ? await beginning : '';
      await (isLong ? killForLong(id) : killAtRandom());
      await untilOver(await beginning);
      expectNothingTwice();
      await expectSameCounts(site, await beginning);
      expect(wrong, 'counters that differed from a count').to.deep.equal([]);
    });
  }

  it('every request of a gateway that counted as done was received, and no slot is held any more', async () => {
    await site.until('all slots to come back', async () => {
      const { items } = await site.ask((manager) => manager.call<{ items: unknown[] }>('guard', 'holds', {}));
      return items.length === 0;
    });
    expect(tooManyAtOnce(site.received), 'gateways of one site that were disturbed at once').to.deep.equal(
      [],
    );
    const received = new Set(site.received.map((one) => `${one.clientid} ${stampOf(one)}`));
    watching.abort();
    await watch;
    await Promise.all(site.managers.map((manager) => manager.kill()));
    const done = await site.sql<{ job: number; clientid: string }>(
      "select job, clientid from tpe_job_execution where state = 'SUCCEEDED'",
    );
    const lost = done.filter(({ job, clientid }) =>
      ['once', 'z'].every((stamp) => !received.has(`${clientid} ${job} ${stamp}`)),
    );
    expect(lost).to.deep.equal([]);
    const open = await site.sql(
      "select job, clientid, state from tpe_job_execution where state in ('QUEUED', 'IN_PROGRESS')",
    );
    expect(open).to.deep.equal([]);
    console.log(`      kills: ${kills}, requests: ${site.received.length}, done: ${done.length}, twice: 0`);
  });
});

function stampOf({ requestBody }: Received): string {
  return (requestBody as { stamp?: string } | null)?.stamp ?? '';
}

/** Pairs of gateways of one site that were asked for what disturbs while the other had not answered yet. */
function tooManyAtOnce(received: readonly Received[]): string[] {
  const disturbing = received.filter(({ path, answeredAt }) => path === '/unheard/of' && answeredAt !== null);
  const siteOf = ({ clientid }: Received) => Math.floor(GATEWAYS.indexOf(clientid) / PER_SITE);
  return disturbing.flatMap((one) =>
    disturbing
      .filter((other) => siteOf(other) === siteOf(one) && other.clientid !== one.clientid)
      .filter((other) => other.at >= one.at && other.at < one.answeredAt!)
      .map((other) => `${other.clientid} while ${one.clientid}`),
  );
}
