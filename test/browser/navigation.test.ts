import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { copyEmptyDatabase } from '../support/embedded-template.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
const OFFLINE = 3;

/** Some gateways that were there and are gone, and an alarm of one of them. */
async function writeFleet(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'registry');
  await copyEmptyDatabase(folder);
  const database = await openDatabase({ kind: 'embedded', folder });
  await migrate(database, { info: () => undefined });
  const registry = createRegistry(database);
  for (let n = 1; n <= OFFLINE; n += 1) {
    await registry.register({ clientid: `pump-${n}`, site: n === 3 ? 'Harbour' : 'Old yard' });
    await database.query(
      `insert into tpe_presence (clientid, status, since) values ($1, 'offline', now())
       on conflict (clientid) do update set status = 'offline', since = now()`,
      [`pump-${n}`],
    );
  }
  await database.query(
    `insert into tpe_alarm (rule, kind, severity, clientid, key, site, reason, since)
     values ('own', 'offline', 'warning', 'pump-1', 'pump-1', 'Old yard', 'No contact', now())`,
  );
  await database.close();
}

/** In the page: whether something of the menu is seen in any frame of it. */
function watchMenu(): void {
  const seen = window as { menuWasSeen?: boolean };
  seen.menuWasSeen = false;
  const look = () => {
    const menu = document.querySelector('[data-el=nav-drawer]')?.getBoundingClientRect();
    if (menu !== undefined && menu.width > 0 && menu.right > 0) seen.menuWasSeen = true;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

describe('dashboard: the way around', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;
  let phone: DashboardPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    const dataDir = temporaryFolder();
    await writeFleet(dataDir);
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ dataDir, env: { TPE_SIMULATED_GATEWAYS: '4' } }),
      launchChromium(),
    ]);
    admin = await openDashboard(browser, nodeRed, { viewport: { width: 1280, height: 800 } });
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await admin?.picture('navigation-failed');
      await phone?.picture('navigation-failed-phone');
    }
  });

  const menu = (page: Page) => page.locator('[data-el=nav-drawer]');
  const finder = (page: Page) => page.locator('[data-part=find]');
  const option = (page: Page, name: string | RegExp) => finder(page).getByRole('option', { name });
  const addressOf = (page: Page) => new URL(page.url()).pathname + new URL(page.url()).search;

  describe('the menu', () => {
    it('stays in sight as icons with names, and says how much is wrong', async () => {
      await admin.open('fleet');
      const gateways = menu(admin.page).getByRole('link', { name: /^Gateways/ });
      await gateways.getByText(`${OFFLINE} gateways offline`).waitFor({ state: 'attached' });
      await menu(admin.page)
        .getByRole('link', { name: /1 open alarm/ })
        .waitFor();
      expect((await menu(admin.page).boundingBox())?.width).to.be.below(80);
      expect(await menu(admin.page).getByRole('link', { name: 'Gateway', exact: true }).count()).to.equal(0);
      expect(await admin.accessibilityFaults()).to.deep.equal([]);
      await admin.picture('navigation-rail');
    });

    it('shows the names of pages where the person wants them, also after a reload', async () => {
      await admin.page.getByRole('button', { name: 'Menu' }).click();
      await menu(admin.page).getByText('Software updates').waitFor();
      await admin.page.reload();
      await menu(admin.page).getByText('Software updates').waitFor();
      // While the page begins, the dashboard sets its menu by itself.
      await admin.page.locator('[data-figure=offline]').waitFor();
      await admin.picture('navigation-names');
      await admin.page.getByRole('button', { name: 'Menu' }).click();
      await admin.page.waitForFunction('document.querySelector("[data-el=nav-drawer]").clientWidth < 80');
    });

    it('is out of the way on a telephone, and comes by its button', async () => {
      phone = await openDashboard(browser, nodeRed, { ...PHONE, locale: 'de-DE' });
      await phone.page.addInitScript(watchMenu);
      await phone.open('fleet');
      await phone.page.locator('[data-figure=offline]').waitFor();
      // The dashboard moves its page to where the menu leaves room.
      await phone.page.waitForFunction(
        'parseFloat(getComputedStyle(document.querySelector(".v-main")).paddingLeft) === 0',
      );
      await phone.picture('navigation-phone');
      // Nor was it there for a moment while the page was loaded.
      expect(await phone.page.evaluate('window.menuWasSeen')).to.equal(false);
      await phone.page.getByRole('button', { name: 'Menü' }).click();
      const gateways = menu(phone.page).getByRole('link', { name: /Gateways/ });
      await gateways.getByText(`${OFFLINE} Gateways offline`).waitFor({ state: 'attached' });
      await phone.picture('navigation-phone-menu');
      // Who is on a page already has only the menu to lose.
      await menu(phone.page).getByRole('link', { name: 'Flotte' }).click();
      await menu(phone.page).and(phone.page.locator(':not(.v-navigation-drawer--active)')).waitFor();
      await phone.page.getByRole('button', { name: 'Menü' }).click();
      await gateways.click();
      await phone.page.locator('tr[data-clientid]').first().waitFor();
    });
  });

  it('has names beside its icons at first where there is room, in the dark and in Japanese', async () => {
    const wide = await openDashboard(browser, nodeRed, {
      ...{ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'ja-JP' },
    });
    await menu(wide.page).getByText('ソフトウェア更新').waitFor();
    await wide.page.waitForFunction('document.querySelector("[data-el=nav-drawer]").clientWidth > 200');
    await menu(wide.page).locator('[data-mark=tpe-ui-gateways]').waitFor();
    expect(await wide.accessibilityFaults()).to.deep.equal([]);
    await wide.picture('navigation-dark');
    await wide.page.locator('.tpe-find').click();
    await finder(wide.page).locator('[name=find]').fill('再起動');
    await finder(wide.page).locator('[data-found=operations] a').first().waitFor();
    expect(await wide.accessibilityFaults()).to.deep.equal([]);
    await wide.picture('navigation-find-dark');
    await wide.close();
  });

  describe('links', () => {
    it('lead from figures and bars to the gateways that they count, by an address that can be passed on', async () => {
      await admin.open('fleet');
      const figure = admin.page.locator('a[data-figure=offline]');
      await figure.waitFor();
      expect(await figure.getAttribute('href')).to.equal('/dashboard/gateways?status=offline');
      const site = admin.page.locator('[data-share="Old yard"] a');
      expect(await site.getAttribute('href')).to.equal('/dashboard/gateways?site=Old+yard');
      const [other] = await Promise.all([
        admin.page.context().waitForEvent('page'),
        site.click({ modifiers: ['Control'] }),
      ]);
      await other.locator('tr[data-clientid=pump-2]').waitFor();
      expect(await other.locator('tr[data-clientid]').count()).to.equal(2);
      await other.close();
      await figure.click();
      await admin.page.locator('tr[data-clientid=pump-3]').waitFor();
      expect(await admin.page.locator('tr[data-clientid]').count()).to.equal(OFFLINE);
    });

    it('keep what a list shows through reload, Back and Forward, and take nothing of no meaning', async () => {
      await admin.open('alarms?tab=gone&kind=x&severity=critical&after=&page=-1');
      const pick = admin.page.locator('.tpe-pick').first();
      await pick.waitFor();
      expect(await pick.inputValue()).to.equal('critical');
      await pick.selectOption('warning');
      await admin.page.locator('tr[data-alarm]').waitFor();
      await admin.page.waitForURL('**/alarms?*severity=warning*');
      await admin.page.locator('[data-tab=cleared]').click();
      await admin.page.waitForURL('**/alarms?*tab=cleared*');
      await admin.page.goBack();
      await admin.page.locator('[data-tab=open][aria-selected=true]').waitFor();
      await admin.page.goForward();
      await admin.page.locator('[data-tab=cleared][aria-selected=true]').waitFor();
      await admin.page.goBack();
      await admin.page.locator('[data-tab=open][aria-selected=true]').waitFor();
      await admin.page.reload();
      await admin.page.locator('tr[data-alarm]').waitFor();
      expect(await pick.inputValue()).to.equal('warning');
      await admin.page.goForward();
      await admin.page.locator('[data-tab=cleared][aria-selected=true]').waitFor();
      await admin.page.goBack();
      await admin.page.locator('[data-tab=open][aria-selected=true]').waitFor();
      await admin.open('jobs?tab=ended&end=CANCELED');
      expect(await admin.page.locator('select.tpe-end').inputValue()).to.equal('CANCELED');
    });
  });

  it('goes Back and Forward from page to page as before a reload, without a step more', async () => {
    await admin.open('fleet');
    await admin.page.locator('a[data-figure=offline]').click();
    await admin.page.locator('tr[data-clientid=pump-3]').getByRole('link').click();
    await admin.page.locator('header[data-clientid=pump-3]').waitFor();
    await admin.page.goBack();
    await admin.page.locator('tr[data-clientid=pump-3]').waitFor();
    await admin.page.reload();
    await admin.page.locator('tr[data-clientid=pump-3]').waitFor();
    await admin.page.goForward();
    await admin.page.locator('header[data-clientid=pump-3]').waitFor();
    await admin.page.goBack();
    await admin.page.locator('tr[data-clientid=pump-3]').waitFor();
    await admin.page.reload();
    await admin.page.locator('tr[data-clientid=pump-3]').waitFor();
    await admin.page.goBack();
    await admin.page.locator('a[data-figure=offline]').waitFor();
    expect(addressOf(admin.page)).to.equal('/dashboard/fleet');
  });

  describe('views', () => {
    it('are named, stand above the list, and are found from everywhere; renamed and removed', async () => {
      await admin.open('alarms?severity=warning');
      await admin.page.locator('[data-save-view]').click();
      await admin.page.locator('[name=view-name]').fill('My warnings');
      await admin.page.keyboard.press('Enter');
      const view = admin.page.locator('a[data-view="My warnings"]');
      await view.waitFor();
      expect(await view.getAttribute('href')).to.equal('/dashboard/alarms?severity=warning');
      expect(await view.getAttribute('aria-current')).to.equal('true');
      expect(await admin.accessibilityFaults()).to.deep.equal([]);
      await admin.picture('navigation-views');
      await admin.open('jobs');
      await admin.page.locator('.tpe-find').waitFor();
      await admin.page.keyboard.press('Control+k');
      await finder(admin.page).waitFor();
      await admin.page.keyboard.type('my warn');
      await option(admin.page, 'My warnings').waitFor();
      await admin.page.keyboard.press('Enter');
      await admin.page.waitForURL('**/alarms?severity=warning');
      await admin.page.locator('[data-all-views]').click();
      await admin.page.getByRole('button', { name: 'Rename: My warnings', exact: true }).click();
      await admin.page.locator('[name=view-name]').fill('Warnings');
      await admin.page.keyboard.press('Enter');
      await admin.page.locator('a[data-view=Warnings]').waitFor();
      await admin.page.locator('[data-view-row=Warnings]').waitFor();
      await admin.picture('navigation-view-list');
      await admin.page.getByRole('button', { name: 'Remove: Warnings', exact: true }).click();
      await admin.page.locator('a[data-view=Warnings]').waitFor({ state: 'detached' });
    });
  });

  describe('finding', () => {
    it('opens by Ctrl and K, finds a gateway by its site, and goes there by Enter', async () => {
      await admin.open('fleet');
      await admin.page.locator('[data-figure=offline]').waitFor();
      await admin.page.locator('.tpe-find').waitFor();
      await admin.page.keyboard.press('Control+k');
      await finder(admin.page).getByRole('option', { name: 'Alarms' }).waitFor();
      await admin.page.keyboard.type('harb');
      await option(admin.page, /pump-3/).waitFor();
      expect(await admin.accessibilityFaults()).to.deep.equal([]);
      await admin.picture('navigation-find');
      await admin.page.keyboard.press('Enter');
      await admin.page.locator('header[data-clientid=pump-3]').waitFor();
      expect(addressOf(admin.page)).to.equal('/dashboard/gateway?clientid=pump-3');
    });

    it('finds operations by the words that people use, and pages', async () => {
      await admin.page.keyboard.press('Control+k');
      await finder(admin.page).waitFor();
      await admin.page.keyboard.type('reboot');
      await finder(admin.page).locator('[data-found=operations] a').first().waitFor();
      await admin.picture('navigation-find-operations');
      await admin.page.keyboard.press('Control+a');
      await admin.page.keyboard.type('audit');
      await option(admin.page, 'Audit').waitFor();
      await admin.page.keyboard.press('Enter');
      await admin.page.waitForURL('**/audit');
    });

    it('closes by Esc, and gives the focus back', async () => {
      const button = admin.page.locator('.tpe-find');
      await button.focus();
      await button.press('Enter');
      await finder(admin.page).waitFor();
      await admin.page.keyboard.press('Escape');
      await finder(admin.page).waitFor({ state: 'hidden' });
      await admin.page.waitForFunction('document.activeElement.classList.contains("tpe-find")');
    });

    it('works on a telephone, in German', async () => {
      await phone.page.locator('.tpe-find').click();
      await finder(phone.page).locator('[name=find]').fill('pump');
      await option(phone.page, /pump-1/).waitFor();
      await phone.picture('navigation-find-phone');
      await option(phone.page, /pump-2/).click();
      await phone.page.locator('header[data-clientid=pump-2]').waitFor();
      expect(await phone.accessibilityFaults()).to.deep.equal([]);
      expect(admin.faults.concat(phone.faults)).to.deep.equal([]);
    });
  });
});
