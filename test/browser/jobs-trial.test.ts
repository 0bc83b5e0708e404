import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patience } from '../support/patience.js';
import { skipWithout } from '../support/programs.js';
import { openSimulate } from '../support/simulate.js';

const GATEWAYS = 40;
const SILENT = ['virtual-0007', 'virtual-0018'];
const AWAY = ['virtual-0005', 'virtual-0011', 'virtual-0023'];
const REBOOT = '[data-operation="put-system-reboot-reboot-device-now"]';
/** Longer than a virtual gateway takes here until it is well again, and short enough to see two of them fail. */
const MOST_MINUTES = String(patience(25_000) / 60_000);

describe('dashboard: a rolling reboot, from its beginning to the audit', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;
  let phone: DashboardPage;
  let simulate: Awaited<ReturnType<typeof openSimulate>>;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { ...hurried(200, 1000), TPE_SIMULATED_GATEWAYS: String(GATEWAYS) } }),
      launchChromium(),
    ]);
    admin = await openDashboard(browser, nodeRed, { viewport: { width: 1280, height: 800 } });
    phone = await openDashboard(browser, nodeRed, { viewport: { width: 390, height: 844 } });
    simulate = await openSimulate(nodeRed);
    await admin.open('gateways');
    await seen(`virtual-00${GATEWAYS}`, 'Online');
    await simulate({ action: 'faults', clientid: SILENT, faults: { silent: true } });
    await simulate({ action: 'disconnect', clientid: AWAY });
    for (const clientid of AWAY) await seen(clientid, 'Offline');
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await admin?.picture('jobs-trial-failed');
  });

  const button = (name: string | RegExp) => admin.page.getByRole('button', { name });
  const link = (name: string) => admin.page.getByRole('link', { name });
  const part = (name: string) => admin.page.locator(`[data-part=${name}]`);
  const job = (state: string) => admin.page.locator(`header[data-state=${state}]`);
  const row = (clientid: string, state: string) =>
    admin.page.locator(`tr[data-clientid=${clientid}][data-state=${state}]`);

  /** Waits until the list of gateways shows one as this. */
  async function seen(clientid: string, status: string): Promise<void> {
    await admin.page.getByRole('searchbox').first().fill(clientid);
    await admin.page.locator(`tr[data-clientid=${clientid}]:has-text("${status}")`).waitFor();
  }

  /** Shows the gateways that wait for this, by the panel that says why they wait. */
  async function lookAt(waitingFor: string): Promise<void> {
    await admin.page.locator(`[data-waiting-for=${waitingFor}]`).click();
    await button('Show all').waitFor();
  }

  it('is made ready step by step, and says what is still missing and how long it takes', async () => {
    await admin.open('jobs');
    await admin.page.getByText('A job does one thing on many gateways').waitFor();
    await link('New job').click();
    await part('review').getByText('Select what is to be done.').waitFor();
    await part('what').getByPlaceholder('Search operations').fill('reboot');
    const operation = part('what').locator(REBOOT);
    await operation.waitFor();
    // The sign of its risk lies within the list.
    const rightOf = (selector: string) =>
      part('what')
        .locator(selector)
        .evaluate((element) => element.getBoundingClientRect().right);
    expect(await rightOf(`${REBOOT} .tpe-chip`)).to.be.below(await rightOf('.tpe-categories'));
    await operation.click();
    await part('what').getByRole('button', { name: 'Fill in the example' }).click();
    await part('review').getByText('Select the gateways: ').waitFor();
    await part('who').getByRole('tab', { name: 'Whole fleet' }).click();
    const summary = admin.page.locator('[data-summary]');
    await summary.getByText(`of ${GATEWAYS} are reached, ${GATEWAYS - AWAY.length} of them now`).waitFor();
    // One of each site at a time, each some minutes.
    await summary.getByText(/Takes at least 1 h/).waitFor();
    await part('how').locator('[name=maxPerMinute]').fill('600');
    await part('how').locator('[name=maxInProgress]').fill('20');
    await part('how').locator('[name=perSite]').fill('10');
    await part('wrong').locator('[name=in-progress]').fill(MOST_MINUTES);
    await part('review').locator('[name=job-name]').fill('Rolling reboot');
    await summary.getByText('600 a minute, at most 20 at once, 10 of one site.').waitFor();
    await part('review').locator('[name=confirm]').fill(String(GATEWAYS));
    await admin.picture('trial-ready');
    await button(`Start on ${GATEWAYS} gateways`).click();
    await job('RUNNING').waitFor();
  });

  it('is watched on a telephone as well, paused from there, and found paused by others', async () => {
    await phone.page.goto(admin.page.url());
    await phone.page.locator('tr[data-state=SUCCEEDED]').first().waitFor();
    expect(await phone.page.evaluate('document.documentElement.scrollWidth')).to.equal(390);
    await phone.picture('trial-phone');
    await phone.page.getByRole('button', { name: 'Pause' }).click();
    await job('PAUSED').getByText('paused by dashboard: admin').waitFor();
    await admin.page.locator('[data-waiting-for=paused]').waitFor();
    await phone.open('jobs');
    await phone.page.getByText('No job is running.').waitFor();
    await phone.page.getByRole('tab', { name: 'Paused 1' }).click();
    await phone.page.getByText(`of ${GATEWAYS} gateways done`).waitFor();
    await phone.picture('trial-phone-list');
    await button('Resume').click();
    await job('RUNNING').waitFor();
  });

  it('says of each gateway why it waits', async () => {
    await lookAt('guard');
    await admin.page
      .getByText(/At the site .* of \d at most; one is virtual-\d+ \(job \d+\)\./)
      .first()
      .waitFor();
    await lookAt('offline');
    const waiting = admin.page.locator('tr[data-clientid][data-state=QUEUED]');
    await admin.page.locator('tr[data-clientid]').nth(AWAY.length).waitFor({ state: 'detached' });
    expect(await waiting.count()).to.equal(AWAY.length);
    // A time as on a clock.
    await waiting
      .getByText(/has been offline since \d\d:\d\d [AP]M\./)
      .first()
      .waitFor();
    await admin.picture('trial-offline');
  });

  it('reaches one that comes online without being asked', async () => {
    const [first] = AWAY;
    await button('Show all').click();
    await row(first!, 'QUEUED').waitFor();
    await simulate({ action: 'connect', clientid: first });
    await row(first!, 'SUCCEEDED').waitFor();
  });

  it('tells of those that do not answer, and tries them again once they are mended', async () => {
    const uncertain = admin.page.locator('[data-retried-alone]', {
      hasText: '2 failed gateways are uncertain',
    });
    // Two of the first ten are more than a tenth: then it waits for a person.
    await job('PAUSED').or(uncertain).first().waitFor();
    if (await job('PAUSED').isVisible()) await button('Resume').click();
    await uncertain.waitFor();
    // A retry of all would try none of them.
    expect(await button(/^Retry \d+ failed/).count()).to.equal(0);
    await uncertain.getByRole('button', { name: 'Show these' }).click();
    await admin.page.locator('tr[data-clientid]').nth(SILENT.length).waitFor({ state: 'detached' });
    expect(await admin.page.locator('tr[data-clientid]').count()).to.equal(SILENT.length);
    await button('Show all').click();
    const silent = SILENT[0]!;
    await row(silent, 'TIMED_OUT').getByRole('button', { name: silent }).click();
    await admin.page.locator('[data-attempt="1"]').first().waitFor();
    await admin.picture('trial-failed');
    await simulate({ action: 'faults', clientid: SILENT, faults: {} });
    // Whether they have rebooted is not known, so each is tried again by its name.
    for (const clientid of SILENT) {
      await row(clientid, 'TIMED_OUT').getByRole('button', { name: 'This one again' }).click();
      const dialog = admin.page.getByRole('alertdialog');
      await dialog.getByRole('textbox').fill(clientid);
      await dialog.getByRole('button', { name: 'This one again' }).click();
      await row(clientid, 'SUCCEEDED').waitFor();
    }
    await simulate({ action: 'connect', clientid: AWAY.slice(1) });
    await job('COMPLETED').getByText('Succeeded').waitFor();
    await job('COMPLETED').getByText(`${GATEWAYS} done`).waitFor();
  });

  it('is found in its log and in the audit, with who did what', async () => {
    const log = admin.page.getByRole('region', { name: 'Log' });
    for (const words of ['Started', 'Paused', 'Resumed', 'Tried again'])
      await log.getByText(words).first().waitFor();
    await log.locator('[data-audit="job.retry"]').getByText(SILENT[1]!).waitFor();
    await admin.picture('trial-done');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
    await admin.open('audit');
    await admin.page.getByLabel('Action').selectOption('job.');
    for (const act of ['start', 'pause', 'resume', 'retry'])
      await admin.page.locator(`[data-audit="job.${act}"]`, { hasText: 'Rolling reboot' }).first().waitFor();
    // In words, found by the job, and with a way to it.
    const entry = admin.page.locator('[data-audit="job.start"]', { hasText: 'Rolling reboot' }).first();
    await entry.getByText('Job started', { exact: true }).waitFor();
    await entry.getByText(`${GATEWAYS} gateways`).waitFor();
    expect(await entry.textContent())
      .not.to.contain('{')
      .and.not.to.contain('gateways:');
    await admin.page.getByLabel('Action').selectOption('');
    await admin.page.locator('input[name=job]').fill('1');
    await admin.page
      .locator('tr[data-audit]:not([data-audit^="job."])')
      .first()
      .waitFor({ state: 'detached' });
    await entry.waitFor();
    await admin.picture('trial-audit');
    await entry.getByRole('link', { name: 'Job 1' }).click();
    await job('COMPLETED').waitFor();
    expect(admin.faults).to.deep.equal([]);
    expect(phone.faults).to.deep.equal([]);
  });
});
