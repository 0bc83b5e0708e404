import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

describe('dashboard: sites', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;
  let phone: DashboardPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { ...hurried(200), TPE_SIMULATED_GATEWAYS: '12' } }),
      launchChromium(),
    ]);
    admin = await openDashboard(browser, nodeRed, { viewport: { width: 1280, height: 900 } });
    const small = { viewport: { width: 390, height: 844 }, locale: 'de-DE', colorScheme: 'dark' } as const;
    phone = await openDashboard(browser, nodeRed, small);
    await admin.open('gateways');
    await admin.page.locator('tr[data-clientid=virtual-0012]:has-text("Online")').waitFor();
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await admin?.picture('sites-failed');
  });

  const row = (site: string, { page } = admin) => page.locator(`tr[data-site="${site}"]`);
  const dialog = () => admin.page.getByRole('dialog').locator('form');
  const day = (name: string) => dialog().getByLabel(name, { exact: true });

  it('lists the sites of the gateways, open at any time while nothing was set', async () => {
    await admin.open('jobs');
    await admin.page.getByRole('link', { name: 'Sites' }).click();
    await row('North plant').getByText('Open', { exact: true }).waitFor();
    await row('').getByText('Default', { exact: true }).waitFor();
    await admin.page.getByText(/have no time zone of their own/).waitFor();
  });

  it('sets the zone, a window and a freeze of a site', async () => {
    await row('North plant').getByRole('button', { name: 'Change' }).click();
    await dialog().locator('[name=site-zone]').fill('Asia/Tokyo');
    await dialog().getByRole('button', { name: 'Add a window' }).click();
    for (const name of ['Sat', 'Sun']) await day(name).uncheck();
    const today = new Date();
    const later = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][(today.getUTCDay() + 3) % 7]!;
    await day(later).check();
    await dialog().getByRole('button', { name: 'Add a freeze' }).click();
    await dialog().locator('[name=freeze-from]').fill('2099-12-24');
    await dialog().locator('[name=freeze-to]').fill('2099-12-26');
    await dialog().locator('[name=freeze-reason]').fill('holidays');
    await dialog().locator('[name=site-contact]').fill('Ken, 4711');
    await admin.picture('site-dialog');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
    await dialog().getByRole('button', { name: 'Apply' }).click();
    await row('North plant').getByText('Shut', { exact: true }).waitFor();
    await row('North plant').getByText(`${later} 02:00–05:00`).waitFor();
    await row('North plant').getByText('Frozen 2099-12-24 to 2099-12-26: holidays').waitFor();
    await admin.picture('sites');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
  });

  it('says what is wrong, and keeps what was typed', async () => {
    await row('South plant').getByRole('button', { name: 'Change' }).click();
    await dialog().locator('[name=site-zone]').fill('Mars/Phobos');
    await dialog().getByRole('button', { name: 'Apply' }).click();
    await dialog().getByText('There is no time zone "Mars/Phobos"').waitFor();
    expect(await dialog().locator('[name=site-zone]').inputValue()).to.equal('Mars/Phobos');
    await dialog().getByRole('button', { name: 'Cancel' }).click();
  });

  it('shows in the form of a job which sites are shut, and in the job what its gateways wait for', async () => {
    await admin.open('jobs?new=1');
    const { page } = admin;
    await page
      .locator('[data-part=what]')
      .getByPlaceholder('Search operations')
      .fill('host name description');
    await page.locator('[data-operation="patch-device-general-set-device-general"]').first().click();
    await page.locator('[data-part=who] select[aria-label=Site]').selectOption('North plant');
    await page.locator('[data-summary] [data-shut="North plant"]').waitFor();
    await page.locator('[data-part=how] [data-shut="North plant"]').waitFor();
    await page.locator('[name=outsideWindows]').check();
    await page.locator('[data-shut]').first().waitFor({ state: 'detached' });
    await page.locator('[name=outsideWindows]').uncheck();
    await page.locator('[data-summary] [data-shut="North plant"]').waitFor();
    await admin.picture('job-of-shut-site');
    await page.getByRole('button', { name: /^Start on \d+ gateways/ }).click();
    await page.locator('[data-waiting-for=window]').click();
    await page
      .getByText(/The window of the site "North plant" opens/)
      .first()
      .waitFor();
    await admin.picture('job-waits-for-window');
  });

  it('goes on with the job once the site is forgotten', async () => {
    const job = admin.page.url();
    await admin.open('jobs?sites=1');
    await row('North plant').getByRole('button', { name: 'Forget' }).click();
    await admin.page.getByRole('alertdialog').getByRole('button', { name: 'Forget' }).click();
    await row('North plant').getByText('Open', { exact: true }).waitFor();
    await admin.page.goto(job);
    await admin.page.locator('header[data-state=COMPLETED]').waitFor();
  });

  it('is readable on a telephone, in another language', async () => {
    await phone.open('jobs?sites=1');
    await row('North plant', phone).getByText('Offen', { exact: true }).waitFor();
    await phone.picture('sites-phone');
    expect(await phone.accessibilityFaults()).to.deep.equal([]);
    expect(phone.faults).to.deep.equal([]);
    expect(admin.faults).to.deep.equal([]);
  });
});
