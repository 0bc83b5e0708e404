import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const READ = '[data-operation^="get-device-general"]';
const REBOOT = '[data-operation="put-system-reboot-reboot-device-now"]';
const PAGES = [
  'fleet',
  'alarms',
  'gateways',
  'gateway',
  'commands',
  'updates',
  'jobs',
  'register',
  'audit',
  'users',
];
const PUMPS = {
  id: 'own-pump-speed',
  category: 'Pumps',
  name: 'Set the pump speed',
  method: 'PUT',
  path: '/pumps/speed',
  ...{
    parameters: [],
    query: {},
    bodySchema: null,
    bodyExample: null,
    answerSchema: null,
    answerExample: null,
  },
  ...{ classes: [], idempotent: true, restarts: false, mayCutMqtt: false, actuates: false, models: [] },
};
const LARGEST_FIRST_SIGHT = 60_000;

describe('dashboard: jobs', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;
  let received = 0;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { ...hurried(200), TPE_SIMULATED_GATEWAYS: '12' } }),
      launchChromium(),
    ]);
    admin = await openDashboard(browser, nodeRed, {}, (page) =>
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          received += payload.length;
        }),
      ),
    );
    await admin.open('gateways');
    await admin.page.locator('tr[data-clientid=virtual-0012]:has-text("Online")').waitFor();
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await admin?.picture('jobs-failed');
  });

  const button = (name: string | RegExp, { page } = admin) => page.getByRole('button', { name });
  const link = (name: string) => admin.page.getByRole('link', { name });
  const part = (name: string) => admin.page.locator(`[data-part=${name}]`);
  const summary = () => admin.page.locator('[data-summary]');
  const job = (state: string) => admin.page.locator(`header[data-state=${state}]`);

  /** Opens the form of a new job with an operation chosen. */
  async function begin(operation: string, search: string): Promise<void> {
    await admin.open('jobs');
    // What a test before has left unsent would be there again.
    await admin.page.evaluate('sessionStorage.clear()');
    await link('New job').click();
    await part('what').getByPlaceholder('Search operations').fill(search);
    await part('what').locator(operation).first().click();
  }

  async function chooseSite(site: string): Promise<void> {
    await part('who').locator('select[aria-label=Site]').selectOption(site);
  }

  async function takeIds(...clientids: string[]): Promise<void> {
    await part('who').getByRole('tab', { name: 'Client ids' }).click();
    await part('who').locator('textarea').fill(clientids.join('\n'));
  }

  /** Starts what is reviewed, once the server has said what it would do, and waits until the page of the job is there. */
  async function start(n: number): Promise<string> {
    await button(new RegExp(`^Start on ${n} gateway`)).click();
    const header = admin.page.locator('header[data-job]');
    await header.waitFor();
    return (await header.getAttribute('data-job')) ?? '';
  }

  async function rest(method: string, path: string, body: object): Promise<{ data: { id: string } }> {
    const answer = await fetch(`${nodeRed.url}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${nodeRed.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.ok, await answer.clone().text()).to.equal(true);
    return (await answer.json()) as { data: { id: string } };
  }

  const saveOperation = (risk: string) =>
    rest('POST', 'operation/import', {
      format: 'tpe-operations',
      version: 1,
      operations: [{ ...PUMPS, risk }],
    });

  /** Begins a job by REST. */
  async function begun(definition: object, confirm = ''): Promise<{ id: string }> {
    const { data } = await rest('POST', 'job', definition);
    await rest('POST', `job/${data.id}/submit`, { confirm });
    return data;
  }

  it('say before whom they reach, start, and show each gateway as it is done', async () => {
    await begin(READ, 'device general');
    // What is left blank has its default before the server has been asked.
    const blank = (section: string, name: string) =>
      part(section).locator(`[name=${name}]`).getAttribute('placeholder');
    expect(await blank('how', 'maxInProgress')).to.equal('50');
    for (const [section, name] of [
      ['how', 'maxPerMinute'],
      ['how', 'perSite'],
      ['how', 'jitterSeconds'],
      ['wrong', 'retry-failed'],
      ['wrong', 'in-progress'],
    ] as const)
      expect(await blank(section, name), name).not.to.be.oneOf(['', null]);
    await chooseSite('North plant');
    await summary().getByText('of 4 are reached').waitFor();
    await button('Now, read only').click();
    await summary().getByText('1,000 a minute').waitFor();
    await part('review').locator('[name=job-name]').fill('Read the north');
    const id = await start(4);
    await job('COMPLETED').getByText('Succeeded').waitFor();
    await admin.page.locator('tr[data-state=SUCCEEDED]').nth(3).waitFor();
    expect(await admin.page.locator('tr[data-state=SUCCEEDED]').count()).to.equal(4);
    await admin.page.locator('tr[data-clientid=virtual-0001]').getByRole('button').first().click();
    await admin.page.locator('[data-attempt="1"] [data-state=SUCCEEDED]').first().waitFor();
    await admin.page
      .locator('[data-attempt="1"] [data-request-id]')
      .getByText('GET /device/general')
      .waitFor();
    await admin.page.getByRole('img', { name: '4 succeeded, 0 failed of 4' }).waitFor();
    await admin.picture('job-done');

    await admin.open('jobs');
    await admin.page.getByRole('tab', { name: 'Done' }).click();
    await admin.page.locator(`tr[data-job="${id}"]`).getByText('4 gateways').waitFor();
  });

  it('ask for the number of gateways before they interrupt anything', async () => {
    await begin(REBOOT, 'reboot device now');
    await part('what').getByRole('button', { name: 'Fill in the example' }).click();
    await takeIds('virtual-0001', 'virtual-0004', 'no-such-gateway');
    await summary().getByText('of 3 are reached').waitFor();
    // Without seconds or minutes of which there are none.
    await summary()
      .getByText(/^Takes at least \d+ min\.$/)
      .waitFor();
    await part('who').getByText('no-such-gateway', { exact: true }).waitFor();
    // Said where it is set: both are of one site, of which one may be disturbed at a time.
    await part('how').locator('[name=perSite]').fill('4');
    const limited = part('how').locator('[data-limited=site]');
    await limited.getByText(/^4 at once per site asked, fewer allowed: .+: 1\.$/).waitFor();
    await admin.picture('guard-below-pace');
    await part('how').locator('[name=perSite]').fill('');
    await limited.waitFor({ state: 'detached' });
    const act = button(/^Start on 2 gateways/);
    expect(await act.isDisabled()).to.equal(true);
    await part('review').locator('[name=confirm]').fill('2');
    expect(await act.isDisabled()).to.equal(true);
    await part('review').locator('[name=confirm]').fill('3');
    expect(await act.isDisabled()).to.equal(false);
    // What was typed for other gateways confirms nothing.
    await part('who').locator('textarea').fill('virtual-0001\nvirtual-0004');
    await summary().getByText('of 2 are reached').waitFor();
    expect(await part('review').locator('[name=confirm]').inputValue()).to.equal('');
  });

  it('are paused, made slower, gone on with and canceled', async () => {
    await begin(READ, 'device general');
    await part('who').getByRole('tab', { name: 'Whole fleet' }).click();
    await part('how').locator('[name=maxPerMinute]').fill('0.5');
    await summary().getByText('of 12 are reached').waitFor();
    await start(12);
    await job('RUNNING').waitFor();
    await button('Pause').click();
    await job('PAUSED').waitFor();
    await admin.page.locator('[data-waiting-for=paused]').click();
    await admin.page.locator('tr[data-state=QUEUED]').first().waitFor();
    expect(await admin.page.locator('select[name=state]').inputValue()).to.equal('QUEUED');
    await button('Change the pace').click();
    await admin.page.getByRole('region', { name: 'Pace' }).locator('[name=maxPerMinute]').fill('0.2');
    await button('Apply').click();
    await admin.page.getByText('0.2 a minute').waitFor();
    await button('Show all').click();
    const waiting = admin.page.locator('tr[data-state=QUEUED]').first();
    const skipped = (await waiting.getAttribute('data-clientid')) ?? '';
    await waiting.getByRole('button', { name: 'Skip' }).click();
    await admin.page.locator(`tr[data-clientid=${skipped}][data-state=CANCELED]`).waitFor();
    await button('Resume').click();
    await job('RUNNING').waitFor();
    await button('Cancel job').click();
    await admin.page.getByRole('alertdialog').getByRole('button', { name: 'Cancel job' }).click();
    await job('CANCELED').waitFor();
    await admin.picture('job-canceled');
  });

  it('are saved as drafts, copied and deleted', async () => {
    await begin(READ, 'device general');
    await takeIds('virtual-0003');
    await part('review').locator('[name=job-name]').fill('For later');
    await summary().getByText('of 1 is reached').waitFor();
    await button('Save as draft').click();
    await job('DRAFT').waitFor();
    await link('Copy as new job').click();
    await summary().getByText('of 1 is reached').waitFor();
    expect(await part('review').locator('[name=job-name]').inputValue()).to.equal('For later');
    expect(await part('who').locator('textarea').inputValue()).to.equal('virtual-0003');
    await admin.open('jobs');
    await admin.page.getByRole('tab', { name: 'Drafts' }).click();
    await link('For later').click();
    await summary().getByText('of 1 is reached').waitFor();
    await button('Delete draft').click();
    await admin.page.getByRole('alertdialog').getByRole('button', { name: 'Delete draft' }).click();
    await admin.page.getByRole('tab', { name: 'Drafts' }).click();
    await admin.page.getByText('No drafts.').waitFor();
  });

  it('say what is wrong with what is there now, and no longer with what was there before', async () => {
    await begin('.tpe-categories > .tpe-own', '');
    await part('who').getByRole('tab', { name: 'Whole fleet' }).click();
    await part('what').locator('input[aria-label=Path]').fill('no path');
    await summary().getByRole('alert').getByText('path').waitFor();
    const isStale = await admin.page.evaluate(`(async () => {
      const path = document.querySelector('[data-part=what] input[aria-label=Path]');
      path.value = '/device/general';
      path.dispatchEvent(new Event('input'));
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return document.querySelector('[data-summary] [role=alert]') !== null;
    })()`);
    expect(isStale).to.equal(false);
    await summary().getByText('of 12 are reached').waitFor();
  });

  it('try again those of one line of the failures', async () => {
    const { id } = await begun({
      name: 'No such path',
      do: { command: { method: 'GET', path: '/device/nothing' } },
      targets: { ids: ['virtual-0001', 'virtual-0002'] },
    });
    await admin.open(`jobs?job=${id}`);
    await job('COMPLETED').waitFor();
    const line = admin.page.locator('tr[data-model]').first();
    // What is picked narrows the table and stands in the address, where others find it again.
    const rows = admin.page.locator('tr[data-clientid]');
    await admin.page.locator('[data-pick=failed]').click();
    await admin.page.locator('[data-narrowed=failed]').waitFor();
    await admin.page.waitForURL(/part=failed/);
    await line.getByRole('button', { name: 'Show these' }).click();
    await admin.page.waitForURL(/state=FAILED/);
    const named = new URL(admin.page.url()).searchParams;
    expect(named.get('model')).to.equal(await line.getAttribute('data-model'));
    expect(named.has('firmware'), 'firmware').to.equal(true);
    expect(named.has('part'), 'part').to.equal(false);
    await admin.page.reload();
    await admin.page.locator('[data-narrowed=model]').waitFor();
    await rows.first().waitFor();
    expect(await admin.page.locator('select[name=state]').inputValue()).to.equal('FAILED');
    await button('Show all').click();
    await admin.page.locator('[data-narrowed=model]').waitFor({ state: 'detached' });
    expect([...new URL(admin.page.url()).searchParams.keys()]).to.deep.equal(['job']);
    await line.getByRole('button', { name: 'Retry these' }).click();
    await admin.picture('job-retry');
    await admin.page.getByRole('alertdialog').getByRole('button', { name: 'Retry now' }).click();
    await admin.page
      .getByText(/^(1 gateway is|2 gateways are) tried again\.$/)
      .first()
      .waitFor();
  });

  it('are begun as drafts that somebody else has recorded, once a person has seen whom they reach', async () => {
    const { data } = await rest('POST', 'job', {
      name: 'From a list',
      do: { command: { method: 'GET', path: '/device/{{value.part}}' } },
      targets: { ids: ['virtual-0004', 'virtual-0006', 'no-such-gateway'] },
      perTarget: [
        { clientid: 'virtual-0004', part: 'general' },
        { clientid: 'virtual-0006', part: 'general' },
      ],
    });
    await admin.open(`jobs?job=${data.id}`);
    await summary().getByText('of 3 are reached').waitFor();
    await admin.page.locator('[data-left-out]').getByText('no-such-gateway').waitFor();
    await part('review').getByText('What the first 2 gateways are sent').click();
    await part('review').getByText('GET /device/general').first().waitFor();
    await admin.picture('job-draft');
    await start(2);
    await job('COMPLETED').waitFor();
    await admin.page.locator('tr[data-clientid=virtual-0006][data-state=SUCCEEDED]').waitFor();
  });

  it('are stopped with all else by one button on every page, until an administrator lifts it', async () => {
    for (const page of PAGES) {
      await admin.open(page);
      await button('Stop all').waitFor();
      expect(await button('Stop all').count(), page).to.equal(1);
    }
    await button('Stop all').click();
    await admin.page.locator('[name=stop-reason]').fill('Smoke in the switch room');
    await button('Stop now').click();
    const banner = admin.page.locator('.tpe-stop-banner');
    await banner.getByText('Smoke in the switch room').waitFor();
    for (const page of PAGES) {
      await admin.open(page);
      await banner.getByText('All sending is stopped').waitFor();
      expect(await banner.count(), page).to.equal(1);
    }
    await admin.picture('stopped');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);

    await begin(REBOOT, 'reboot device now');
    await part('what').getByRole('button', { name: 'Fill in the example' }).click();
    await takeIds('virtual-0005');
    await part('review').locator('[name=confirm]').fill('1');
    await start(1);
    await admin.page.locator('[data-waiting-for=stop]').waitFor();

    await banner.getByRole('button', { name: 'Lift' }).click();
    const dialog = admin.page.getByRole('alertdialog');
    expect(await dialog.getByRole('button', { name: 'Lift' }).isDisabled()).to.equal(true);
    await dialog.getByRole('textbox').fill('fleet');
    await dialog.getByRole('button', { name: 'Lift' }).click();
    await banner.waitFor({ state: 'detached' });
    // It is done only minutes later, when the gateway is well again.
    const row = admin.page.locator('tr[data-clientid=virtual-0005][data-state=IN_PROGRESS]');
    await row.getByText('Step 1 of 1: Reboot the gateway now').waitFor();
    await row.getByText('Waits until it is well again').waitFor();
    await row.getByText(/^until .* at the latest$/).waitFor();
  });

  it('have limits, which people see with what is held, and administrators change', async () => {
    await admin.open('jobs');
    await link('Limits').click();
    const limits = part('limits');
    const limit = (which: string) => limits.locator(`tr[data-limit="${which}"]`);
    await limit('fleet').getByText('200').waitFor();
    await limit('site').getByText('A fifth of its gateways').waitFor();
    await button('Set a limit').click();
    const dialog = admin.page.getByRole('dialog').locator('form');
    await dialog.locator('[name=limit-value]').fill('North plant');
    await dialog.locator('[name=limit-max]').fill('3');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await limit('site North plant').getByText('3', { exact: true }).waitFor();
    await limit('site North plant').getByText('admin').waitFor();
    await limit('site North plant').getByRole('button', { name: 'Change' }).click();
    await dialog.locator('[name=limit-max]').fill('');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await limit('site North plant').waitFor({ state: 'detached' });

    const held = part('holds').locator('tr[data-clientid=virtual-0005]');
    await held.getByRole('button', { name: /^Job \d+, attempt 1$/ }).click();
    await part('holds').locator('[data-attempt="1"] [data-request-id]').first().waitFor();
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
    await admin.picture('guard');
    await link('To the job').click();
    await admin.page.locator('tr[data-clientid=virtual-0005][data-state=IN_PROGRESS]').waitFor();
  });

  it('release a slot for an administrator who types the gateway and says why', async () => {
    await admin.open('jobs?guard=1');
    const held = part('holds').locator('tr[data-clientid=virtual-0005]');
    await held.getByRole('button', { name: 'Release' }).click();
    const dialog = admin.page.getByRole('alertdialog');
    const act = dialog.getByRole('button', { name: 'Release' });
    await dialog.locator('[name=release-clientid]').fill('virtual-0005');
    expect(await act.isDisabled(), 'without a reason').to.equal(true);
    await dialog.locator('[name=release-reason]').fill('Stands on my desk');
    await dialog.locator('[name=release-clientid]').fill('virtual-0004');
    expect(await act.isDisabled(), 'another gateway').to.equal(true);
    await dialog.locator('[name=release-clientid]').fill('virtual-0005');
    await act.click();
    await part('holds').getByText('The slot of virtual-0005 is released.').waitFor();
    await held.waitFor({ state: 'detached' });
  });

  it('ask for the number of gateways where the risk has become higher, before they go on', async () => {
    await saveOperation('write');
    const { id } = await begun(
      {
        name: 'Pump speed',
        do: { command: { operation: PUMPS.id } },
        targets: { all: true },
        rollout: { maxPerMinute: 0.1 },
      },
      '12',
    );
    await admin.open(`jobs?job=${id}`);
    await job('RUNNING').waitFor();
    await saveOperation('destructive');
    await job('PAUSED').getByText('Operation changed').waitFor();
    await button('Resume').click();
    const dialog = admin.page.getByRole('alertdialog');
    await dialog.getByText('has a higher risk now (destructive)').waitFor();
    expect(await dialog.getByRole('button', { name: 'Resume' }).isDisabled()).to.equal(true);
    await admin.picture('job-riskier');
    await dialog.getByRole('textbox').fill('12');
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await job('RUNNING').waitFor();
    await rest('POST', `job/${id}/cancel`, {});
    await job('CANCELED').waitFor();
  });

  it('are found by words of their names, on their page and from anywhere, and the address keeps them', async () => {
    await admin.open('jobs');
    await admin.page.getByRole('tab', { name: 'Done' }).click();
    const field = admin.page.getByRole('searchbox', { name: 'Search jobs by name' });
    await link('No such path').waitFor();
    await field.fill('NORTH read');
    await link('No such path').waitFor({ state: 'detached' });
    await link('Read the north').waitFor();
    await admin.page.reload();
    await link('Read the north').waitFor();
    expect(await field.inputValue()).to.equal('NORTH read');
    expect(await link('No such path').count()).to.equal(0);
    await admin.picture('jobs-found');
    await field.fill('nowhere');
    await admin.page.getByText('No job here has that in its name.').waitFor();
    await admin.page.keyboard.press('Control+k');
    await admin.page.locator('[name=find]').fill('the nor');
    await admin.page.getByRole('option', { name: 'Read the north' }).click();
    await job('COMPLETED').waitFor();
  });

  it('show little more than they are asked for', async () => {
    await admin.open('jobs');
    await admin.page.getByRole('tab', { name: 'Done' }).click();
    await link('Read the north').waitFor();
    expect(received).to.be.above(0);
    for (const path of ['jobs', 'jobs?job=1']) {
      received = 0;
      await admin.open(path);
      await admin.page
        .locator(path === 'jobs' ? 'text=New job' : 'tr[data-clientid]')
        .first()
        .waitFor();
      expect(received, path).to.be.below(LARGEST_FIRST_SIGHT);
    }
  });

  it('have room on a telephone', async () => {
    const phone = await openDashboard(browser, nodeRed, { viewport: { width: 360, height: 740 } });
    for (const [path, landmark] of [
      ['jobs', 'text=New job'],
      ['jobs?job=1', 'tr[data-clientid]'],
      ['jobs?clientid=virtual-0001', '[data-part=review]'],
      ['jobs?guard=1', 'tr[data-limit=fleet]'],
    ] as const) {
      await phone.open(path);
      await phone.page.locator(landmark).first().waitFor();
      expect(await phone.page.evaluate('document.documentElement.scrollWidth'), path).to.equal(360);
      expect(await phone.accessibilityFaults(), path).to.deep.equal([]);
    }
    expect(phone.faults).to.deep.equal([]);
    await phone.close();
  });

  it('meet no error on all these pages', () => {
    expect(admin.faults).to.deep.equal([]);
    expect(admin.foreign).to.deep.equal([]);
  });
});
