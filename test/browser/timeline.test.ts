import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { type Past, pastOf } from '../support/past-of-gateway.js';
import { skipWithout } from '../support/programs.js';
import { restCaller } from '../support/rest-caller.js';

const SHOWN = 'virtual-0001';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GATEWAYS = { TPE_SIMULATED_GATEWAYS: '3' };

/** A day in which much happened. */
async function writeDay(gw: Past, now: number): Promise<void> {
  const ago = (hours: number, minutes = 0) => now - hours * HOUR + minutes * MINUTE;
  const reboot = { method: 'PUT', path: '/system/reboot', risk: 'disruptive' };
  await gw.online(ago(30));
  await gw.offline(ago(20), 'keepalive timeout');
  await gw.alarm(ago(20), ago(18));
  await gw.online(ago(18), 'connected from 192.0.2.10');
  await gw.edit(ago(15), 'gateway.change', { site: 'Bochum', addTags: ['north'] });
  const job = await gw.job(ago(9), ago(9, 12), 'Nightly reboot');
  await gw.command(ago(9), { ...reboot, execution: `${job}/1/0/send`, requestedBy: `job ${job}` });
  await gw.offline(ago(9, 1), 'disconnected by itself');
  await gw.online(ago(9, 9), 'connected from 192.0.2.10');
  const step = { package: 0, name: 'reboot', startedAt: new Date(ago(5, 12)).toISOString(), endedAt: null };
  const steps = [{ ...step, detail: null, cause: null, progress: 100 }];
  await gw.installation(ago(5), { endedAt: ago(5, 24), steps, versions: ['2.4.0', '2.5.0'] });
  await gw.offline(ago(5, 13), 'connection lost');
  await gw.online(ago(5, 19), 'connected from 192.0.2.10');
  await gw.command(ago(3), { method: 'PATCH', path: '/device/general', risk: 'write', state: 'FAILED' });
  for (let n = 0; n < 5; n += 1) await gw.command(ago(2, n), { requestedBy: 'tpe-command: poll' });
  await gw.command(ago(1), { ...reboot, requestedBy: 'dashboard: otto' });
  await gw.offline(ago(1, 2), 'keepalive timeout');
  await gw.online(ago(1, 9), 'connected from 192.0.2.10');
}

describe('dashboard: the timeline of a gateway', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let person: DashboardPage | undefined;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    const first = await startNodeRed({ env: GATEWAYS });
    await restCaller(first).until('/api/device', ({ data }) =>
      data.some(
        (device: { clientid: string; status: string }) =>
          device.clientid === SHOWN && device.status === 'online',
      ),
    );
    await first.stop();
    const { dataDir, adminPassword, token } = first;
    const database = await openDatabase({ kind: 'embedded', folder: join(dataDir, 'registry') });
    await database.query('delete from tpe_presence_event where clientid = $1', [SHOWN]);
    await database.query('delete from tpe_command where clientid = $1', [SHOWN]);
    await writeDay(pastOf(database, SHOWN), Date.now());
    await database.close();
    const env = { ...hurried(200), ...GATEWAYS, TPE_ADMIN_PASSWORD: adminPassword, TPE_API_TOKEN: token };
    [nodeRed, browser] = await Promise.all([startNodeRed({ dataDir, env }), launchChromium()]);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await person?.picture('failed');
    await person?.close();
    person = undefined;
  });

  async function open(options: BrowserContextOptions = {}): Promise<DashboardPage> {
    person = await openDashboard(browser, nodeRed, { viewport: { width: 1280, height: 1700 }, ...options });
    await person.open(`gateway?clientid=${SHOWN}`);
    await person.page.locator('[data-kind=presence]').first().waitFor();
    await person.page.locator('[data-lane=presence] .tpe-mark').first().waitFor();
    await person.page.locator('[data-next-step]').waitFor();
    await person.page.evaluate('document.fonts.ready');
    return person;
  }

  it('says how long it was away and who wanted that, in one list of all that happened', async () => {
    const { page, faults } = await open();
    const line = (kind: string) => page.locator(`li[data-kind=${kind}]`);
    const away = line('presence').filter({ hasText: 'Offline' });
    await away.filter({ hasText: '7 min' }).getByText('because otto sent PUT /system/reboot').waitFor();
    await away
      .filter({ hasText: '8 min' })
      .getByText('because the job “Nightly reboot” restarted it')
      .waitFor();
    await away.filter({ hasText: '6 min' }).getByText('because anna installed 2.4.0 → 2.5.0').waitFor();
    const unexplained = away.filter({ hasText: '2 h' });
    expect(await unexplained.locator('[data-because]').count()).to.equal(0);
    await unexplained.getByText('keepalive timeout').waitFor();
    await line('edit').getByText('otto changed: tags added, site').waitFor();
    await line('command').filter({ hasText: 'GET /device/time' }).getByText('5 times').waitFor();
    await line('alarm').getByText('Critical').waitFor();
    await line('job').getByRole('link', { name: 'Nightly reboot' }).waitFor();
    await line('command').getByRole('button', { name: 'PATCH /device/general' }).click();
    await page.locator('.tpe-detail .tpe-command').waitFor();
    expect(faults).to.deep.equal([]);
  });

  it('draws a lane of each kind along an axis, shows some kinds alone, and longer times', async () => {
    const { page } = await open();
    const lanes = await page
      .locator('[data-lane]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-lane')));
    expect(lanes).to.deep.equal(['presence', 'command', 'installation', 'alarm', 'edit', 'job']);
    expect(await page.locator('.tpe-axis span').count()).to.be.within(4, 7);
    const tones = page.locator('[data-lane=presence] .tpe-mark');
    const patterns = await tones.evaluateAll((all) =>
      all.map((one) => [one.getAttribute('data-tone'), getComputedStyle(one).backgroundImage !== 'none']),
    );
    expect(new Set(patterns.map(String))).to.deep.equal(new Set(['online,false', 'offline,true']));
    await page.getByRole('button', { name: 'Alarms', exact: true }).click();
    await page.locator('li[data-kind=presence]').first().waitFor({ state: 'hidden' });
    await page.locator('li[data-kind=alarm]').waitFor();
    await page.getByRole('tab', { name: '30 days' }).click();
    await page.locator('[data-lane=presence] [data-tone=unknown]').waitFor();
  });

  it('hears of what happens now, and says what to do first', async () => {
    const { page } = await open();
    await page.locator('header').getByText('Nothing to do.').waitFor();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('button', { name: /^Disable/ }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByLabel(/^End its session now/).uncheck();
    await dialog.getByText('Its session goes on').waitFor();
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await page.locator('[data-next-step=alarm-do-enable]').waitFor();
    await page.locator('li[data-kind=edit]').getByText('admin disabled it').waitFor();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('button', { name: /^Enable/ }).click();
    await page.locator('li[data-kind=edit]').getByText('admin enabled it').waitFor();
    await page.locator('header').getByText('Nothing to do.').waitFor();
  });

  for (const [name, options] of Object.entries({
    light: { colorScheme: 'light' },
    dark: { colorScheme: 'dark' },
    phone: { viewport: { width: 360, height: 1700 } },
    'phone-dark': { viewport: { width: 360, height: 1700 }, colorScheme: 'dark' },
    ja: { locale: 'ja' },
    de: { locale: 'de-DE', viewport: { width: 360, height: 1700 } },
  } satisfies Record<string, BrowserContextOptions>)) {
    it(`has room, and axe finds no serious fault: ${name}`, async () => {
      const { page, picture, accessibilityFaults } = await open(options);
      await picture(`timeline-${name}`);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect(width).to.equal(page.viewportSize()?.width);
      expect(await accessibilityFaults()).to.deep.equal([]);
    });
  }
});
