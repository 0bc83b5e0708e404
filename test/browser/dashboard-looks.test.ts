import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser, Locator } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

/** Each page, and what is there once it has its answers. */
const PAGES: Record<string, string> = {
  fleet: '.tpe-chart',
  alarms: '[data-tab=rules]',
  gateways: 'tr[data-clientid=virtual-0012]:has-text("Online")',
  'gateway?clientid=virtual-0001': 'header[data-clientid=virtual-0001]:has-text("Online")',
  'commands?operation=put-system-reboot-reboot-device-now': '.tpe-command-form h2',
  updates: 'text=Scan all gateways',
  jobs: 'text=New job',
  register: '[name=clientid]',
  audit: 'tr[data-audit=login]',
  users: '[name=new-user]',
};

describe('dashboard: looks', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let person: DashboardPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '12' } }),
      launchChromium(),
    ]);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  const nameOf = (path: string) => path.split('?')[0];

  for (const scheme of ['light', 'dark'] as const) {
    describe(scheme, () => {
      before(async () => {
        person = await openDashboard(browser, nodeRed, { colorScheme: scheme });
      });
      after(() => person.close());

      for (const [path, landmark] of Object.entries(PAGES)) {
        it(`shows ${nameOf(path)}, and axe finds no fault`, async () => {
          await person.open(path);
          await person.page.locator(landmark).first().waitFor();
          await person.picture(`${nameOf(path)}-${scheme}`);
          expect(await person.accessibilityFaults()).to.deep.equal([]);
        });
      }

      it('fetches nothing from elsewhere, and meets no error', () => {
        expect(person.foreign).to.deep.equal([]);
        expect(person.faults).to.deep.equal([]);
      });
    });
  }

  it('has room for every page on a telephone, and on a large screen', async () => {
    for (const viewport of [
      { width: 360, height: 740 },
      { width: 3840, height: 2160 },
    ]) {
      person = await openDashboard(browser, nodeRed, { viewport });
      for (const [path, landmark] of Object.entries(PAGES)) {
        await person.open(path);
        await person.page.locator(landmark).first().waitFor({ state: 'attached' });
        const width = await person.page.evaluate('document.documentElement.scrollWidth');
        expect(width, `${path} at ${viewport.width}`).to.equal(viewport.width);
        await person.picture(`${nameOf(path)}-${viewport.width}`);
      }
      await person.close();
    }
  });

  it('speaks the language of the browser, and another one when it is chosen', async () => {
    person = await openDashboard(browser, nodeRed, { locale: 'de-AT' });
    await person.open('fleet');
    await person.page.getByText('Nach Modell').waitFor();
    await person.page.locator('.v-app-bar').getByText('Flotte').waitFor();
    await person.page.locator('.v-app-bar-nav-icon').click();
    await person.page.getByRole('link', { name: 'Software-Updates' }).click();
    await person.page.waitForFunction('document.title === "Software-Updates"');
    await person.open('gateways');
    const row = person.page.locator('tr[data-clientid=virtual-0001]');
    await row.getByText('verbunden von 127.0.0.1').waitFor();
    await person.open('fleet');
    await person.page.getByRole('button', { name: 'Konto' }).click();
    await person.page.getByLabel('Sprache').selectOption('ja');
    await person.page.getByText('モデル別').waitFor();
    await person.page.locator('.v-app-bar').getByText('フリート').waitFor();
    await person.picture('fleet-ja');
    await person.page.reload();
    await person.page.getByText('モデル別').waitFor();
    await person.page.getByRole('button', { name: 'アカウント' }).click();
    await person.page.getByLabel('言語').selectOption('zh-TW');
    await person.page.getByText('依型號').waitFor();
    await person.close();
  });

  it('has menus that keys alone open and use, and axe finds no fault in them', async () => {
    person = await openDashboard(browser, nodeRed);
    const { page } = person;
    const dialog = (name: string) => page.getByRole('dialog', { name, exact: true });
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    /** Opens a menu by Enter, and goes by Tab to what is named in it. */
    async function reach(menu: string, opener: Locator, wanted: Locator): Promise<void> {
      await opener.focus();
      await page.keyboard.press('Enter');
      await dialog(menu).waitFor();
      expect(await person.accessibilityFaults(), menu).to.deep.equal([]);
      for (let tabs = 0; !(await wanted.evaluate((element) => element.matches(':focus'))); tabs += 1) {
        expect(tabs, `${menu}: reached by Tab`).to.be.below(25);
        await page.keyboard.press('Tab');
      }
    }

    await person.open('gateways');
    await page.locator(PAGES.gateways!).waitFor();
    await reach('Columns', button('Columns'), dialog('Columns').getByRole('checkbox', { name: 'Host' }));
    await page.keyboard.press('Space');
    await page.getByRole('columnheader', { name: 'Host', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await dialog('Columns').waitFor({ state: 'detached' });
    await page.locator('tr[data-clientid=virtual-0012]').getByRole('checkbox').check();
    await reach('More', button('More'), dialog('More').getByRole('button', { name: 'Set site' }));
    await page.keyboard.press('Enter');
    await page.getByLabel('Value').waitFor();

    await person.open('alarms?severity=warning');
    await page.locator('[data-save-view]').click();
    await page.locator('[name=view-name]').fill('Warnings');
    await page.keyboard.press('Enter');
    await page.locator('a[data-view=Warnings]').waitFor();
    await person.open('alarms');
    await reach(
      'Views',
      page.locator('[data-all-views]'),
      dialog('Views').getByRole('link', { name: 'Warnings' }),
    );
    await page.keyboard.press('Enter');
    await page.waitForURL('**/alarms?severity=warning');

    await person.open('gateway?clientid=virtual-0001');
    const more = page.locator('[data-more-actions]');
    await more.waitFor();
    await reach('More actions', more, dialog('More actions').getByRole('button', { name: /^Disable/ }));
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();

    await person.open('fleet');
    const account = page.getByRole('button', { name: 'Account' });
    await account.waitFor();
    await reach('Account', account, dialog('Account').getByRole('button', { name: 'API tokens' }));
    await page.keyboard.press('Enter');
    await dialog('API tokens').waitFor();
    await person.close();
  });

  it('takes the colours that a person chose, and keeps them from page to page', async () => {
    person = await openDashboard(browser, nodeRed, { colorScheme: 'light' });
    await person.open('fleet');
    const background = () =>
      person.page.evaluate('getComputedStyle(document.querySelector(".v-application")).backgroundColor');
    const light = await background();
    await person.page.getByRole('button', { name: 'Account' }).click();
    await person.page.getByLabel('Theme').selectOption('dark');
    await person.page.waitForFunction(
      `getComputedStyle(document.querySelector(".v-application")).backgroundColor !== ${JSON.stringify(light)}`,
    );
    const dark = await background();
    await person.page.keyboard.press('Escape');
    await person.page.locator('[data-figure=online]').click();
    await person.page.locator('tr[data-clientid=virtual-0001]').waitFor();
    expect(await background()).to.equal(dark);
    await person.page.getByRole('button', { name: 'Account' }).click();
    await person.page.getByLabel('Theme').selectOption('light');
    await person.page.waitForFunction(
      `getComputedStyle(document.querySelector(".v-application")).backgroundColor === ${JSON.stringify(light)}`,
    );
    await person.close();
  });
});
