import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { type PostgresServer, postgres } from '../support/postgres.js';
import { skipWithout } from '../support/programs.js';

const PAGES = [
  'fleet',
  'alarms',
  'gateways',
  'gateway?clientid=virtual-0001',
  'commands',
  'updates',
  'jobs',
  'register',
  'audit',
  'users',
];
const LOCALES = ['en-US', 'de-DE', 'ja-JP', 'zh-TW'] as const;
const BANNERS = {
  'en-US': 'The database of the server has not responded since',
  'de-DE': 'Die Datenbank des Servers antwortet seit',
  'ja-JP': 'サーバーのデータベースが応答しません',
  'zh-TW': '伺服器的資料庫沒有回應',
};
/** The page whose form is half typed: `register`, in Traditional Chinese. */
const FORM = 7;

describe('dashboard: PostgreSQL stops under open pages, and starts again', () => {
  const database = 'stale_dashboard';
  let server: PostgresServer | undefined;
  let isAway = false;
  let nodeRed: NodeRedProcess | undefined;
  let browser: Browser | undefined;
  const people: DashboardPage[] = [];

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    server = await postgres();
    await server.admin(`create database ${database}`);
    const env = { ...hurried(200), DATABASE_URL: server.url(database), TPE_SIMULATED_GATEWAYS: '12' };
    [nodeRed, browser] = await Promise.all([startNodeRed({ env }), launchChromium()]);
    for (const [place, path] of PAGES.entries()) {
      const phone = place % 3 === 0 ? { viewport: { width: 390, height: 844 } } : {};
      const person = await openDashboard(browser, nodeRed, { locale: localeOf(place), ...phone });
      people.push(person);
      await person.open(path);
    }
    await people[FORM]!.page.locator('[name=clientid]').fill('half-typed-1');
    await people[2]!.page.locator('tr[data-clientid]').first().waitFor();
    await server.stop();
    isAway = true;
  });
  after(async () => {
    for (const person of people) await person.close();
    await browser?.close();
    await nodeRed?.stop();
    if (isAway) await server?.start();
    await server?.admin(`drop database if exists ${database} with (force)`);
  });

  for (const [place, path] of PAGES.entries()) {
    it(`${path}: one banner says in ${localeOf(place)} that the database is away, and since when`, async () => {
      const { page, picture } = people[place]!;
      const banner = page.locator('[data-stale=database]');
      await banner.waitFor();
      expect(await banner.count()).to.equal(1);
      expect(await banner.textContent()).to.contain(BANNERS[localeOf(place)]);
      expect(await page.evaluate('document.documentElement.className')).to.contain('tpe-is-stale');
      // What the banner says is not said again for each part of the page.
      await page.locator('.tpe-fault').first().waitFor({ state: 'detached' });
      expect(await page.locator('.tpe-fault').count()).to.equal(0);
      await picture(`database-away-${path.split('?')[0]}`);
    });
  }

  it('keeps what the table has shown, dimmed', async () => {
    const { page } = people[2]!;
    expect(await page.locator('tr[data-clientid]').count()).to.equal(12);
    expect(
      await page.evaluate('getComputedStyle(document.querySelector(".tpe-table tbody")).opacity'),
    ).to.equal('0.6');
  });

  it('an act is refused at once, in the words of the reader, with what was typed left as it is', async () => {
    const { page, picture } = people[FORM]!;
    await page.locator('form .tpe-primary[type=submit]').click();
    const fault = page.locator('form .tpe-fault');
    await fault.waitFor();
    expect(await fault.textContent()).to.contain('資料庫');
    expect(await page.locator('[name=clientid]').inputValue()).to.equal('half-typed-1');
    await picture('database-away-refused');
    const users = people[9]!.page;
    await users.locator('[name=new-user]').fill('kim');
    await users.locator('[name=new-user]').press('Enter');
    await users.locator('form .tpe-fault').getByText('Datenbank').waitFor();
    expect(await users.locator('[name=new-user]').inputValue()).to.equal('kim');
  });

  it('all of them go on by themselves when it is back, with what was typed', async () => {
    await server!.start();
    isAway = false;
    for (const { page, faults } of people) {
      await page.locator('[data-stale]').waitFor({ state: 'detached' });
      expect(await page.evaluate('document.documentElement.className')).not.to.contain('tpe-is-stale');
      expect(faults).to.deep.equal([]);
    }
    const { page } = people[FORM]!;
    expect(await page.locator('[name=clientid]').inputValue()).to.equal('half-typed-1');
    await page.locator('form .tpe-primary[type=submit]').click();
    await page.locator('.tpe-registered').waitFor();
  });

  function localeOf(place: number): (typeof LOCALES)[number] {
    return LOCALES[place % LOCALES.length]!;
  }
});
