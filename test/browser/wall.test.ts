import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patience } from '../support/patience.js';
import { skipWithout } from '../support/programs.js';
import { restCaller } from '../support/rest-caller.js';

const ONLINE = 3;
/** It may be up to 20 s late before it says so, and asks every 5 s. */
const TELLS_WITHIN_MS = patience(60_000);

/** A screen that nobody signs in at. */
interface Screen {
  page: Page;
  faults: string[];
  /** All that the screen asked for: addresses, as a log has them. */
  asked: string[];
}

describe('dashboard: the wall page', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;
  let screen: Screen;
  let link = '';

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: String(ONLINE) } }),
      launchChromium(),
    ]);
    admin = await openDashboard(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await (screen?.page ?? admin.page).screenshot({ path: join(PICTURES, 'wall-failed.png') });
  });

  async function openScreen(url: string, locale = 'en-US'): Promise<Screen> {
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale });
    const page = await context.newPage();
    page.setDefaultTimeout(TELLS_WITHIN_MS);
    const faults: string[] = [];
    const asked: string[] = [];
    page.on('pageerror', ({ message }) => void faults.push(message));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
    });
    page.on('request', (request) => void asked.push(request.url()));
    await page.goto(url);
    return { page, faults, asked };
  }

  const tone = (name: string, { page }: Screen = screen) =>
    page.locator(`header[data-tone=${name}]`).waitFor();
  const headline = ({ page }: Screen = screen) => page.locator('h1').textContent();
  const dialog = () => admin.page.getByRole('dialog', { name: 'API tokens' });

  async function makeLink(name: string): Promise<string> {
    await dialog().locator('[name=token-name]').fill(name);
    await dialog().locator('[name=token-scope]').selectOption('wall');
    expect(await dialog().locator('[name=token-role] option').allTextContents()).to.deep.equal(['Viewer']);
    await dialog().getByRole('button', { name: 'Create token' }).click();
    const made = (await dialog().locator('[data-secret]').textContent()) ?? '';
    await dialog().getByRole('button', { name: 'I have saved it' }).click();
    return made;
  }

  it('is opened by a link that is made where API tokens are, and holds a token that no server sees in an address', async () => {
    await admin.page.getByRole('button', { name: /Account/ }).click();
    await admin.page.getByRole('button', { name: 'API tokens', exact: true }).click();
    link = await makeLink('control room');
    expect(link).to.match(/\/dashboard\/wall\/#tpedm_[\w-]{32}$/);
    await dialog().locator('tr', { hasText: 'control room' }).getByText('Wall page only').waitFor();
    await admin.picture('wall-token');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);

    screen = await openScreen(link);
    await tone('good');
    expect(await headline()).to.equal('All is well');
    expect(await screen.page.locator('.online b').textContent()).to.equal(String(ONLINE));
    expect(screen.page.url()).to.equal(`${nodeRed.url}/dashboard/wall/`);
    expect(screen.asked.filter((url) => url.replace(/#.*/, '').includes('tpedm_'))).to.deep.equal([]);
    await screen.page.screenshot({ path: join(PICTURES, 'wall-well.png') });

    // The screen is turned off and on.
    await screen.page.reload();
    await tone('good');
    expect(screen.faults).to.deep.equal([]);
  });

  it('shows what is raised while it is open, and that it was cleared', async () => {
    const rest = restCaller(nodeRed);
    const text = 'Water in the pump house.';
    const raised = await rest.call('POST', '/api/alarm', { key: 'water', severity: 'critical', text });
    expect(raised.status).to.equal(200);
    await tone('critical');
    await screen.page.getByText(text).waitFor();
    expect(await headline()).to.equal('Critical');
    expect((await rest.call('DELETE', '/api/alarm?key=water')).status).to.equal(200);
    await tone('good');
  });

  it('is in the language of the browser, or that of its address', async () => {
    const german = await openScreen(link, 'de-AT');
    await tone('good', german);
    expect(await headline(german)).to.equal('Alles in Ordnung');
    const japanese = await openScreen(link.replace('#', '?lang=ja#'), 'de-AT');
    await tone('good', japanese);
    expect(await headline(japanese)).to.equal('すべて正常');
    expect(await japanese.page.locator('html').getAttribute('lang')).to.equal('ja');
    for (const { page } of [german, japanese]) await page.context().close();
  });

  it('is opened by who is signed in, also at an address that the cache of the dashboard answers', async () => {
    const { page } = admin;
    // As its service worker does.
    const cached = (await (await page.goto(`${nodeRed.url}/dashboard/fleet`))?.text()) ?? '';
    await page.route(/\/dashboard\/wall\?/, (route) =>
      route.fulfill({ contentType: 'text/html', body: cached }),
    );
    await page.goto(`${nodeRed.url}/dashboard/wall?lang=de`);
    await page.locator('header[data-tone=good]').waitFor();
    expect(page.url()).to.equal(`${nodeRed.url}/dashboard/wall/?lang=de`);
    expect(await page.locator('h1').textContent()).to.equal('Alles in Ordnung');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
  });

  it('says since when it hears nothing while the server is away, and goes on by itself', async () => {
    const { PORT } = { PORT: new URL(nodeRed.url).port };
    await screen.page.evaluate('window.isTheSame = true');
    await nodeRed.stop();
    await screen.page.locator('body.late').waitFor();
    expect(await headline()).to.match(/^No contact since \d\d:\d\d:\d\d$/);
    await tone('unknown');
    await screen.page.screenshot({ path: join(PICTURES, 'wall-no-contact.png') });
    const { dataDir, adminPassword, token } = nodeRed;
    nodeRed = await startNodeRed({
      dataDir,
      env: {
        ...{ PORT, TPE_ADMIN_PASSWORD: adminPassword, TPE_API_TOKEN: token },
        TPE_SIMULATED_GATEWAYS: String(ONLINE),
      },
    });
    await tone('good');
    await screen.page.locator('body:not(.late)').waitFor();
    expect(await screen.page.evaluate('window.isTheSame'), 'it did not load itself again').to.equal(true);
    expect(screen.faults).to.deep.equal([]);
  });

  it('shows nothing any more when its token is revoked, and goes on with the link of another', async () => {
    admin = await openDashboard(browser, nodeRed);
    await admin.page.getByRole('button', { name: /Account/ }).click();
    await admin.page.getByRole('button', { name: 'API tokens', exact: true }).click();
    const row = dialog().locator('tr', { hasText: 'control room' });
    await row.getByRole('button', { name: 'Revoke' }).click();
    await admin.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await row.waitFor({ state: 'detached' });
    await screen.page.getByText('Its token was revoked or has expired.').waitFor();
    expect(await screen.page.locator('main').textContent()).to.equal('');
    expect(await screen.page.evaluate('localStorage.length')).to.equal(0);
    await screen.page.screenshot({ path: join(PICTURES, 'wall-refused.png') });

    await screen.page.goto(await makeLink('the next one'));
    await tone('good');
  });

  it('says what is wrong with a token for something else, and asks who has none to sign in', async () => {
    const wrong = await openScreen(`${nodeRed.url}/dashboard/wall/#${nodeRed.token}`);
    await wrong.page.getByText('Its token opens something else.').waitFor();
    const guest = await openScreen(`${nodeRed.url}/dashboard/wall/?lang=de`);
    await guest.page.getByRole('link', { name: 'Anmelden' }).click();
    await guest.page.locator('[name=user]').fill('admin');
    await guest.page.locator('[name=password]').fill(nodeRed.adminPassword);
    await guest.page.keyboard.press('Enter');
    await tone('good', guest);
    expect(guest.page.url()).to.equal(`${nodeRed.url}/dashboard/wall/?lang=de`);
  });
});
