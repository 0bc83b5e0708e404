import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { opener } from '../support/databases.js';
import type { DeathPoint } from '../support/death-point.js';
import type { ManagerProcess } from '../support/manager-process.js';
import { patience } from '../support/patience.js';
import { expectSameCounts, postsOf } from './job-proof.js';
import { type JobSite, openJobSite } from './job-site.js';

const ONCE = {
  name: 'once',
  do: {
    command: {
      ...{ path: '/events', method: 'POST', check: 'warn', timeoutSeconds: 2 },
      requestBody: { stamp: 'once' },
    },
  },
  targets: { all: true },
  retry: { failed: 3, timedOut: 3, backoffSeconds: 1 },
};
const COMMAND = String.raw`insert into tpe_command .*\d+/1/0/send`;
/** After so long a manager asks whether it still has a command, ms. */
const LONG_PAUSE_MS = 31_000;

describe('jobs: a manager stands still, is believed to be dead, and wakes up', () => {
  const open = opener('postgresql');
  let site: JobSite;
  let sleeper: ManagerProcess;

  beforeEach(async () => {
    site = await openJobSite(await open.options(), {
      ...{ instances: ['sleeper', 'other'], gateways: ['gw-1'], isHeardByAll: true },
    });
    sleeper = site.managers[0]!;
  });
  afterEach(() => site?.close());

  const isOver = async (manager: ManagerProcess, id: string) =>
    (await manager.jobs('get', id))?.state === 'COMPLETED';

  /** The others find that the sleeper is dead. */
  async function age(): Promise<void> {
    await site.sql(
      "update tpe_instance set seen_at = now() - interval '10 minutes' where instance = 'sleeper'",
    );
  }

  /** The sleeper begins the job and stands still at the point; the other one has it then. Resolves with the job when it is decided. */
  async function decidedByOther(point: Omit<DeathPoint, 'how'>): Promise<string> {
    const [, other] = site.managers;
    await other!.kill();
    await sleeper.kill();
    await sleeper.begin({ ...point, how: 'pause' });
    const { id } = await sleeper.jobs('create', ONCE, { by: 'test' });
    // It may stand still before it answers.
    void sleeper.jobs('submit', id, { by: 'test' }).catch(() => undefined);
    await site.until('the sleeper to have begun', async () => {
      const [row] = await site.sql("select 1 from tpe_job_execution where state = 'IN_PROGRESS'");
      return row !== undefined;
    });
    await delay(1000);
    await age();
    await other!.begin();
    await site.until('the other one to decide', async () => await isOver(other!, id));
    return id;
  }

  async function wakeUp(id: string): Promise<void> {
    sleeper.goOn();
    await site.until('the sleeper to know', async () => await isOver(sleeper, id));
    await delay(1000);
    await expectSameCounts(site, id);
  }

  it('before it records the command: the other one sends it, and it is not sent again', async () => {
    const id = await decidedByOther({ matches: COMMAND, when: 'before' });
    expect(postsOf(site.received, 'gw-1')).to.deep.equal(['once']);
    await wakeUp(id);
    expect(postsOf(site.received, 'gw-1')).to.deep.equal(['once']);
    expect((await sleeper.jobs('get', id))?.counts).to.include({ SUCCEEDED: 1 });
  });

  it('before it publishes what it has recorded: it does not send what was decided meanwhile', async () => {
    const id = await decidedByOther({ matches: COMMAND, when: 'committed' });
    await delay(LONG_PAUSE_MS);
    await wakeUp(id);
    expect(postsOf(site.received, 'gw-1')).to.deep.equal([]);
    expect((await sleeper.jobs('get', id))?.counts).to.include({ TIMED_OUT: 1 });
  });

  it('while it waits for the answer: the other one takes that and decides, and its own decision changes nothing', async () => {
    const gateway = site.gateways.get('gw-1')!;
    gateway.says = () => null;
    const [, other] = site.managers;
    await other!.kill();
    const command = { ...ONCE.do.command, timeoutSeconds: Math.ceil(patience(60)) };
    const id = await site.begin({ ...ONCE, do: { command } });
    const request = await site.nextRequest(({ method }) => method === 'POST');
    sleeper.pause();
    await age();
    await other!.begin();
    gateway.answer(request);
    await site.until('the other one to decide', async () => await isOver(other!, id));
    await wakeUp(id);
    expect(postsOf(site.received, 'gw-1')).to.deep.equal(['once']);
    const found = await sleeper.jobs('execution', id, 'gw-1');
    expect(found?.execution).to.include({ state: 'SUCCEEDED', attempts: 1 });
  });
});
