import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { openDashboard } from '../support/dashboard-page.js';
import { deployFlows, flowsOf } from '../support/deploy-flows.js';
import { connectGateway, GENERAL } from '../support/gateway.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { patience } from '../support/patience.js';
import { skipWithout } from '../support/programs.js';

const HOSTILE = `<img src=x onerror="window.hacked=1">&amp;\u202e'"{{1+1}}`;

describe('dashboard: gateways table', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '12' } }),
      launchChromium(),
    ]);
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(patience(60_000));
    page.on('pageerror', (error) => faults.push(error.message));
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await picture('failed');
  });

  const rows = () => page.locator('tbody tr');
  const row = (clientid: string) => page.locator(`tr[data-clientid="${clientid}"]`);
  const choice = (name: string) => page.getByRole('button', { name, exact: true });
  const picture = (name: string) => page.screenshot({ path: join(PICTURES, `${name}.png`) });

  async function signIn(password: string): Promise<void> {
    await page.getByLabel('User').fill('admin');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  async function call(method: string, path: string, body?: object): Promise<void> {
    const answer = await fetch(`${nodeRed.url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${nodeRed.token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(answer.status).to.equal(200);
  }

  async function register(
    clientid: string,
    more: { site?: string } = {},
  ): Promise<{ clientid: string; username: string; password: string }> {
    const password = 'correct horse battery';
    await call('POST', '/device', { clientid, password, ...more });
    return { clientid, username: clientid, password };
  }

  async function showColumn(name: string, isShown: boolean): Promise<void> {
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name, exact: true }).setChecked(isShown);
    await page.keyboard.press('Escape');
    await page
      .getByRole('columnheader', { name, exact: true })
      .waitFor({ state: isShown ? 'visible' : 'detached' });
  }

  it('asks for the password, and takes no other', async () => {
    await page.goto(`${nodeRed.url}/dashboard`);
    await picture('login');
    await signIn('wrong password');
    await page.getByRole('alert').getByText('Wrong username or password.').waitFor();
    await signIn(nodeRed.adminPassword);
    await page.waitForURL('**/dashboard/fleet');
    await page.goto(`${nodeRed.url}/dashboard/gateways`);
  });

  it('shows twelve virtual gateways online with what they report', async () => {
    await choice('Online 12').waitFor();
    await row('virtual-0012').getByText('Online').waitFor();
    await row('virtual-0012').locator('td[data-title=Firmware]:not(.tpe-none)').waitFor();
    expect(await rows().count()).to.equal(12);
    const text = await row('virtual-0001').textContent();
    expect(text).to.match(/(now|ago).*connected from 127\.0\.0\.1.*127\.0\.0\.1.*UC-8112A.*2\.2\.1-\d+/s);
    await picture('gateways');
  });

  it('searches, filters and sorts at the server', async () => {
    const search = page.getByRole('searchbox');
    await search.fill('VIRTUAL-0007');
    await choice('All 1').waitFor();
    expect(await rows().count()).to.equal(1);
    await search.fill('no such gateway');
    await page.getByText('No matching gateways.').waitFor();
    await page.getByRole('button', { name: 'Show all gateways' }).click();
    await row('virtual-0001').waitFor();

    await choice('Offline 0').click();
    await page.getByText('No matching gateways.').waitFor();
    await choice('All 12').click();
    await row('virtual-0001').waitFor();

    const heads = page.getByRole('columnheader');
    await heads.getByText('Client id').click();
    await page.locator('th[aria-sort=ascending]:has-text("Client id")').waitFor();
    await page.locator('tbody tr:first-child[data-clientid=virtual-0001]').waitFor();
    await heads.getByRole('button', { name: 'Client id' }).press('Enter');
    await page.locator('th[aria-sort=descending]').waitFor();
    await page.locator('tbody tr:first-child[data-clientid=virtual-0012]').waitFor();
    expect(new URL(page.url()).search).to.equal('?sort=name&descending=true');
    // Back takes the order back, too.
    await page.goBack();
    await page.locator('tbody tr:first-child[data-clientid=virtual-0001]').waitFor();
  });

  it('sees a gateway come, report and go as it happens, and shows a hostile name as text', async () => {
    const login = await register('yard-1');
    await row('yard-1').getByText('Never seen').waitFor();
    const gateway = await connectGateway({ ...login, port: nodeRed.mqttPort });
    await row('yard-1').getByText('Online').waitFor();

    const request = await gateway.nextRequest();
    expect(request.path).to.contain('/device/general');
    await gateway.answer(request.requestId, { data: { ...GENERAL.data, hostName: HOSTILE } });
    await showColumn('Host', true);
    const host = row('yard-1').locator('td[data-title=Host]');
    await host.getByText('onerror').waitFor();
    expect(await host.textContent())
      .to.contain('<img src=x onerror=')
      .and.to.contain('{{1+1}}');
    expect(await page.locator('tbody img').count()).to.equal(0);
    expect(await page.evaluate('window.hacked')).to.equal(undefined);

    gateway.cut();
    const cutAt = Date.now();
    await row('yard-1').getByText('Offline').waitFor();
    expect(Date.now() - cutAt).to.be.lessThan(patience(4000));
    await choice('Offline 1').waitFor();
    await picture('gateway-offline');
    await choice('Offline 1').click();
    await page.locator('tbody tr:only-child[data-clientid=yard-1]').waitFor();
    await choice('All 13').click();
  });

  it('turns pages', async () => {
    for (let number = 10; number < 29; number += 1) await register(`spare-${number}`);
    await page.getByText('1–25 of 32').waitFor();
    const number = page.getByRole('spinbutton', { name: 'Page' });
    await number.fill('2');
    await register('spare-29');
    await page.getByText('1–25 of 33').waitFor();
    expect(await number.inputValue(), 'typed while another gateway came').to.equal('2');
    await number.press('Enter');
    await page.getByText('26–33 of 33').waitFor();
    await page.getByRole('button', { name: 'Previous page' }).click();
    await page.getByText('1–25 of 33').waitFor();
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByText('26–33 of 33').waitFor();
    expect(await rows().count()).to.equal(8);
    await page.getByRole('button', { name: 'Previous page' }).press('Enter');
    await page.getByText('1–25 of 33').waitFor();
    await number.fill('99');
    await number.press('Enter');
    await page.getByText('26–33 of 33').waitFor();
    // Once more, where it changes nothing.
    await number.fill('99');
    await number.press('Enter');
    await page.getByText('26–33 of 33').waitFor();
    expect(new URL(page.url()).searchParams.get('page')).to.equal('2');
    expect(await number.inputValue()).to.equal('2');
    await page.reload();
    await page.getByText('26–33 of 33').waitFor();
    await page.getByLabel('Rows per page').selectOption('100');
    await page.getByText('1–33 of 33').waitFor();
    await page.reload();
    await page.getByText('1–33 of 33').waitFor();
    expect(await page.getByLabel('Rows per page').inputValue()).to.equal('100');
    await page.getByLabel('Rows per page').selectOption('25');
    await page.getByText('1–25 of 33').waitFor();
  });

  it('has who needs a person first, then names as people read them', async () => {
    await page.goto(`${nodeRed.url}/dashboard/gateways`);
    await page.locator('th[aria-sort=ascending]:has-text("Status")').waitFor();
    await page.locator('tbody tr:first-child[data-clientid=yard-1]').waitFor();
    await page.locator('tbody tr:nth-child(2)[data-clientid=spare-10]').waitFor();
    expect(await rows().last().textContent()).to.include('Online');
  });

  it('keeps in its address what is looked for, as chips that are taken away one by one', async () => {
    await page.goto(
      `${nodeRed.url}/dashboard/gateways?q=SPARE-1&status=never_seen&site=nowhere&sort=gone&page=x`,
    );
    await page.getByText('No matching gateways.').waitFor();
    const chips = page.getByRole('list', { name: 'Filters that apply' });
    await chips.getByRole('button', { name: 'Remove the filter Site: nowhere' }).click();
    await page.getByText('1–10 of 10').waitFor();
    expect(await page.getByRole('searchbox').inputValue()).to.equal('SPARE-1');
    expect(await chips.getByRole('button').allTextContents()).to.deep.equal([
      'Search: SPARE-1',
      'Status: Never seen',
      'Remove all filters',
    ]);
    await page.goBack();
    await page.getByText('No matching gateways.').waitFor();
    await page.goForward();
    await page.getByText('1–10 of 10').waitFor();
    await chips.getByRole('button', { name: 'Remove all filters' }).click();
    await page.getByText('1–25 of 33').waitFor();
    expect(await page.getByRole('searchbox').inputValue()).to.equal('');
    expect(new URL(page.url()).searchParams.has('q')).to.equal(false);
    // By its address at the network, which all the virtual ones share.
    await page.getByRole('searchbox').fill('127.0.0.');
    await choice('All 13').waitFor();
    await page.getByRole('searchbox').fill('');
    await choice('All 33').waitFor();
  });

  it('chooses all that match, and gives them a tag by which they are found', async () => {
    await page.goto(`${nodeRed.url}/dashboard/gateways?sort=name`);
    const all = page.getByRole('checkbox', { name: 'Select all on this page' });
    await row('spare-10').waitFor();
    await all.check();
    await page.getByText('25 selected').waitFor();
    await choice('Select all 33 that match').click();
    await page.getByText('33 selected').waitFor();
    await choice('Add tag').click();
    await page.getByLabel('Value').fill('roof');
    await choice('Apply').click();
    await page.getByText('33 gateways changed.').waitFor();
    await row('spare-10').locator('td[data-title=Tags]').getByText('roof').waitFor();
    await row('spare-10').getByRole('checkbox').uncheck();
    await page.getByText('32 selected').waitFor();
    await choice('Remove tag').click();
    await page.getByLabel('Value').fill('roof');
    await choice('Apply').click();
    await page.getByText('32 gateways changed.').waitFor();
    await choice('Clear selection').click();
    await page.getByRole('searchbox').fill('Roof');
    await page.locator('tbody tr:only-child[data-clientid=spare-10]').waitFor();
    await row('spare-10').getByRole('checkbox').check();
    await choice('Check for updates').click();
    await page.getByText('1 gateway is being checked for updates.').waitFor();
    await page.getByRole('link', { name: 'Install software' }).click();
    await page.waitForURL(/new=1.*clientid=spare-10.*what=install/);
    await page.goto(`${nodeRed.url}/dashboard/gateways`);
  });

  it('has one line for each gateway, and the first columns stay in sight', async () => {
    const heights = () =>
      rows().evaluateAll((all) => [
        ...new Set(all.map((one) => Math.round(one.getBoundingClientRect().height))),
      ]);
    await page.setViewportSize({ width: 1280, height: 800 });
    await row('spare-10').waitFor();
    const [comfortable, ...others] = await heights();
    expect(others).to.deep.equal([]);
    const scroll = page.locator('.tpe-scroll');
    const cutOff = () => scroll.evaluate((element) => element.scrollWidth - element.clientWidth);
    // The menu has its names beside its icons, which take their room.
    expect(await cutOff()).to.be.below(200);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.waitForFunction(
      '(({ scrollWidth, clientWidth }) => scrollWidth === clientWidth)(document.querySelector(".tpe-scroll"))',
    );
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const name of ['Host', 'Serial number', 'BIOS']) await showColumn(name, true);
    const place = async () => (await row('spare-10').getByRole('link').boundingBox())!.x;
    const before = await place();
    await scroll.evaluate((element) => element.scrollTo(300, 0));
    expect(await place()).to.equal(before);
    await choice('Columns').click();
    await page.getByRole('radio', { name: 'Compact' }).check();
    await page.keyboard.press('Escape');
    const [compact, ...more] = await heights();
    expect(more).to.deep.equal([]);
    expect(compact).to.be.below(comfortable!);
    await page.reload();
    await row('spare-10').waitFor();
    expect(await heights()).to.deep.equal([compact]);
    await picture('gateways-compact');
    await page.evaluate('localStorage.clear()');
    await page.setViewportSize({ width: 1400, height: 900 });
    await page.goto(`${nodeRed.url}/dashboard/gateways?sort=name`);
    await row('spare-10').waitFor();
  });

  it('makes two a redundancy set, shows the column when it is wanted, and finds the set', async () => {
    const filter = page.getByRole('searchbox', { name: 'Redundancy set' });
    const head = page.getByRole('columnheader', { name: 'Redundancy set' });
    const column = page.getByRole('checkbox', { name: 'Redundancy set' });
    const columns = page.getByRole('button', { name: 'Columns' });
    expect(await head.count()).to.equal(0);
    for (const clientid of ['spare-10', 'spare-12']) await row(clientid).getByRole('checkbox').check();
    await choice('More').click();
    await page.getByRole('button', { name: 'Assign redundancy set', exact: true }).click();
    await page.getByLabel('Value').fill(' pumps A/B ');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('2 succeeded').waitFor();
    await page.getByRole('button', { name: 'Clear selection' }).click();

    await columns.click();
    await column.check();
    await page.keyboard.press('Escape');
    await head.waitFor();
    await row('spare-12').locator('td[data-title="Redundancy set"]').getByText('pumps A/B').waitFor();
    await page.getByRole('button', { name: 'Filters' }).click();
    await filter.fill(' pumps A/B ');
    await register('annex-1', { site: 'Annex' });
    await page.getByRole('option', { name: 'Annex (1)' }).waitFor({ state: 'attached' });
    expect(await filter.inputValue(), 'typed while a site came').to.equal(' pumps A/B ');
    await call('DELETE', '/device/annex-1');
    await filter.press('Enter');
    await choice('All 2').waitFor();
    await page.locator('tbody tr:last-child[data-clientid=spare-12]').waitFor();
    await picture('gateways-redundancy');
    await filter.fill('');
    await filter.press('Enter');
    await choice('All 33').waitFor();
    await head.getByRole('button').click();
    await head.getByRole('button').click();
    await page.locator('tbody tr:first-child[data-clientid=spare-12]').waitFor();
    await page.getByRole('columnheader', { name: 'Client id' }).getByRole('button').click();
    await row('spare-10').waitFor();

    await page.reload();
    await head.waitFor();
    // As an older version stored the hidden columns: what was chosen then stays, and the new column is hidden.
    await page.evaluate("localStorage.setItem('tpedm-gateways-hidden', '[\"hostName\"]')");
    await page.reload();
    await page.getByRole('columnheader', { name: 'BIOS' }).waitFor();
    expect(await head.count()).to.equal(0);
    expect(await page.getByRole('columnheader', { name: 'Host' }).count()).to.equal(0);
    await page.evaluate("localStorage.removeItem('tpedm-gateways-hidden')");
    await page.reload();
    await row('spare-10').waitFor();
  });

  it('has room on a telephone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await row('spare-10').waitFor();
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).to.equal(360);
    await page.getByRole('button', { name: 'Next page' }).scrollIntoViewIfNeeded();
    await picture('gateways-narrow-end');
    await choice('Online 12').click();
    await page.getByLabel('Sort by').selectOption('modelName');
    await page.locator('tbody tr:first-child:has-text("AIG-301")').waitFor();
    await page.getByLabel('Sort by').selectOption('name');
    await page.locator('tbody tr:first-child[data-clientid=virtual-0001]').waitFor();
    await picture('gateways-narrow');
    await choice('All 33').click();
    await page.setViewportSize({ width: 1400, height: 900 });
  });

  it('is passed on by its address to a colleague with a telephone, in another language, who acts on it', async () => {
    const colleague = await openDashboard(browser, nodeRed, {
      locale: 'de',
      colorScheme: 'dark',
      viewport: { width: 390, height: 844 },
    });
    const { page: phone } = colleague;
    const named = (name: string) => phone.getByRole('button', { name, exact: true });
    await colleague.open('gateways?q=spare-2&status=never_seen&sort=name&descending=true');
    await phone.locator('tbody tr:first-child[data-clientid=spare-29]').waitFor();
    expect(await phone.locator('tbody tr').count()).to.equal(10);
    expect(await phone.evaluate('document.documentElement.scrollWidth')).to.equal(390);
    expect(await colleague.accessibilityFaults()).to.deep.equal([]);
    await phone.getByRole('checkbox', { name: 'spare-29 auswählen' }).check();
    await named('Tag hinzufügen').click();
    await phone.getByLabel('Wert').fill('Dach');
    await named('Anwenden').click();
    await phone.getByText('1 Gateway geändert.').waitFor();
    await colleague.picture('gateways-narrow-de');
    await named('Filter entfernen: Suche: spare-2').click();
    await phone.locator('tbody tr').nth(10).waitFor();
    await phone.locator('tr[data-clientid=spare-29]').getByRole('link').click();
    await phone.waitForURL(/clientid=spare-29/);
    await phone.goBack();
    await phone.locator('tbody tr').nth(10).waitFor();
    expect(colleague.faults).to.deep.equal([]);
    await colleague.close();
  });

  it('goes on after a deploy, with what its viewer chose', async () => {
    await page.getByRole('searchbox').fill('yard');
    await row('yard-1').waitFor();
    await deployFlows(nodeRed, await flowsOf(nodeRed));

    await register('yard-0');
    await row('yard-0').getByText('Never seen').waitFor();
    expect(await page.getByRole('searchbox').inputValue()).to.equal('yard');
    expect(await rows().count()).to.equal(2);
  });

  it('finds back by itself after a crash of Node-RED', async () => {
    await page.getByRole('searchbox').fill('yard');
    await row('yard-1').waitFor();
    await nodeRed.kill();
    nodeRed = await startNodeRed({
      dataDir: nodeRed.dataDir,
      env: {
        PORT: new URL(nodeRed.url).port,
        TPE_MQTT_PORT: String(nodeRed.mqttPort),
        TPE_ADMIN_PASSWORD: nodeRed.adminPassword,
        TPE_API_TOKEN: nodeRed.token,
        TPE_SIMULATED_GATEWAYS: '12',
      },
    });
    const login = await register('yard-2');
    await row('yard-2').getByText('Never seen').waitFor();
    const gateway = await connectGateway({ ...login, port: nodeRed.mqttPort });
    await row('yard-2').getByText('Online').waitFor();
    await gateway.leave();
    await row('yard-2').getByText('Offline').waitFor();
  });

  it('asks for the password again once signed out, in every tab', async () => {
    await page.getByRole('searchbox').fill('');
    await row('virtual-0001').waitFor();
    const other = await page.context().newPage();
    await other.goto(`${nodeRed.url}/dashboard/logout/`);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByLabel('Password').waitFor();
    await other.close();
    await page.getByLabel('Password').waitFor();
    await signIn(nodeRed.adminPassword);
    await row('virtual-0001').waitFor();
  });

  it('met no error in the browser', () => {
    expect(faults).to.deep.equal([]);
  });
});
