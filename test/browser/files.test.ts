import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Dialog } from 'playwright-core';
import { CHROMIUM, launchChromium, PICTURES } from '../support/chromium.js';
import { type DashboardPage, openDashboard } from '../support/dashboard-page.js';
import { type NodeRedProcess, PROJECT_ROOT, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const TABLES = join(PROJECT_ROOT, 'test/fixtures/tables');

describe('dashboard: files of gateways and the passwords that come of them', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let admin: DashboardPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '2' } }),
      launchChromium(),
    ]);
    admin = await openDashboard(browser, nodeRed, {
      viewport: { width: 1280, height: 900 },
      colorScheme: 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await admin?.picture('files-failed');
  });

  const button = (name: string | RegExp) => admin.page.getByRole('button', { name });
  const unsaved = () => admin.page.locator('[data-saved=false]');
  const question = () => admin.page.locator('[data-leaving]');

  async function bring(name: string, buffer: Buffer): Promise<void> {
    await admin.open('register');
    await admin.page.getByRole('tab', { name: 'From file' }).click();
    await admin.page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer });
    await admin.page.locator('[data-preview]').waitFor();
  }

  async function savedFile(): Promise<string> {
    const download = admin.page.waitForEvent('download');
    await button('Save to file').click();
    return readFileSync(await (await download).path(), 'utf8');
  }

  async function goTo(page: string): Promise<void> {
    await admin.page.locator('.v-app-bar-nav-icon').click();
    await admin.page.locator('.v-navigation-drawer').getByText(page, { exact: true }).click();
  }

  it('shows how it read a file that is not UTF-8', async () => {
    await bring('excel-ansi.csv', readFileSync(join(TABLES, 'excel-ansi.csv')));
    await admin.page.getByText('1 of 1 rows can be imported; 1 warning.').waitFor();
    await admin.page
      .locator('[data-told=notes]')
      .getByText(/windows-1252/)
      .waitFor();
    await admin.page.getByRole('cell', { name: 'München' }).waitFor();
    await admin.picture('files-ansi');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
  });

  it('asks for the encoding where it is not sure, and imports what the person saw', async () => {
    await bring(
      'big5.csv',
      Buffer.concat([
        Buffer.from('clientid,site\r\nkao-1,'),
        Buffer.from('b0aab6af', 'hex'),
        Buffer.from('\r\n="0012345",\r\n=A1,\r\n'),
      ]),
    );
    await admin.page.getByText(/encoding of the file is uncertain/).waitFor();
    await admin.page.getByLabel(/Encoding used/).selectOption('gb18030');
    await admin.page.getByRole('cell', { name: '蔼动' }).waitFor();
    await admin.page.getByLabel(/Encoding used/).selectOption('big5');
    await admin.page.getByRole('cell', { name: '高雄' }).waitFor();
    await admin.page
      .locator('[data-told=notes] [data-line="3"]')
      .getByText('was read as "0012345"')
      .waitFor();
    await admin.page.locator('[data-told=faults] [data-line="4"]').getByText('is a formula').waitFor();
    await admin.picture('files-unsure');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
    await button('Import 2 gateways').click();
    await unsaved().waitFor();
    await admin.page.getByText('2 new passwords not saved yet').waitFor();
    await admin.picture('files-unsaved');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
  });

  it('asks who leaves before the passwords are saved: another page, another tab, reload and sign-out', async () => {
    await goTo('Gateways');
    await question().waitFor();
    await admin.picture('files-leaving');
    await question().getByRole('button', { name: 'Stay and save' }).click();
    await question().waitFor({ state: 'hidden' });
    await unsaved().waitFor();

    // The other half of the widget loses nothing, nor does what a deploy does: making it anew.
    await admin.page.getByRole('tab', { name: 'One gateway' }).click();
    await admin.page.getByRole('tab', { name: 'From file' }).click();
    await unsaved().waitFor();

    const asked: string[] = [];
    admin.page.removeAllListeners('dialog');
    admin.page.on('dialog', (dialog: Dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await admin.page.evaluate('location.reload()').catch(() => undefined);
    await expectAsked(asked, 1);
    await admin.page.locator('.tpe-account').click();
    await button(/^Sign out$/).click();
    await expectAsked(asked, 2);
    await admin.page.keyboard.press('Escape');
    await unsaved().waitFor();
  });

  async function expectAsked(asked: string[], times: number): Promise<void> {
    while (asked.length < times) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked).to.deep.equal(Array.from({ length: times }, () => 'beforeunload'));
  }

  it('gives all that is entered on the MQTT pages as a file, and then lets go', async () => {
    const file = await savedFile();
    const [header, ...rows] = file.replace(/\r\n$/, '').split('\r\n');
    expect(header).to.equal(
      '\ufeffclientid,username,password,host,port,tls,caCertificate,mqttVersion,requestTopic,responseTopic,qos,retain',
    );
    expect(rows).to.have.length(2);
    expect(rows[0]).to.match(
      new RegExp(
        `^kao-1,kao-1,[\\w-]{32},.+,${nodeRed.mqttPort},off,,3\\.1\\.1,/tpedm/kao-1/input,/tpedm/kao-1/output,1,off$`,
      ),
    );
    await admin.page.getByText('2 new passwords saved').waitFor();
    await admin.picture('files-saved');
    await goTo('Gateways');
    await admin.page.locator('tr[data-clientid=kao-1]').waitFor();
    expect(await question().count()).to.equal(0);
  });

  it('gives several gateways new passwords, in the same form', async () => {
    for (const clientid of ['kao-1', '0012345'])
      await admin.page.locator(`tr[data-clientid="${clientid}"] input`).check();
    await button('More').click();
    await button('Rotate passwords').click();
    const dialog = admin.page.getByRole('alertdialog');
    await dialog.getByRole('textbox').fill('2');
    await admin.picture('files-rotate');
    await dialog.getByRole('button', { name: 'Rotate passwords' }).click();
    await admin.page.getByText('2 new passwords not saved yet').waitFor();
    await admin.picture('files-rotated');
    expect(await admin.accessibilityFaults()).to.deep.equal([]);
    await button('Clear selection').click();
    await admin.page.locator('tr[data-clientid="kao-1"]').getByRole('link').click();
    await question().getByRole('button', { name: 'Stay and save' }).click();
    await button('Copy all').click();
    await admin.page.getByText('2 new passwords saved').waitFor();
    const copied = (await admin.page.evaluate('navigator.clipboard.readText()')) as string;
    expect(copied)
      .to.match(/^clientid,username,password,host/)
      .and.to.contain("\n'0012345,");
    await button('Clear this list').click();
    await admin.page.locator('[data-saved]').waitFor({ state: 'hidden' });
  });

  it('takes rows that are pasted, and leaves out what nobody sees in a name', async () => {
    await admin.open('register');
    await admin.page.locator('[name=clientid]').fill(' gw\u200b-9 ');
    await admin.page.locator('[data-cleaned]').getByText('gw-9').waitFor();
    await admin.page.getByRole('tab', { name: 'From file' }).click();
    await admin.page.getByText('Or paste rows').click();
    await admin.page
      .getByRole('textbox', { name: /Or paste rows/ })
      .fill('Client ID\tSite\tTags\npasted-1\tHall\ta, b\n');
    await button('Preview').click();
    await admin.page.getByRole('cell', { name: 'pasted-1', exact: true }).first().waitFor();
    await admin.page.locator('[data-told=notes]').getByText('"a" + "b"').waitFor();
    await admin.picture('files-pasted');
    expect(admin.faults).to.deep.equal([]);
  });
});
