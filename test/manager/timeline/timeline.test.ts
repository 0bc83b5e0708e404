import { expect } from 'chai';
import type { Alarm } from '../../../nodes/manager/alarms/alarm.js';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { createTimeline } from '../../../nodes/manager/timeline/create-timeline.js';
import type { Timeline, TimelineEntry } from '../../../nodes/manager/timeline/timeline.js';
import { TIMELINE_KINDS } from '../../../nodes/manager/timeline/timeline-kinds.js';
import { eachDatabase } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { type Past, pastOf } from '../../support/past-of-gateway.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

eachDatabase('timeline', (open) => {
  let database: Database;
  let timeline: Timeline;
  let alarms: Alarm[];
  let gw: Past;
  const start = Date.now() - 5 * HOUR;

  before(async () => {
    database = await open();
    const registry = createRegistry(database);
    timeline = createTimeline({
      database,
      catalogue: TPE_OPERATIONS,
      device: registry.get,
      alarms: async () => alarms,
    });
    await registry.register({ clientid: 'gw' });
    await registry.register({ clientid: 'other' });
  });
  after(() => database.close());
  beforeEach(async () => {
    alarms = [];
    for (const table of [
      'presence_event',
      'command',
      'installation',
      'alarm',
      'audit',
      'job',
      'job_execution',
    ]) {
      await database.execute(`delete from tpe_${table}`);
    }
    gw = pastOf(database, 'gw');
  });

  const list = async (query = {}) => (await timeline.list('gw', query)).items;
  const shortOf = ({ kind, what, state }: TimelineEntry) => [kind, state, what];

  /** A day with something of everything. */
  async function everything() {
    await gw.online(start);
    await gw.command(start + MINUTE, { path: '/device/general' });
    await gw.edit(start + 2 * MINUTE, 'gateway.change', { site: 'Bochum', addTags: ['a'] });
    const job = await gw.job(start + 3 * MINUTE, start + 30 * MINUTE, 'Nightly reboot');
    const reboot = {
      method: 'PUT',
      path: '/system/reboot',
      risk: 'disruptive',
      execution: `${job}/1/0/send`,
    };
    const requestId = await gw.command(start + 4 * MINUTE, reboot);
    await gw.offline(start + 5 * MINUTE, 'keepalive timeout');
    await gw.alarm(start + 6 * MINUTE, start + 12 * MINUTE);
    await gw.online(start + 12 * MINUTE);
    await gw.installation(start + 40 * MINUTE);
    return { job, requestId };
  }

  it('has all that happened to a gateway, newest first, and nothing of others', async () => {
    await everything();
    await pastOf(database, 'other').offline(start + HOUR);
    expect((await list()).map(shortOf)).to.deep.equal([
      ['installation', 'SUCCEEDED', '2.5.0'],
      ['presence', 'online', ''],
      ['alarm', 'critical', 'offline'],
      ['presence', 'offline', ''],
      ['command', 'SUCCEEDED', 'PUT /system/reboot'],
      ['job', 'SUCCEEDED', 'Nightly reboot'],
      ['edit', 'done', 'gateway.change'],
      ['command', 'SUCCEEDED', 'GET /device/general'],
      ['presence', 'online', ''],
    ]);
    const edit = (await list({ kinds: ['edit'] }))[0];
    expect(edit).to.deep.include({ who: 'otto', changed: ['addTags', 'site'] });
  });

  it('tells how long it was away, and which job restarted it', async () => {
    const { job, requestId } = await everything();
    const [, away] = await list({ kinds: ['presence'] });
    expect(Date.parse(away!.until!) - Date.parse(away!.at)).to.equal(7 * MINUTE);
    expect(away!.because).to.deep.equal({
      kind: 'command',
      ref: requestId,
      at: new Date(start + 4 * MINUTE).toISOString(),
      what: 'PUT /system/reboot',
      who: 'otto',
      job,
      jobName: 'Nightly reboot',
    });
    // It still lasts.
    expect((await list({ kinds: ['presence'] }))[0]!.until).to.equal(null);
  });

  it('takes no refused command for the cause, and none that only changes something', async () => {
    await gw.command(start, { method: 'PUT', path: '/system/reboot', risk: 'disruptive', state: 'FAILED' });
    await gw.command(start + 1, { method: 'PUT', path: '/device/time', risk: 'write' });
    await gw.command(start + 2, {
      method: 'PUT',
      path: '/system/reboot',
      risk: 'disruptive',
      state: 'REJECTED',
    });
    await gw.offline(start + MINUTE);
    expect((await list({ kinds: ['presence'] }))[0]!.because).to.equal(null);
  });

  it('tells of an installation that restarted it, and not of the requests that it made', async () => {
    const requestedBy = 'tpedm: install 1';
    await gw.command(start + 2 * MINUTE, {
      method: 'PUT',
      path: '/system/reboot',
      risk: 'disruptive',
      requestedBy,
    });
    const step = {
      package: 0,
      name: 'reboot',
      startedAt: new Date(start + MINUTE).toISOString(),
      endedAt: null,
    };
    const id = await gw.installation(start, { endedAt: null, state: 'IN_PROGRESS', steps: [step] });
    await gw.offline(start + 3 * MINUTE);
    const [away, run] = await list();
    expect(away!.because).to.deep.include({ kind: 'installation', ref: id, who: 'anna' });
    expect(run).to.deep.include({ kind: 'installation', until: null });
    expect(await list({ kinds: ['command'] })).to.deep.equal([]);
  });

  it('finds what people changed of several gateways at once', async () => {
    await gw.edit(start, 'gateway.change', { enabled: false, gateways: 2, clientids: ['a', 'gw'] }, null);
    await gw.edit(start, 'gateway.change', { gateways: 2, clientids: ['a', 'other'] }, null);
    await gw.edit(start, 'gateway.refresh', {});
    await gw.edit(start, 'command.send', {});
    expect((await list()).map(shortOf)).to.deep.equal([['edit', 'done', 'gateway.disable']]);
  });

  it('comes page by page, nothing twice and nothing missed, also where much happened at one time', async () => {
    await everything();
    for (let n = 0; n < 7; n += 1) {
      await gw.command(start + HOUR, { path: `/x/${n}` });
      await gw.edit(start + HOUR, 'gateway.rotate', {});
      await gw.online(start + HOUR);
    }
    const whole = await list({ limit: 200 });
    for (const limit of [1, 2, 5]) {
      const paged: TimelineEntry[] = [];
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const page = await timeline.list('gw', { limit, ...(cursor && { cursor }) });
        paged.push(...page.items);
        cursor = page.next;
      }
      expect(paged).to.deep.equal(whole);
    }
  });

  it('refuses what it cannot read', async () => {
    for (const query of [
      { cursor: 'x' },
      { cursor: '' },
      { limit: 201 },
      { kinds: ['x'] as never },
      { since: 'x' },
    ]) {
      const error = await errorOf(timeline.list('gw', query));
      expect(error, JSON.stringify(query)).to.have.property('code', 'INVALID_INPUT');
    }
    const error = await errorOf(timeline.marks('gw', 0, TIMELINE_KINDS));
    expect(error).to.have.property('code', 'INVALID_INPUT');
    expect(await timeline.list('\u0000', {})).to.deep.equal({ items: [], next: null });
    expect(await timeline.nextStep('nobody')).to.equal(null);
  });

  it('draws what lasts into the time that is shown, and says from when on it draws too much', async () => {
    await gw.alarm(start - 90 * 24 * HOUR, null);
    await gw.installation(start - 48 * HOUR);
    for (let n = 0; n < 420; n += 1) await gw.command(start + n * 1000);
    const { marks, cutAt } = await timeline.marks('gw', 24, TIMELINE_KINDS);
    expect(marks.filter(({ kind }) => kind !== 'command').map(({ kind }) => kind)).to.deep.equal(['alarm']);
    const commands = marks.filter(({ kind }) => kind === 'command');
    expect(commands).to.have.length(400);
    expect(cutAt).to.deep.equal({ command: commands[0]!.at });
    expect((await timeline.marks('gw', 24, ['alarm'])).marks).to.have.length(1);
  });

  describe('says what to do first', () => {
    const code = async () => (await timeline.nextStep('gw'))?.advice?.cause?.code ?? null;
    const be = (status: string, since: number, cause: string | null = null) =>
      database.query('update tpe_presence set status = $2, since = $3, cause = $4 where clientid = $1', [
        ...['gw', status, new Date(since)],
        cause && JSON.stringify({ code: cause, params: {} }),
      ]);

    it('nothing about one that is well', async () => {
      await be('online', start);
      expect(await timeline.nextStep('gw')).to.deep.equal({ advice: null, because: null });
    });

    it('about one that is offline, by why it is', async () => {
      await be('offline', start, 'keepalive-timeout');
      expect(await code()).to.equal('alarm-do-link');
      await be('offline', start, 'broker-stopped');
      expect(await code()).to.equal('alarm-do-broker-log');
      await be('never_seen', start);
      expect(await code()).to.equal('alarm-do-never-seen');
    });

    it('to wait for one that somebody restarted, but not for ever', async () => {
      const reboot = { method: 'PUT', path: '/system/reboot', risk: 'disruptive' };
      const now = Date.now();
      await gw.command(now - 2 * MINUTE, reboot);
      await be('offline', now - MINUTE, 'keepalive-timeout');
      expect(await code()).to.equal('gateway-restarting');
      await gw.command(start - MINUTE, reboot);
      await be('offline', start, 'keepalive-timeout');
      expect(await code()).to.equal('gateway-not-back');
      expect((await timeline.nextStep('gw'))?.because?.who).to.equal('otto');
    });

    it('what the worst alarm of one says that is online', async () => {
      await be('online', start);
      const alarm = (severity: string, advice: string) =>
        ({ severity, advice, adviceCause: null }) as unknown as Alarm;
      alarms = [alarm('info', 'Later.'), alarm('critical', 'First.'), alarm('warning', 'Then.')];
      expect((await timeline.nextStep('gw'))?.advice?.text).to.equal('First.');
    });

    it('to enable one that is disabled', async () => {
      await database.query("update mqtt_user set enabled = false where clientid = 'gw'");
      expect(await code()).to.equal('alarm-do-enable');
    });
  });
});
