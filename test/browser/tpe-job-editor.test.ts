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

/** A value of each gateway where the catalogue has a number, and another one in the path. */
const METER = {
  ...{ ...STORED, id: 'meter-node', y: 200, requestBodyType: 'json', perTargetType: 'json' },
  operation: 'patch-modbusmaster-config-remote-devs-remotedevid-set-one-remote-device-tcp',
  params: [{ name: 'remoteDevId', type: 'str', value: '{{value.device}}' }],
  requestBody: '{"slaveId": "{{value.unit:number}}", "slaveIpaddr": "{{value.host}}"}',
  ...{ targets: '["meter-0001", "nobody"]', targetsType: 'json' },
  perTarget: JSON.stringify('clientid,device,unit,host\nmeter-0001,1,7,192.0.2.7\nnobody,1,8,192.0.2.8\n'),
};
const SIMULATOR = {
  ...{ id: 'simulator', type: 'tpe-simulator', z: 'tab', server: 'server', version: 1, count: '1' },
  ...{ names: 'meter', x: 300, y: 300, wires: [[]] },
};

describe('editor: tpe-job', () => {
  let nodeRed: NodeRedProcess;
  let browser: Browser;
  let editor: EditorPage;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    nodeRed = await startNodeRed({ flow: [...FLOW, STORED, METER, SIMULATOR] });
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
    await page.locator('.tpedm-operation', { hasText: 'Reboot the gateway now' }).first().click();
    await page.locator('#tpe-command-summary').getByText('Reboot the gateway now').first().waitFor();
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

  it('takes placeholders where the catalogue wants numbers, and marks what is none', async () => {
    const { page, picture, faults } = editor;
    await page.evaluate("RED.editor.edit(RED.nodes.node('meter-node'))");
    const below = page.locator('#tpe-command-faults');
    await page.locator('#tpe-command-preview', { hasText: '{{value.unit:number}}' }).waitFor();
    expect(await below.textContent()).to.equal('');
    const unit = page.locator('.tpedm-row[data-place="/requestBody/slaveId"]');
    const input = `$('.tpedm-row[data-place="/requestBody/slaveId"] .tpedm-value input').first()`;
    expect(await page.evaluate<string>(`${input}.typedInput('type')`)).to.equal('each');
    expect(await page.locator('#tpe-command-body-form .input-error').count()).to.equal(0);
    await picture('tpe-job-placeholders');
    // There is no such placeholder: it is a text, and no number.
    await page.evaluate(`${input}.typedInput('value', '{{valu.unit}}')`);
    await below.getByText('Errors: 1').waitFor();
    await unit.locator('.tpedm-fault', { hasText: /number/ }).waitFor();
    await page.locator('#node-dialog-cancel').click();
    await page.locator('#node-dialog-cancel').waitFor({ state: 'hidden' });
    expect(faults).to.deep.equal([]);
  });

  it('shows whom its job would reach, who is left out and why, and what each would get', async () => {
    const { page, picture, faults } = editor;
    await page.evaluate("RED.editor.edit(RED.nodes.node('meter-node'))");
    await page.locator('#tpe-job-preview').click();
    const state = page.locator('#tpe-job-preview-state');
    await state.getByText('1 of 2 gateways would be reached, 1 of them are online').waitFor();
    const answer = page.locator('#tpe-job-preview-answer');
    await answer.getByText('1 left out:').waitFor();
    const shown = await answer.textContent();
    expect(shown).to.contain('(nobody)').and.to.contain('PATCH /modbusmaster/config/remote-devs/1');
    expect(shown).to.contain('"slaveId":7').and.to.contain('"slaveIpaddr":"192.0.2.7"');
    await picture('tpe-job-preview');
    await page.evaluate("$('#node-input-targets').typedInput('type', 'msg')");
    await page.locator('#tpe-job-preview').click();
    await state.getByText('/targets').waitFor();
    await page.locator('#node-dialog-cancel').click();
    await page.locator('#node-dialog-cancel').waitFor({ state: 'hidden' });
    expect(faults).to.deep.equal([]);
  });
});
