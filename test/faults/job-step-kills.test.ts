import { expect } from 'chai';
import type { Job } from '../../nodes/manager/jobs/job.js';
import type { Installation } from '../../nodes/manager/updates/install/installation.js';
import { eachDatabase } from '../support/databases.js';
import type { DeathPoint } from '../support/death-point.js';
import { patience } from '../support/patience.js';
import type { Received } from './counting-gateway.js';
import { expectSameCounts } from './job-proof.js';
import { killSite } from './kill-site.js';
import { beUpgradable, TO_1_6 } from './upgradable-gateway.js';

const GATEWAY = 'gw-1';
/** The time that an answer has to leave before the gateway goes, ms. */
const PARTING_MS = 50;
/** Repeats are allowed, so that only what must not be done twice keeps it from them. */
const GIVEN = { targets: { ids: [GATEWAY] }, retry: { failed: 3, timedOut: 3, backoffSeconds: 1 } };
const INSTALL = { ...GIVEN, name: 'install', do: { install: { packages: [TO_1_6], snapshot: false } } };
const REBOOT = {
  ...{ path: '/system/reboot', method: 'PUT', requestBody: { now: true } },
  ...{ check: 'warn', untilWell: true, timeoutSeconds: 2 },
};
/** A restart could be repeated where its author allows that. */
const RESTART = {
  ...{ ...GIVEN, name: 'restart', do: { command: REBOOT } },
  retry: { failed: 3, timedOut: 0, backoffSeconds: 1 },
};
const SET = {
  ...{ path: '/events', method: 'POST', requestBody: { value: 'new' } },
  ...{ check: 'warn', timeoutSeconds: 2 },
};
const SET_ANSWER = { payload: { data: 'taken' } };
const VERIFY = { path: '/device/time', pointer: '/data', equals: 'new', withinSeconds: 20, everySeconds: 1 };
const VERIFIED = {
  ...GIVEN,
  name: 'verified',
  do: { steps: [{ name: 'set', command: SET, verify: VERIFY }] },
};

/** Statements of the engine, by what they do. */
const command = (path: string) => `insert into tpe_command .*"${path}"`;
const sent = String.raw`insert into tpe_command .*\d+/1/0/send`;
/** An answer with this in its payload. */
const answered = (payload: string) => `set state = case when answer.status between .*${payload}`;
const CHECKPOINT = 'set step = saved.step';
const DECIDE = 'failed_tries = execution.failed_tries';
const BEGUN = 'insert into tpe_installation';
const installing = (what: string) => String.raw`set state = saved\.state.*\["${what}"\]`;

eachDatabase('jobs: killed within a step that takes long', (open) => {
  const rig = killSite(open, { gateways: [GATEWAY], isTakenOver: true });

  const gateway = () => rig.gateway(GATEWAY);
  const isOnline = async () =>
    (await rig.manager.call<{ online: number }>('registry', 'counts', {})).online === 1;
  const sentTo = (path: string, method: string) =>
    rig.site.received.filter((one) => one.path === path && one.method === method);
  const executionOf = (id: string) => rig.manager.jobs('execution', id, GATEWAY);

  async function expectDone(job: Job): Promise<void> {
    const found = await executionOf(job.id);
    expect(job, JSON.stringify(found)).to.include({ outcome: 'SUCCEEDED' });
    expect(found?.execution, JSON.stringify(found)).to.include({ state: 'SUCCEEDED', isUncertain: false });
    await expectSameCounts(rig.site, job.id);
    await rig.untilNoSlots();
  }

  describe('an installation', () => {
    /** Installations of tests before. */
    let known: Set<string>;
    const listed = () => rig.manager.call<Installation[]>('installations', 'list', { clientid: GATEWAY });

    beforeEach(async () => {
      known = new Set((await listed()).map(({ id }) => id));
      beUpgradable(gateway());
    });

    async function expectInstalled(job: Job): Promise<void> {
      await expectDone(job);
      const all = (await listed()).filter(({ id }) => !known.has(id));
      expect(all.map(({ state }) => state)).to.deep.equal(['SUCCEEDED']);
      expect(all[0]!.after, JSON.stringify(all)).to.include({ firmwareVersion: '1.6.0' });
      expect(sentTo('/upgrades', 'POST'), 'requests for the upgrade').to.have.length(1);
      expect(sentTo('/system/reboot', 'PUT'), 'requests to restart').to.have.length(1);
    }

    const points: Record<string, DeathPoint> = {
      'recorded, the job not knowing it': { matches: BEGUN, when: 'committed' },
      'the upgrade created, its id not noted': { matches: answered('created'), when: 'committed' },
      'in the step "download"': { matches: installing('download'), when: 'committed' },
      'told to restart as far as is recorded, but not in fact': {
        ...{ matches: command('/system/reboot'), when: 'committed' },
      },
      'in the step "reconnect"': { matches: installing('reconnect'), when: 'committed' },
      'ended, the execution not moved': { matches: installing('SUCCEEDED'), when: 'committed' },
    };
    /** The same statements on PGlite, whose manager takes long to begin again. */
    const more: Record<string, DeathPoint> = {
      'about to be recorded': { matches: BEGUN, when: 'before' },
      'about to ask for the upgrade': { matches: command('/upgrades'), when: 'before', no: 2 },
      'in the step "start"': { matches: installing('start'), when: 'committed' },
      'in the step "install"': { matches: installing('install'), when: 'committed' },
      'in the step "reboot"': { matches: installing('reboot'), when: 'committed' },
      'about to tell it to restart': { matches: command('/system/reboot'), when: 'before' },
      'in the step "verify"': { matches: installing('verify'), when: 'committed' },
      'about to move the execution': { matches: DECIDE, when: 'before' },
    };
    const chosen = open.kind === 'postgresql' ? { ...points, ...more } : points;
    for (const [where, point] of Object.entries(chosen)) {
      it(`${where}: it goes on, and the gateway is asked once`, async () => {
        await expectInstalled(await rig.over(INSTALL, point));
      });
    }
  });

  describe('a command until the gateway is well', () => {
    /** Restarts when it is told to, and stays away until the test has it come back. */
    function leavesWhenTold(answers: boolean): void {
      const one = gateway();
      one.says = ({ method }) => {
        if (method === 'GET') return { payload: { data: [] } };
        setTimeout(() => one.leave(), PARTING_MS);
        return answers ? { payload: { data: 'going' } } : null;
      };
    }

    async function untilGone(): Promise<void> {
      await rig.site.until('it to be away', async () => {
        return sentTo('/system/reboot', 'PUT').length === 1 && !(await isOnline());
      });
    }

    /** It has not ended while the gateway is away. Resolves with the time at which it is let back. */
    async function goesOnUntilBack(id: string): Promise<number> {
      await rig.site.until('the execution to go on', async () => {
        const found = await executionOf(id);
        expect(found?.execution.state, JSON.stringify(found)).to.equal('IN_PROGRESS');
        if (open.kind === 'pglite') return true;
        const mine = 'select from tpe_job_execution where job = $1::bigint and instance = $2';
        return (await rig.site.sql(mine, [id, rig.manager.instance])).length === 1;
      });
      const at = Date.now();
      gateway().comeBack();
      return at;
    }

    async function expectOver(id: string, backAt: number): Promise<void> {
      await expectDone(await rig.whenOver(id));
      const found = await executionOf(id);
      expect(Date.parse(found!.execution.endedAt!), 'over when it was back').to.be.at.least(backAt);
      expect(sentTo('/system/reboot', 'PUT')).to.have.length(1);
    }

    it('the gateway is away, its answer stored: it is waited for, and not told again', async () => {
      leavesWhenTold(true);
      const id = await rig.site.begin(RESTART);
      await untilGone();
      await rig.succeed();
      await expectOver(id, await goesOnUntilBack(id));
    });

    it('the gateway is away, without an answer: it is waited for, and not told again', async () => {
      leavesWhenTold(false);
      const id = await rig.site.begin(RESTART);
      await untilGone();
      await rig.succeed();
      const backAt = await goesOnUntilBack(id);
      if (open.kind === 'postgresql') return await expectOver(id, backAt);
      // With the broker in the manager, each gateway comes back anew.
      await rig.whenOver(id);
      const found = await executionOf(id);
      expect(found?.execution, JSON.stringify(found)).to.include({ state: 'TIMED_OUT', isUncertain: true });
      expect(sentTo('/system/reboot', 'PUT')).to.have.length(1);
    });

    it('the answer is stored, the gateway has not yet gone: it is waited for, and not told again', async () => {
      leavesWhenTold(true);
      const id = await rig.beginAndDie(RESTART, { matches: answered('going'), when: 'committed' });
      await untilGone();
      await expectOver(id, await goesOnUntilBack(id));
    });

    it('well again, the execution not moved: it is moved', async () => {
      gateway().says = ({ method }) => (method === 'GET' ? { payload: { data: [] } } : {});
      await expectDone(await rig.over(RESTART, { matches: DECIDE, when: 'before' }));
      expect(sentTo('/system/reboot', 'PUT')).to.have.length(1);
    });

    it('recorded as sent, not published: that it connected anew with the manager is no proof of a restart', async () => {
      const job = await rig.over(RESTART, { matches: sent, when: 'committed' });
      const found = await executionOf(job.id);
      expect(sentTo('/system/reboot', 'PUT')).to.have.length(0);
      expect(found?.execution, JSON.stringify(found)).to.include({ state: 'TIMED_OUT', isUncertain: true });
    });
  });

  describe('a command that is read back', () => {
    let value: string;
    /** Whether it answers when it is asked for the value. */
    let tells: boolean;
    let answersPost: boolean;
    const isRead = ({ path }: Received) => path === VERIFY.path;
    const posts = () => sentTo(SET.path, 'POST');

    beforeEach(() => {
      [value, tells, answersPost] = ['old', true, true];
      gateway().says = ({ method }) => {
        if (method === 'GET') return tells ? { payload: { data: value } } : null;
        value = 'new';
        return answersPost ? SET_ANSWER : null;
      };
    });

    const points: Record<string, DeathPoint> = {
      'looked at before, not sent': { matches: sent, when: 'before' },
      'answered, not read back': { matches: answered('taken'), when: 'committed' },
      'about to ask for the value': { matches: command(VERIFY.path), when: 'before', no: 2 },
      'read back, the execution not moved': { matches: DECIDE, when: 'before' },
      'the step begun, nothing asked': { matches: CHECKPOINT, when: 'committed' },
    };
    for (const [where, point] of Object.entries(points)) {
      it(`${where}: it is sent once, and read back`, async () => {
        await expectDone(await rig.over(VERIFIED, point));
        expect(posts()).to.have.length(1);
      });
    }

    it('while the gateway is asked for the value: it is asked anew, and nothing is sent again', async () => {
      gateway().says = ({ method }) => {
        if (method === 'GET') return tells ? { payload: { data: value } } : null;
        [value, tells] = ['new', false];
        return SET_ANSWER;
      };
      const id = await rig.site.begin(VERIFIED);
      await rig.site.until('the second question', () => rig.site.received.filter(isRead).length === 2);
      const open = rig.site.received.findLast(isRead)!;
      await rig.succeed();
      tells = true;
      await rig.site.until('the gateway to be back', () => gateway().connected());
      // Late, and nobody waits for it any more; else the next one would wait behind it.
      gateway().answer(open, 200, { data: 'old' });
      await expectDone(await rig.whenOver(id));
      expect(posts()).to.have.length(1);
    });

    it('carried out, the answer lost with the manager: the value proves it, and nothing is sent again', async () => {
      answersPost = false;
      const id = await rig.site.begin(VERIFIED);
      await rig.site.until('the request', () => posts().length === 1);
      await rig.succeed();
      await expectDone(await rig.whenOver(id));
      expect(posts()).to.have.length(1);
    });

    it('recorded as sent, not published: the value proves that it was not, so it is sent', async () => {
      await expectDone(await rig.over(VERIFIED, { matches: sent, when: 'committed' }));
      expect(posts()).to.have.length(1);
    });

    it('carried out, and the value is another one: FAILED, and nothing is sent again', async () => {
      gateway().says = ({ method }) => (method === 'GET' ? { payload: { data: 'old' } } : SET_ANSWER);
      const verify = { ...VERIFY, withinSeconds: Math.ceil(patience(3)) };
      const steps = [{ name: 'set', command: SET, verify }];
      const job = await rig.over(
        { ...VERIFIED, do: { steps } },
        { matches: answered('taken'), when: 'committed' },
      );
      expect(job.counts).to.include({ FAILED: 1 });
      expect(posts()).to.have.length(1);
    });
  });
});
