import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { hurried } from '../support/hurried.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { pastOf } from '../support/past-of-gateway.js';
import { skipWithout } from '../support/programs.js';
import { restCaller } from '../support/rest-caller.js';

const [READ, DISABLED, FAILED, REFUSED, EDITED] = [1, 2, 3, 4, 5].map((n) => `virtual-000${n}`) as [
  string,
  string,
  string,
  string,
  string,
];
const NEVER_SEEN = 'planned-1';
const GATEWAYS = { TPE_SIMULATED_GATEWAYS: '6' };
const MINUTE = 60_000;
const DESKTOP = { viewport: { width: 1280, height: 900 } };
const TELEPHONE = { viewport: { width: 390, height: 844 } };

/** Two installations that went wrong, and one of which nobody knows more than that it was done. */
async function writeInstallations(dataDir: string): Promise<void> {
  const database = await openDatabase({ kind: 'embedded', folder: join(dataDir, 'registry') });
  const now = Date.now();
  const step = (name: string, ago: number) => ({
    ...{ package: 0, name, detail: null, cause: null, progress: 100 },
    startedAt: new Date(now - ago).toISOString(),
    endedAt: new Date(now - ago + MINUTE / 2).toISOString(),
  });
  const steps = [step('precheck', 9 * MINUTE), step('create', 8 * MINUTE), step('download', 7 * MINUTE)];
  const ended = { endedAt: now - 6 * MINUTE, steps };
  const failed = await pastOf(database, FAILED).installation(now - 10 * MINUTE, {
    ...ended,
    state: 'FAILED',
  });
  await pastOf(database, REFUSED).installation(now - 10 * MINUTE, { ...ended, state: 'TIMED_OUT' });
  await pastOf(database, EDITED).installation(now - 10 * MINUTE, ended);
  const packages = JSON.stringify([
    {
      category: 'tpe',
      version: '2.5.0',
      packageName: 'x',
      yamlUrl: 'https://packages.invalid/x.yaml',
      size: null,
    },
  ]);
  await database.query('update tpe_installation set packages = $1, reason = $2 where state <> $3', [
    packages,
    'The package could not be loaded.',
    'SUCCEEDED',
  ]);
  expect(failed).to.match(/^\d+$/);
  await database.close();
}

describe('dashboard: one gateway, and updates of many', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let person: DashboardPage | undefined;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    const first = await startNodeRed({ env: GATEWAYS });
    const { call, until } = restCaller(first);
    await until(
      '/api/device',
      ({ data }) =>
        data.filter(({ status, model_name }: Record<string, unknown>) => status === 'online' && model_name)
          .length === 6,
    );
    expect((await call('POST', '/api/device', { clientid: NEVER_SEEN })).status).to.equal(200);
    await first.stop();
    const { dataDir, adminPassword, token } = first;
    await writeInstallations(dataDir);
    const env = { ...hurried(200), ...GATEWAYS, TPE_ADMIN_PASSWORD: adminPassword, TPE_API_TOKEN: token };
    [nodeRed, browser] = await Promise.all([startNodeRed({ dataDir, env }), launchChromium()]);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await person?.picture('failed');
    expect(person?.faults ?? []).to.deep.equal([]);
    await person?.close();
    person = undefined;
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<DashboardPage> {
    person = await openDashboard(browser, nodeRed, { ...DESKTOP, ...options });
    await person.open(path);
    return person;
  }

  async function expectRoomAndNoFaults({ page, accessibilityFaults }: DashboardPage): Promise<void> {
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(page.viewportSize()?.width);
    expect(await accessibilityFaults()).to.deep.equal([]);
  }

  it('says that nobody has looked for updates, and not that there are none', async () => {
    const { page } = await open('updates');
    await page.locator('[data-nothing]').getByText('Nobody has looked for updates yet.').waitFor();
    expect(await page.getByText('No updates:').count()).to.equal(0);
    await page.locator('[data-notes]').getByText('1 gateway was never connected').waitFor();
    expect(await page.locator('.tpe-fault').count()).to.equal(0);
  });

  for (const [name, words, options] of [
    ['desktop', { network: 'Network', read: 'Read now', ethernet: 'Ethernet', age: 'Last read' }, DESKTOP],
    [
      'telephone, German',
      { network: 'Netzwerk', read: 'Jetzt lesen', ethernet: 'Ethernet', age: 'Zuletzt gelesen' },
      { ...TELEPHONE, locale: 'de-DE' },
    ],
  ] as const) {
    it(`reads a gateway's network, and keeps it over a reload: ${name}`, async () => {
      const opened = await open(`gateway?clientid=${READ}`, options);
      const { page, picture } = opened;
      const standing = page.locator('[data-standing]');
      await standing.getByText('127.0.0.1').first().waitFor();
      await page.getByRole('tab', { name: words.network }).click();
      await page.waitForURL(/tab=network/);
      const part = page.getByRole('region', { name: words.ethernet, exact: true });
      await page.getByRole('button', { name: words.read }).click();
      await part.getByRole('cell', { name: /192\.168\.3\.11\b/ }).waitFor();
      await part.locator('[data-age]').getByText(words.age).waitFor();
      await page.locator('[data-part="get-device-dns-get-device-dns"] [data-age]').waitFor();
      await picture(`gateway-network-${name.replace(/\W+/g, '-')}`);
      await expectRoomAndNoFaults(opened);
      await page.reload();
      await part.getByRole('cell', { name: /192\.168\.3\.11\b/ }).waitFor();
      await part.locator('summary').click();
      await part.locator('pre', { hasText: '"enableDhcp"' }).waitFor();
    });
  }

  const onlyOption = (page: Page, clientid: string) =>
    page.locator('[role=option][aria-setsize="1"]', { hasText: clientid });

  it('leads to another gateway from its header by keys alone, and Back leads back', async () => {
    const opened = await open(`gateway?clientid=${READ}`);
    const { page } = opened;
    const field = page.getByRole('combobox', { name: 'Gateway' });
    const another = page.getByRole('button', { name: 'Another gateway' });
    const isAt = (place: string) => page.waitForFunction(`document.activeElement?.matches('${place}')`);
    await another.focus();
    expect(await field.count()).to.equal(0);
    await page.keyboard.press('Enter');
    await isAt('[role=combobox]');
    await expectRoomAndNoFaults(opened);
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
    await isAt('[data-another]');
    await page.keyboard.press('Enter');
    await isAt('[role=combobox]');
    await page.keyboard.type(EDITED);
    await onlyOption(page, EDITED).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator(`header[data-clientid=${EDITED}]`).waitFor();
    await isAt('[data-another]');
    expect(await field.count()).to.equal(0);
    await page.goBack();
    await page.locator(`header[data-clientid=${READ}]`).waitFor();
  });

  it('asks which gateway where there is none, or none of that name', async () => {
    for (const path of ['gateway', 'gateway?clientid=not-there']) {
      const { page } = await open(path);
      await page.getByRole('combobox', { name: 'Gateway' }).fill(READ);
      await onlyOption(page, READ).click();
      await page.locator(`header[data-clientid=${READ}]`).waitFor();
      await person!.close();
    }
  });

  it('shows disks with what is full, and applications as a table', async () => {
    const { page } = await open(`gateway?clientid=${READ}&tab=storage`);
    await page.getByRole('cell', { name: /%$/ }).waitFor();
    await page.getByText('read by the device manager').waitFor();
    await page.getByRole('tab', { name: 'Storage' }).press('ArrowRight');
    expect(await page.evaluate('document.activeElement.textContent.trim()')).to.equal('Software');
    await page.getByRole('button', { name: 'Read now' }).click();
    await page.getByRole('row', { name: /Modbus Master.*Running/ }).waitFor();
  });

  it('is edited behind a button, and shows what was saved', async () => {
    const { page } = await open(`gateway?clientid=${EDITED}`);
    const panel = page.getByRole('region', { name: 'Registration' });
    await panel.getByRole('button', { name: 'Edit' }).click();
    await panel.getByLabel('Site').fill('Kiln hall');
    await panel.getByRole('button', { name: 'Cancel' }).click();
    expect(await panel.getByText('Kiln hall').count()).to.equal(0);
    await panel.getByRole('button', { name: 'Edit' }).click();
    await panel.getByLabel('Site').fill('Kiln hall');
    await panel.getByRole('button', { name: 'Save' }).click();
    await panel.getByText('Kiln hall').waitFor();
    await panel.getByText('Saved.').waitFor();
    await page.locator('header').getByText('Kiln hall').waitFor();
  });

  it('asks before it is disabled, and ends its session if that is wanted', async () => {
    const opened = await open(`gateway?clientid=${DISABLED}&tab=network`);
    const { page } = opened;
    const head = page.locator(`header[data-clientid=${DISABLED}]`);
    await head.getByText('Online').waitFor();
    const more = page.getByRole('button', { name: 'More actions' });
    await more.click();
    await page.getByRole('button', { name: /^Disable/ }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('Its session ends at once').waitFor();
    await expectRoomAndNoFaults(opened);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await head.getByText('Online').waitFor();
    await more.click();
    await page.getByRole('button', { name: /^Disable/ }).click();
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await head.getByText('Disabled', { exact: true }).waitFor();
    await head.getByText('Offline').waitFor();
    await page.getByText('The gateway is not online: these are the last known values.').waitFor();
    expect(await page.getByRole('button', { name: 'Read now' }).isDisabled()).to.equal(true);
    await more.click();
    await page.getByRole('button', { name: /^Enable/ }).click();
    await head.getByText('Online').waitFor();
  });

  it('is scanned, and shows what to install before it is installed', async () => {
    const { page } = await open(`gateway?clientid=${READ}&tab=software`);
    const update = page.locator('[data-update]');
    await update.getByText('Current software not scanned yet.').waitFor();
    await page.getByRole('button', { name: 'Scan now' }).click();
    await update.getByText('Updates available').waitFor();
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('The gateway restarts during the installation').waitFor();
    await dialog.locator('ol li').first().waitFor();
    expect(await dialog.getByRole('button', { name: 'Install' }).isDisabled()).to.equal(true);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  for (const [name, options] of Object.entries({
    desktop: DESKTOP,
    dark: { ...DESKTOP, colorScheme: 'dark' },
    telephone: TELEPHONE,
    ja: { ...TELEPHONE, locale: 'ja' },
  } satisfies Record<string, BrowserContextOptions>)) {
    it(`has what failed on top, and how all stand: ${name}`, async () => {
      const opened = await open('updates', options);
      const { page, picture } = opened;
      await page.locator('[data-count=failed] strong', { hasText: '2' }).waitFor();
      await page.locator('[data-count=done] strong', { hasText: '1' }).waitFor();
      const failure = page.locator(`[data-failed=${FAILED}]`);
      await failure.getByText('The package could not be loaded.').waitFor();
      await failure.locator('button[aria-expanded]').click();
      const last = failure.locator('[data-step=download]');
      await last.waitFor();
      expect(await last.getAttribute('data-tone')).to.equal('bad');
      expect(await failure.locator('[data-step=precheck]').getAttribute('data-tone')).to.equal('good');
      await picture(`updates-failed-${name}`);
      await expectRoomAndNoFaults(opened);
    });
  }

  it('is tried again from there, which then is no failure any more that nobody has looked at', async () => {
    const { page } = await open('updates');
    const failure = page.locator(`[data-failed=${FAILED}]`);
    await failure.getByRole('button', { name: 'Retry' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('The same packages are installed').waitFor();
    await dialog.getByRole('textbox').fill(FAILED);
    await dialog.getByRole('button', { name: 'Retry' }).click();
    // The repository of the package is not one from which packages are loaded, so it is refused, and that is told.
    await failure.getByText('Packages are not loaded from').waitFor();
    await page.locator('[data-count=failed] strong', { hasText: '2' }).waitFor();
  });

  it('shows how far a rollout is, and leads to its job', async () => {
    const { call } = restCaller(nodeRed);
    const rollout = {
      name: 'Autumn rollout',
      do: { install: { to: 'newest' } },
      targets: { ids: [NEVER_SEEN] },
    };
    const { data: job } = await call('POST', '/api/job', rollout);
    const submitted = await call('POST', `/api/job/${job.id}/submit`, { confirm: '1' });
    expect(submitted.status, JSON.stringify(submitted.data)).to.equal(200);
    const { page } = await open('updates');
    const line = page.locator(`[data-rollouts] [data-job="${job.id}"]`);
    await line.getByText('0 of 1 gateways').waitFor();
    await line.getByRole('link', { name: 'Autumn rollout' }).click();
    await page.waitForURL(new RegExp(`job=${job.id}`));
    await page.getByText('Autumn rollout').first().waitFor();
    await call('POST', `/api/job/${job.id}/cancel`);
  });

  it('says that nothing was found where there was a scan, and what it does not know', async () => {
    const { page } = await open('updates');
    await page.getByRole('button', { name: 'Scan all gateways' }).click();
    await page.getByText(/7 of 7 gateways scanned, [1-9] with updates/).waitFor();
    await page.locator('[data-notes]').getByText('1 gateway was never connected').waitFor();
    expect(await page.locator('.tpe-panel > .tpe-fault').count()).to.equal(0);
    expect(await page.getByText('Nobody has looked').count()).to.equal(0);
  });

  it('opens the installation that an address names, and keeps what its history is narrowed by', async () => {
    const opened = await open('updates');
    const { page } = opened;
    const row = page.locator('tr[data-installation]', { hasText: EDITED });
    const id = await row.getAttribute('data-installation');
    await opened.open(`updates?installation=${id}`);
    const steps = page.locator('[data-installations] [data-step=download]');
    await steps.waitFor();
    await page.locator('[name=installation-gateway]').fill('0003');
    await page.locator('[name=installation-state]').selectOption('FAILED');
    await page.locator('[data-installations] tbody').getByText(FAILED).first().waitFor();
    // What the address names is shown whatever is listed.
    await page.locator(`section[data-shown]`).getByRole('link', { name: EDITED }).waitFor();
    await steps.waitFor();
    await opened.picture('updates-installation-apart');
    await expectRoomAndNoFaults(opened);
    await page.reload();
    await page.locator('section[data-shown]').getByRole('link', { name: EDITED }).waitFor();
    expect(await page.locator('[name=installation-gateway]').inputValue()).to.equal('0003');
    expect(await page.locator('[data-installations] tbody').getByText(EDITED).count()).to.equal(0);
    await page.locator('section[data-shown]').getByRole('button', { name: 'Close' }).click();
    await page.waitForURL((url) => !url.searchParams.has('installation'));
    await page.goBack();
    await page.locator('section[data-shown]').waitFor();
    await page.goto(`${nodeRed.url}/dashboard/updates?installation=999999`);
    await page.getByText('There is no such installation').waitFor();
  });

  it('leads from what gateways run to all that run it, and back to the group that was open', async () => {
    const opened = await open('updates');
    const { page } = opened;
    const group = page.locator('.tpe-update').first();
    const head = group.locator('button[aria-expanded]');
    const number = Number(/(\d+) gateways?/.exec((await head.textContent()) ?? '')?.[1]);
    await head.click();
    await group.locator('.tpe-gateways li').first().waitFor();
    expect(await group.locator('.tpe-gateways li').count()).to.equal(number);
    const model = (await head.locator('strong').textContent()) ?? '';
    await page.locator('select[name=model]').selectOption(model);
    await page.waitForURL(/model=/);
    await page.locator(`.tpe-update:not([data-model="${model}"])`).first().waitFor({ state: 'detached' });
    await page.locator('[data-save-view]').waitFor();
    await opened.picture('updates-group');
    await expectRoomAndNoFaults(opened);
    await page.reload();
    await page.locator('.tpe-gateways li').first().waitFor();
    const way = page.locator('.tpe-update-line a').first();
    const address = new URL((await way.getAttribute('href')) ?? '', nodeRed.url).searchParams;
    expect([...address.keys()]).to.have.members(['model', 'firmware', 'tpe']);
    await way.click();
    await page.waitForURL(/gateways\?/);
    await page.locator('tr[data-clientid]').first().waitFor();
    expect(await page.locator('tr[data-clientid]').count()).to.equal(number);
    expect(await page.locator('.tpe-conditions li').count()).to.equal(4);
    await page.goBack();
    await page.locator('.tpe-gateways li').first().waitFor();
    const share = JSON.stringify(['model', 'firmware', 'tpe'].map((name) => address.get(name)));
    await opened.open('fleet');
    await page.locator(`[data-share='${share}'] a`).click();
    await page.waitForURL(/gateways\?.*firmware=/);
    await page.locator('tr[data-clientid]').first().waitFor();
    expect(await page.locator('tr[data-clientid]').count()).to.equal(number);
    await page.getByRole('button', { name: 'Filters', exact: true }).click();
    expect(await page.locator('select[aria-label=Firmware]').inputValue()).to.equal(address.get('firmware'));
  });
});
