import { mkdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const STATIC = 'patch-device-ethernets-id-update-one-device-ethernets-static';
const GPS_TIME = 'patch-device-time-set-device-time-ntp-gps-sync';
const DHCP = 'patch-device-dhcpservers-id';
const SSH = 'put-system-sshserver-set-system-sshserver';

describe('dashboard: configuration starts from the gateway', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let person: DashboardPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { ...hurried(200), TPE_SIMULATED_GATEWAYS: '12' } }),
      launchChromium(),
    ]);
    person = await openDashboard(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await person?.picture('failed-configuration');
  });

  const field = (place: string, { page } = person) => page.locator(`[data-place="${place}"]`);
  const input = (place: string, of = person) => field(place, of).locator('input:not([type=checkbox])');
  const button = (name: string | RegExp, { page } = person) => page.getByRole('button', { name });
  const values = ({ page } = person) => page.locator('[data-present=read]');
  const changes = ({ page } = person) => page.locator('[data-part=changes] [data-change]');
  const open = (clientids: string, operation: string, of = person) =>
    of.open(`commands?clientid=${clientids}&operation=${operation}`);

  async function as(options: BrowserContextOptions, work: (page: DashboardPage) => Promise<void>) {
    const page = await openDashboard(browser, nodeRed, options);
    try {
      await work(page);
      expect(page.faults).to.deep.equal([]);
    } finally {
      await page.close();
    }
  }

  it('shows where several gateways differ, and leaves each its own', async () => {
    // One of each site: while the guard lets a gateway settle, another one of its site would wait.
    await open('virtual-0003,virtual-0005', STATIC);
    await person.page.getByText('Present values of 2 gateways').waitFor();
    await field('/requestBody/ip').getByText('Each gateway keeps its own.').waitFor();
    expect(await input('/requestBody/ip').inputValue()).to.equal('');
    await input('/requestBody/dns/0').fill('9.9.9.9');
    await changes().waitFor();
    await person.picture('configuration-several');
    await button('Send to 2 gateways').click();
    const dialog = person.page.getByRole('alertdialog');
    await dialog.getByRole('textbox').fill('2');
    await dialog.getByRole('button', { name: 'Send now' }).click();
    await person.page
      .locator('.tpe-answers [data-summary]')
      .getByText(/^\D*2 succeeded/)
      .waitFor();
    await person.page.getByText('Nothing is changed yet').waitFor();
    await field('/requestBody/ip').getByText('Each gateway keeps its own.').waitFor();
    expect(await input('/requestBody/dns/0').inputValue()).to.equal('9.9.9.9');
  });

  it('shows what it has, sends what was changed, and shows that it was taken', async () => {
    await open('virtual-0001', STATIC);
    await values().waitFor();
    const before = await input('/requestBody/ip').inputValue();
    expect(before).to.match(/^192\.168\.3\.\d+$/);
    expect(await button('Send to the gateway').isDisabled()).to.equal(true);
    await person.page.getByText('Nothing is changed yet').waitFor();
    await input('/requestBody/ip').fill('192.168.3.77');
    await changes().waitFor();
    expect(await changes().textContent())
      .to.include(before)
      .and.to.include('192.168.3.77');
    await field('/requestBody/ip').getByText(`Was: ${before}`).waitFor();
    expect(await person.accessibilityFaults()).to.deep.equal([]);
    await person.picture('configuration-changed');
    await button('Send to the gateway').click();
    const dialog = person.page.getByRole('alertdialog');
    await dialog.locator('[data-change="/ip"]').waitFor();
    await dialog.getByText('virtual-0001').first().waitFor();
    await person.picture('configuration-confirm');
    await dialog.getByRole('textbox').fill('virtual-0001');
    await dialog.getByRole('button', { name: 'Send now' }).click();
    await person.page.locator('.tpe-answers [data-state=SUCCEEDED]').waitFor();
    await person.page.getByText('Nothing is changed yet').waitFor();
    expect(await input('/requestBody/ip').inputValue()).to.equal('192.168.3.77');
  });

  it('says of values that do not fit each other what is wrong, where and what to do', async () => {
    await open('virtual-0002', STATIC);
    await values().waitFor();
    await input('/requestBody/gateway').fill('10.0.0.1');
    await field('/requestBody/gateway').getByText('must be within 192.168.3.0/24').waitFor();
    expect(await button('Send to the gateway').isDisabled()).to.equal(true);
    await person.picture('configuration-wrong');
  });

  it('offers the ids that a gateway has, and chooses none of several', async () => {
    await open('virtual-0001', DHCP);
    const id = person.page.getByRole('combobox', { name: 'Id' }).first();
    await id.getByRole('option', { name: '2 – LAN2, eth1' }).waitFor({ state: 'attached' });
    expect(await id.inputValue()).to.equal('-1');
    await person.page.getByText('Choose Id to see the present values.').waitFor();
    await id.selectOption({ label: '2 – LAN2, eth1' });
    await values().waitFor();
    expect(await input('/requestBody/startIp').inputValue()).to.equal('192.168.4.100');
  });

  it('begins blank where nothing could be read, and fills in the example when it is asked to', async () => {
    await open('', STATIC);
    await person.page.getByText('Select a gateway to begin with its present values.').waitFor();
    expect(await input('/params/id').inputValue()).to.equal('');
    expect(await input('/requestBody/ip').inputValue()).to.equal('');
    await person.page.locator('[data-part=missing]').getByText('IP address').waitFor();
    expect(await person.page.locator('.tpe-command-form [aria-invalid=true]').count()).to.equal(0);
    await person.picture('configuration-blank');
    await button('Fill in the example').click();
    expect(await input('/requestBody/ip').inputValue()).to.equal('192.168.4.100');
  });

  it('keeps what was typed when another gateway is read', async () => {
    await open('virtual-0001', SSH);
    await values().waitFor();
    await input('/requestBody/port').fill('2222');
    await changes().waitFor();
    await person.page.getByRole('combobox', { name: /Gateway/ }).fill('virtual-0005');
    await person.page.getByRole('option', { name: 'virtual-0005' }).click();
    await person.page.getByText('Present values of 2 gateways').waitFor();
    expect(await input('/requestBody/port').inputValue()).to.equal('2222');
  });

  it('works on a telephone, in the dark and in German', async () => {
    const telephone = {
      viewport: { width: 390, height: 844 },
      locale: 'de-DE',
      colorScheme: 'dark' as const,
    };
    await as(telephone, async (page) => {
      await open('virtual-0006', GPS_TIME, page);
      await page.page.getByText('Aktuelle Werte von virtual-0006').waitFor();
      await input('/requestBody/ntp/server', page).fill('ntp.example.com');
      await changes(page).getByText('ntp.example.com').waitFor();
      expect(await changes(page).textContent()).to.include('pool.ntp.org');
      const wide = await page.page.evaluate(
        `[...document.querySelectorAll('.tpe-command-form *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 150))`,
      );
      expect(wide).to.deep.equal([]);
      expect(await page.accessibilityFaults()).to.deep.equal([]);
      await page.picture('configuration-telephone');
    });
  });

  it('lets each gateway of a job keep its own value, from a file of what they have', async () => {
    const { page } = person;
    await person.open('jobs?new=1&clientid=virtual-0003,virtual-0005');
    const what = page.locator('[data-part=what]');
    await what.getByRole('searchbox').fill(STATIC);
    await what
      .getByRole('button', { name: /static address/i })
      .first()
      .click();
    await page.getByText('Present values of 2 gateways').waitFor();
    const own = field('/requestBody/ip').getByRole('button', { name: /^Each its own, from a file/ });
    await own.waitFor();
    await person.picture('job-own-values-before');
    await own.click();
    expect(await input('/requestBody/ip').inputValue()).to.equal('{{value.ip}}');
    await page.locator('[data-own-values]').getByText('from the file’s columns: ip').waitFor();
    await page.locator('[data-part=who]').getByText('own-values.csv').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('[data-own-file]').click(),
    ]);
    expect(readFileSync(await file.path(), 'utf8')).to.match(
      /^clientid,ip\r\nvirtual-0003,192\.168\.3\.\d+\r\nvirtual-0005,192\.168\.3\.\d+\r\n$/,
    );
    await page.getByText('of 2 are reached').waitFor();
    expect(await person.accessibilityFaults()).to.deep.equal([]);
    await person.picture('job-own-values');
    // Other gateways than those of the file: what they need is said.
    await page.locator('[data-part=who]').getByRole('tab').first().click();
    await page.locator('[data-own-values]').getByText('need a file with these columns: ip').waitFor();
  });
});
