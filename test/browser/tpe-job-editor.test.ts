import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { CHROMIUM, launchChromium } from '../support/chromium.js';
import { type EditorPage, openEditor } from '../support/editor-page.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

/** For Node-RED to fill in. */
const MQTT_PORT = ['$', '{TPE_MQTT_PORT}'].join('');
const FLOW = [
  { id: 'tab', type: 'tab', label: 'jobs' },
  { id: 'server', type: 'tpe-server', registry: 'embedded', broker: 'embedded', port: MQTT_PORT },
];
const STORED = {
  ...{
    id: 'job-node',
    type: 'tpe-job',
    z: 'tab',
    server: 'server',
    version: 1,
    action: 'start',
    work: 'command',
  },
  ...{ targets: '{"tag": "north"}', targetsType: 'json', requestBody: 'requestBody', requestBodyType: 'msg' },
  ...{ pathType: 'str', params: [], x: 300, y: 100, wires: [[], [], []] },
};

describe('editor: tpe-job', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let editor: EditorPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    nodeRed = await startNodeRed({ flow: [...FLOW, STORED] });
    browser = await launchChromium();
    editor = await openEditor(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  it('takes an operation of the catalogue as tpe-command does, and shows what belongs to what is done', async () => {
    const { page, picture, faults } = editor;
    await page.evaluate("RED.editor.edit(RED.nodes.node('job-node'))");
    await page.locator('#tpe-command-search').fill('reboot');
    await picture('tpe-job-picker');
    await page.locator('.tpedm-operation', { hasText: 'Reboot device now' }).first().click();
    await page.locator('#tpe-command-summary').getByText('Reboot device now').first().waitFor();
    await picture('tpe-job-operation');
    await page.locator('#node-input-work').selectOption('steps');
    await page.locator('#tpe-command-summary').waitFor({ state: 'hidden' });
    await picture('tpe-job-steps');
    await page.locator('#node-input-action').selectOption('pause');
    expect(await page.locator('#node-input-work').isVisible()).to.equal(false);
    await page.locator('#node-input-action').selectOption('start');
    await page.locator('#node-input-work').selectOption('command');
    await page.locator('#node-dialog-ok').click();
    await page.locator('#node-dialog-ok').waitFor({ state: 'hidden' });
    const operation = await page.evaluate<string>("RED.nodes.node('job-node').operation");
    expect(operation).to.contain('reboot');
    expect(faults).to.deep.equal([]);
  });
});
