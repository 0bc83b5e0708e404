import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { freePort } from '../support/free-port.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

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
const LANGUAGES = {
  'en-US': 'No connection to the server since',
  'de-DE': 'Keine Verbindung zum Server seit',
};

describe('dashboard: Node-RED is killed under open pages, and starts again', () => {
  let env: NodeJS.ProcessEnv;
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  const people: DashboardPage[] = [];

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    env = { ...hurried(200), PORT: String(await freePort()) };
    [nodeRed, browser] = await Promise.all([startNodeRed({ env }), launchChromium()]);
    const { dataDir, adminPassword, token } = nodeRed;
    env = { ...env, TPE_ADMIN_PASSWORD: adminPassword, TPE_API_TOKEN: token };
    for (const [place, path] of PAGES.entries()) {
      const locale = place % 2 === 0 ? 'en-US' : 'de-DE';
      const phone = place % 3 === 0 ? { viewport: { width: 390, height: 844 } } : {};
      const person = await openDashboard(browser, nodeRed, { locale, ...phone });
      people.push(person);
      await person.open(path);
    }
    await people[7]!.page.locator('[name=clientid]').fill('half-typed-1');
    await nodeRed.kill();
    expect(dataDir).not.to.equal('');
  });
  after(async () => {
    for (const person of people) await person.close();
    await browser?.close();
    await nodeRed?.stop();
  });

  for (const [place, path] of PAGES.entries()) {
    it(`${path}: one banner says since when what is shown is old`, async () => {
      const { page } = people[place]!;
      const banner = page.locator('[data-stale=server]');
      await banner.waitFor();
      expect(await banner.count()).to.equal(1);
      expect(await page.getByText('Connection Lost').isVisible(), 'the message of Dashboard 2.0').to.equal(
        false,
      );
      expect(await banner.textContent()).to.contain(LANGUAGES[place % 2 === 0 ? 'en-US' : 'de-DE']);
      if (path === 'gateways' || path === 'fleet') await people[place]!.picture(`stale-${path}`);
    });
  }

  it('a click is refused at once, with what was typed left as it is', async () => {
    const { page } = people[7]!;
    await page.getByRole('button', { name: 'Registrieren', exact: true }).click();
    await page.locator('.tpe-fault').waitFor();
    expect(await page.locator('[name=clientid]').inputValue()).to.equal('half-typed-1');
  });

  it('all of them go on by themselves when it is back, with what was typed', async () => {
    const { dataDir } = nodeRed;
    nodeRed = await startNodeRed({ env, dataDir });
    for (const { page, faults } of people) {
      await page.locator('[data-stale]').waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.documentElement.className)).not.to.contain('tpe-is-stale');
      expect(faults).to.deep.equal([]);
    }
    // Dashboard 2.0 may load the page anew; then the form is given what was typed once it knows who is there.
    await people[7]!.page.waitForFunction(
      `document.querySelector('[name=clientid]')?.value === 'half-typed-1'`,
    );
  });
});
