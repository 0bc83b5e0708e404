import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { RULE_KINDS } from '../../nodes/manager/alarms/alarm-kinds.js';
import type { AlarmRule } from '../../nodes/manager/alarms/alarm-rule.js';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { type EditorPage, openEditor } from '../support/editor-page.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';
import { restCaller } from '../support/rest-caller.js';

const NAME = '<img src=x onerror="window.hacked=1">';

describe('editor: the rules of alarms in tpe-server', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let editor: EditorPage;
  let page: Page;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ env: { TPE_SIMULATED_GATEWAYS: '0' } }),
      launchChromium(),
    ]);
    editor = await openEditor(browser, nodeRed);
    page = editor.page;
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor?.picture('alarm-rules-failed');
  });

  const row = (id: string) => page.locator(`.tpedm-rules tr[data-rule="${id}"]`);
  const form = () => page.locator('.tpedm-rule-form');
  const input = (key: string) => page.locator(`#tpe-server-rule-${key}`);
  async function open(server: string, tab = 'Alarms'): Promise<void> {
    await page.evaluate(`RED.editor.editConfig('', 'tpe-server', ${JSON.stringify(server)})`);
    await page.locator('#tpe-server-tabs').getByText(tab, { exact: true }).click();
  }
  async function close(): Promise<void> {
    await page.locator('#node-config-dialog-cancel').click();
    await page.locator('#tpe-server-tabs').waitFor({ state: 'detached' });
  }
  async function turned(id: string, isOn: boolean): Promise<void> {
    await row(id).locator('input').click();
    const tick = `document.querySelector('[data-rule="${id}"] input')`;
    await page.waitForFunction(`!${tick}.disabled && ${tick}.checked === ${isOn}`);
  }
  async function save(): Promise<void> {
    await page.locator('.tpedm-rule-save').click();
    await form().waitFor({ state: 'detached' });
  }
  /** As REST tells it, of which the editor knows nothing. */
  async function stored(id: string): Promise<AlarmRule | undefined> {
    const { data } = await restCaller(nodeRed).call('GET', '/api/alarm/rule');
    return (data as AlarmRule[]).find((rule) => rule.id === id);
  }

  it('are those of the running manager, in a table', async () => {
    await open('tpe-server-main');
    for (const kind of RULE_KINDS) await row(kind).waitFor();
    const offline = (await row('offline').locator('td').allTextContents()).map((text) => text.trim());
    expect(offline).to.deep.equal(['', 'gateway offline', 'warning', 'after 10 min', '30 s', '']);
    const disk = await row('disk-full').textContent();
    expect(disk).to.contain('from 90 %');
    expect(await row('certificate-ends').textContent()).to.contain('less than 30 days');
    // Those of the pack stay.
    expect(await page.locator('.tpedm-rule-remove').count()).to.equal(0);
    await editor.picture('tpe-server alarms');
  });

  it('are turned off and on, and changed in a form', async () => {
    await row('disk-full').locator('.tpedm-rule-change').click();
    await input('threshold').fill('80');
    // What is being entered stays.
    await turned('flapping', false);
    expect(await input('threshold').inputValue()).to.equal('80');
    await input('clearThreshold').fill('85');
    await page.locator('.tpedm-rule-save').click();
    await form().getByText('clearThreshold').waitFor();
    await input('clearThreshold').fill('');
    await input('severity').selectOption('critical');
    await input('delay').fill('1.5');
    await form().getByLabel('Unit: Raise after').selectOption('h');
    await input('repeat').fill('1');
    await form().getByLabel('Unit: Tell again every').selectOption('d');
    await editor.picture('tpe-server alarms form');
    await save();
    expect(await row('disk-full').textContent())
      .to.contain('from 80 %')
      .and.contain('after 90 min');
    expect(await stored('disk-full')).to.deep.include({
      ...{ severity: 'critical', threshold: 80, clearThreshold: null, delaySeconds: 5400 },
      ...{ repeatSeconds: 86_400, setBy: 'editor: admin' },
    });
    expect(await stored('flapping')).to.deep.include({ enabled: false, threshold: 6, clearThreshold: 3 });
    await turned('flapping', true);
  });

  it('are added for some gateways, and removed once that is confirmed', async () => {
    await page.getByRole('button', { name: 'New rule' }).click();
    await input('kind').selectOption('offline');
    await input('name').fill(NAME);
    await input('site').fill('Brea');
    await save();
    expect(await row('offline-2').textContent())
      .to.contain(NAME)
      .and.contain('Brea');
    expect(await stored('offline-2')).to.deep.include({
      ...{ name: NAME, kind: 'offline', filter: { site: 'Brea' }, isBuiltIn: false, delaySeconds: 600 },
    });
    await row('offline-2').locator('.tpedm-rule-remove').click();
    expect(await stored('offline-2')).to.not.equal(undefined);
    await page.locator('.tpedm-rule-sure').click();
    await row('offline-2').waitFor({ state: 'detached' });
    expect(await stored('offline-2')).to.equal(undefined);
    expect(await page.evaluate('window.hacked')).to.equal(undefined);
    await close();
  });

  it('are said to come with the deploy, where the server is not deployed yet', async () => {
    await page.evaluate(`RED.nodes.import([{ id: 'new-server', type: 'tpe-server', name: 'new' }])`);
    await open('new-server');
    await page.getByText('This one is not deployed yet').waitFor();
    expect(await page.locator('.tpedm-rules').isVisible()).to.equal(false);
    expect(await page.getByRole('button', { name: 'New rule' }).isVisible()).to.equal(false);
    await close();
  });

  it('had no fault of its own', () => {
    expect(editor.faults).to.deep.equal([]);
  });
});
